"""The time of each case over a series of runs."""

from ....results.document import Results
from ....results.series import Series
from ..chart import Chart, Datum, runtimes
from ..parts import SECONDS, colour, computed, log, name, shape, told

HOW = (
    "The median of each run of the benchmark, in the order in which the runs were given, with "
    "its 95 % interval. Whole runs differ by more than their intervals say, because "
    "temperature, memory layout and neighbours change between them: believe steps that stay, "
    "not single points."
)


def trend(series: Series, last: Results) -> Chart:
    """Return the chart; its data belong to the rows of the last run."""
    places = {row.id: place for place, row in enumerate(last.rows)}
    data: list[Datum] = [
        {
            "row": places[case.id],
            "run": series.runs[point.run],
            "value": point.median_s,
            "low": (point.interval_s or (None, None))[0],
            "high": (point.interval_s or (None, None))[1],
            "verdict": point.verdict or "first run",
        }
        for case in series.cases
        for point in case.points
    ]
    labels = runtimes(last)
    y = log("value", "time of a run", SECONDS, "y")
    angle = 0 if max(map(len, series.runs)) * len(series.runs) < 36 else -35
    runs = {"type": "nominal", "field": "run", "sort": list(series.runs), "title": None}
    words = "seconds(datum.value) + between(datum.low, datum.high, 'seconds')"
    return Chart(
        key="trend",
        title="Over the runs",
        how=HOW,
        data=data,
        legend=labels,
        shapes=True,
        spec={
            "height": 190,
            "transform": computed(words=words),
            "encoding": {
                "x": {**runs, "axis": {"labelAngle": angle, "labelLimit": 110}},
                "color": colour(labels),
                "tooltip": told(runtime="runtime", run="run", time="words", verdict="verdict"),
            },
            "layer": [
                {
                    "mark": {"type": "line", "strokeWidth": 1.5},
                    "encoding": {"y": y, "detail": name("runtime")},
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.55},
                    "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                    "encoding": {"y": y, "shape": shape(labels)},
                },
            ],
        },
    )
