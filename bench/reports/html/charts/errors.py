"""The largest error of each net on each runtime, as colours."""

from ....results.document import Results
from ..chart import Chart
from ..parts import computed, name, told

SMALLEST = 1e-18
"""Where no error at all has its colour: a logarithm needs more than 0."""
HOW = (
    "The largest absolute difference of any output from the float64 reference, over all "
    "shapes of a model; the scale is logarithmic, and a stronger colour is a larger error. A "
    "frame and a cross mark errors over the budget. 'exact' means no difference at all, an "
    "empty place that nothing was judged."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no error is known."""
    data = [
        {
            "row": place,
            "error": row.accuracy.max_abs,
            "over": row.accuracy.passed is False,
        }
        for place, row in enumerate(results.rows)
        if row.accuracy is not None and row.accuracy.max_abs is not None
    ]
    if not data:
        return None
    cell = {
        "x": name(
            "runtime",
            axis={"orient": "top", "title": None, "labelAngle": 0, "domain": False, "ticks": False},
        ),
        "y": name("model", title=None),
    }
    worst = {
        "aggregate": [
            {"op": "max", "field": "error", "as": "error"},
            {"op": "max", "field": "over", "as": "over"},
        ],
        "groupby": ["model", "runtime"],
    }
    fill = {
        "field": "shown",
        "type": "quantitative",
        "scale": {"type": "log", "range": "@heat", "interpolate": "lab"},
        "legend": None,
    }
    return Chart(
        key="errors",
        title="Errors",
        how=HOW,
        data=data,
        panel=None,
        widest=180 + 120 * len({row.label for row in results.rows}),
        spec={
            "height": {"step": 30},
            "transform": [
                worst,
                *computed(
                    shown=f"max(datum.error, {SMALLEST})",
                    words="exactly(datum.error) + (datum.over ? ' \u2715' : '')",
                    verdict="datum.over ? 'over the budget' : 'within the budget'",
                ),
            ],
            "encoding": {
                **cell,
                "tooltip": told(
                    model="model", runtime="runtime", largest_error="words", verdict="verdict"
                ),
            },
            "layer": [
                {
                    "mark": {"type": "rect", "stroke": "@ground", "strokeWidth": 2},
                    "encoding": {"color": fill},
                },
                {
                    "transform": [{"filter": "datum.over"}],
                    "mark": {"type": "rect", "fill": None, "stroke": "@bad", "strokeWidth": 2.5},
                },
                {
                    "mark": {"type": "text", "fontWeight": 600},
                    "encoding": {"text": {"field": "words"}},
                },
            ],
        },
    )
