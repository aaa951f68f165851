"""The median of every process, round by round."""

from ....results.document import Results
from ..chart import Chart, runtimes
from ..parts import SECONDS, colour, computed, log, name, shape, told

HOW = (
    "Each point is one process: the median of its runs. All cases of a panel run once in "
    "every round, so what disturbs the machine moves them alike. A line that drifts, or two "
    "levels of one runtime, mean that the machine was not steady. Framed points are doubtful: "
    "something else was going on meanwhile."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no process succeeded."""
    places = {row.id: place for place, row in enumerate(results.rows)}
    data = [
        {
            "row": places[process.case],
            "round": process.round + 1,
            "value": process.result.steady_run.median_s,
            "flags": ", ".join(process.flags),
        }
        for process in results.processes
        if process.result is not None and process.status == "ok" and process.case in places
    ]
    if not data:
        return None
    labels = runtimes(results)
    x = {
        "field": "round",
        "type": "quantitative",
        "title": "round",
        "axis": {"tickMinStep": 1, "format": "d"},
        "scale": {"zero": False, "nice": False, "padding": 8},
    }
    y = log("value", "time of a run", SECONDS, "y")
    return Chart(
        key="rounds",
        title="Rounds",
        how=HOW,
        data=data,
        legend=labels,
        shapes=True,
        spec={
            "height": 180,
            "transform": computed(words="seconds(datum.value)", doubt="datum.flags || 'none'"),
            "encoding": {
                "x": x,
                "y": y,
                "tooltip": told(runtime="runtime", round="round", median="words", doubts="doubt"),
            },
            "layer": [
                {
                    "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.6},
                    "encoding": {"color": colour(labels), "detail": name("runtime")},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 36, "opacity": 1},
                    "encoding": {"color": colour(labels), "shape": shape(labels)},
                },
                {
                    "transform": [{"filter": "datum.flags"}],
                    "mark": {
                        "type": "point",
                        "shape": "circle",
                        "filled": False,
                        "size": 130,
                        "color": "@soft",
                        "strokeWidth": 1,
                    },
                },
            ],
        },
    )
