"""The roofline: how near each case comes to what its machine can do at most."""

from collections.abc import Iterable

from ....results.document import Results, Row
from ....results.roofline import Roofline, roofline
from ..chart import Chart, Datum, runtimes
from ..parts import COUNT, RATE, colour, computed, log, name, shape, told

HOW = (
    "Over how many operations a model does for each byte that it moves: the operations a "
    "second that it reaches, and the most that the machine reached in any runtime (the roof): "
    "its bandwidth on the left, its arithmetic on the right. Far below the roof, calls and "
    "not computing take the time. Operations are counted from the model and are a lower "
    "bound."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where operations or peaks are not known."""
    points = list(_points(results))
    if not points:
        return None
    panels = dict.fromkeys(panel for panel, *_ in points)
    data: list[Datum] = []
    for panel in panels:
        mine = [(place, x, y, roof) for where, place, x, y, roof in points if where == panel]
        data += _roof(panel, mine[0][0], mine[0][3], [x for _, x, _, _ in mine])
        data += [
            {"row": place, "panel": panel, "x": x, "y": y, "is": "case"} for place, x, y, _ in mine
        ]
    labels = runtimes(results)
    x = log("x", "operations per byte", COUNT, "x")
    y = log("y", "operations per second", RATE, "y")
    return Chart(
        key="roofline",
        title="Roofline",
        how=HOW,
        data=data,
        panel="panel",
        legend=labels,
        shapes=True,
        widest=720,
        spec={
            "height": 260,
            "transform": computed(words="rate(datum.y)"),
            "encoding": {
                "x": x,
                "y": y,
                "tooltip": told(model_and_shape="group", runtime="runtime", operations="words"),
            },
            "layer": [
                {
                    "transform": [{"filter": "datum.is === 'roof'"}],
                    "mark": {"type": "line", "color": "@text", "strokeWidth": 1.5},
                    "encoding": {"order": {"field": "x"}, "tooltip": {"value": None}},
                },
                {
                    "transform": [{"filter": "datum.is === 'case'"}],
                    "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.85},
                    "encoding": {
                        "color": colour(labels),
                        "shape": shape(labels),
                        "detail": name("group"),
                    },
                },
            ],
        },
    )


def _points(results: Results) -> Iterable[tuple[str, int, float, float, Roofline]]:
    """Yield panel, place, operations per byte, operations per second and the roof of a case."""
    for place, row in enumerate(results.rows):
        counted = results.counts.get(row.group)
        roof = roofline(row, results.peaks)
        if row.limits is None or counted is None or not (counted.flops and counted.bytes):
            continue
        if roof.flops_per_s and roof.bytes_per_s and row.limits.flops_per_s:
            yield _panel(row), place, counted.flops / counted.bytes, row.limits.flops_per_s, roof


def _panel(row: Row) -> str:
    threads = "threads as the runtime likes" if row.threads is None else f"{row.threads} threads"
    return f"{row.device}, {threads}"


def _roof(panel: str, place: int, roof: Roofline, intensities: list[float]) -> list[Datum]:
    """Return the corners of the roof: ``min(arithmetic, bandwidth * operations per byte)``."""
    assert roof.flops_per_s
    assert roof.bytes_per_s
    ridge = roof.flops_per_s / roof.bytes_per_s
    ends = (min(*intensities, ridge) / 2, ridge, max(*intensities, ridge) * 2)
    return [
        {
            "row": place,
            "panel": panel,
            "x": x,
            "y": min(roof.flops_per_s, roof.bytes_per_s * x),
            "is": "roof",
        }
        for x in ends
    ]
