"""The time of a run over each axis, with intervals."""

from ....results.document import Results
from ..axes import along_axes
from ..chart import Chart, Spec, runtimes
from ..parts import COUNT, SECONDS, colour, computed, log, name, shape, told

HOW = (
    "The time of one run over an axis, both scales logarithmic: a straight line upwards is "
    "time in proportion to the size. Points are medians over processes, bars their 95 % "
    "intervals. Lower is better."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no axis varies."""
    data = [
        {
            "row": point.place,
            "panel": f"{point.model} over {point.axis}",
            "at": point.at,
            "series": point.series,
            "runtime": point.runtime,
            "value": point.row.median_s,
            "low": (point.row.interval_s or (None, None))[0],
            "high": (point.row.interval_s or (None, None))[1],
        }
        for point in along_axes(results)
        if point.row.median_s is not None
    ]
    if not data:
        return None
    labels = list(dict.fromkeys([*runtimes(results), *(str(each["runtime"]) for each in data)]))
    words = "seconds(datum.value) + between(datum.low, datum.high, 'seconds')"
    return Chart(
        key="latency",
        title="Time by size",
        how=HOW,
        data=data,
        panel="panel",
        legend=labels,
        shapes=True,
        spec=over_axis(labels, "time of a run", SECONDS, words),
    )


def over_axis(labels: list[str], title: str, axis: dict[str, object], words: str) -> Spec:
    """Return lines over ``at`` with error bars, for data with value, low, high and series."""
    y = log("value", title, axis, "y")
    x = log("at", "size", {**COUNT, "grid": False}, "x", padding=12)
    x["axis"]["values"] = {"expr": "sizes"}
    signs = {"color": colour(labels), "shape": shape(labels)}
    return {
        "params": [{"name": "sizes", "value": []}],
        "height": 220,
        "transform": computed(words=words),
        "encoding": {"x": x, "tooltip": told(runtime="series", size="at", value="words")},
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 1.5},
                "encoding": {"y": y, "color": colour(labels), "detail": name("series")},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.55},
                "encoding": {
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "color": colour(labels),
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {"y": y, **signs},
            },
        ],
    }
