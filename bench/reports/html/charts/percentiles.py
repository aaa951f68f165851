"""Latency under load: percentile by percentile."""

from ....results.document import Results
from ...loads import load_name
from ..chart import Chart, Datum, runtimes
from ..parts import SECONDS, colour, computed, log, name, shape, told

HOW = (
    "Half of the requests were answered within p50, 99 of 100 within p99, and so on; "
    "percentiles stand only where there were enough requests for them. A line that rises "
    "steeply to the right has a long tail. In an open loop (poisson) time counts from when a "
    "request was due, so that waiting is part of it; a closed loop sends the next request "
    "when the last is answered."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where nothing was measured under load."""
    data: list[Datum] = []
    for place, row in enumerate(results.rows):
        for load in row.load:
            known = {"p50": load.median_s, **(load.percentiles_s or {})}
            data += [
                {
                    "row": place,
                    "panel": f"{row.group}, {load_name(load)}",
                    "percentile": percentile,
                    "value": value,
                    "overloaded": bool(load.overloaded),
                }
                for percentile, value in known.items()
                if value
            ]
    if not data:
        return None
    labels = runtimes(results)
    order = sorted({str(each["percentile"]) for each in data}, key=lambda p: float(p[1:]))
    x = {
        "field": "percentile",
        "type": "ordinal",
        "sort": order,
        "title": "percentile",
        "axis": {"labelAngle": 0},
    }
    y = log("value", "latency", SECONDS, "y")
    return Chart(
        key="percentiles",
        title="Latency under load",
        how=HOW,
        data=data,
        panel="panel",
        legend=labels,
        shapes=True,
        spec={
            "height": 180,
            "transform": computed(
                words="seconds(datum.value)", kept="datum.overloaded ? 'no: overloaded' : 'yes'"
            ),
            "encoding": {
                "x": x,
                "y": y,
                "color": colour(labels),
                "tooltip": told(
                    runtime="runtime", percentile="percentile", latency="words", kept_up="kept"
                ),
            },
            "layer": [
                {
                    "mark": {"type": "line", "strokeWidth": 1.5},
                    "encoding": {"detail": name("runtime")},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                    "encoding": {"shape": shape(labels)},
                },
            ],
        },
    )
