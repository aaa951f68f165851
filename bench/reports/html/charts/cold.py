"""The cold path: from the start of a process to its first result, part by part."""

from ....results.document import Results
from ..chart import Chart, Datum
from ..parts import SECONDS, colour, computed, name, number, told

PARTS = ("import", "session", "first run")
HOW = (
    "What a new process waits for before its first result: importing the library, reading the "
    "model and creating the session, the first run. Medians over processes. Behind the "
    "runtime's name stands the sum, and after how many runs it runs at its steady pace."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no start was timed."""
    data: list[Datum] = []
    for place, row in enumerate(results.rows):
        if row.cold_s is None:
            continue
        waits = row.calls_until_steady
        told_waits = "" if waits is None else f", steady after {waits:.0f} runs"
        parts = (row.import_s, row.session_s, row.first_run_s)
        data += [
            {
                "row": place,
                "part": part,
                "order": order,
                "value": value,
                "sum": row.cold_s,
                "waits": told_waits,
            }
            for order, (part, value) in enumerate(zip(PARTS, parts, strict=True))
        ]
    if not data:
        return None
    return Chart(
        key="cold",
        title="Cold start",
        how=HOW,
        data=data,
        legend=PARTS,
        spec={
            "height": {"step": 40},
            "transform": computed(
                words="seconds(datum.value)", all="seconds(datum.sum) + datum.waits"
            ),
            "encoding": {"y": name("runtime", axis=None)},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 12, "yOffset": 9},
                    "encoding": {
                        "x": {
                            **number("value", "time until the first result", SECONDS, zero=True),
                            "stack": "zero",
                        },
                        "color": colour(PARTS, "part"),
                        "order": {"field": "order"},
                        "tooltip": told(runtime="runtime", part="part", time="words", in_all="all"),
                    },
                },
                {
                    "transform": [{"filter": "datum.order === 0"}],
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "yOffset": -9,
                        "fontWeight": 600,
                        "limit": {"expr": "max(width - 185, 60)"},  # the sum stands at the right
                    },
                    "encoding": {"x": {"value": 0}, "text": {"field": "runtime"}},
                },
                {
                    "transform": [{"filter": "datum.order === 0"}],
                    "mark": {"type": "text", "align": "right", "yOffset": -9},
                    "encoding": {"x": {"value": "width"}, "text": {"field": "all"}},
                },
            ],
        },
    )
