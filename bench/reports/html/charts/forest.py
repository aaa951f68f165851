"""How many times as fast each case is as its baseline, with intervals and verdicts in words."""

from ....results.document import Results
from ..chart import Chart, Datum, Spec, span
from ..parts import computed, name, told

VERDICTS = ("faster", "slower", "same", "inconclusive", "inaccurate")
HOW = (
    "Each line is a runtime against the baseline of its panel: the dot is how many times as fast it "
    "is, the bar the 95 % interval of that ratio over processes. Right of 1 is faster. The grey band "
    "is the smallest difference that matters; a verdict needs the whole interval on one side of "
    "it. The verdict stands in words at the right: a runtime whose errors are over the budget is "
    "inaccurate, however fast it is."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where nothing was compared."""
    data: list[Datum] = []
    for place, row in enumerate(results.rows):
        found = row.versus
        if found is None or found.ratio is None or found.low is None or found.high is None:
            continue
        data.append(
            {
                "row": place,
                "baseline": found.baseline,
                "speed": 1 / found.ratio,
                "low": 1 / found.high,
                "high": 1 / found.low,
                "verdict": found.verdict or "inconclusive",
            }
        )
    if not data:
        return None
    return Chart(
        key="speed",
        title="How many times as fast",
        how=HOW,
        data=data,
        spec=forest_spec(data, results.settings.min_effect, "times as fast as the baseline"),
    )


def forest_spec(data: list[Datum], min_effect: float, title: str) -> Spec:
    """Return the specification for data with speed, low, high, verdict and runtime."""
    ends = [datum[end] for datum in data for end in ("low", "high")]
    domain = span([*ends, 1 / (1 + min_effect), 1 + min_effect])
    x = {
        "field": "speed",
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "domain": domain, "nice": False},
        "axis": {"labelExpr": "times(datum.value)", "tickCount": 4},
    }
    verdict = {
        "field": "verdict",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(VERDICTS), "range": "@verdicts"},
    }
    full = {"y": {"value": 0}, "y2": {"value": "height"}}
    return {
        "height": {"step": 40},
        "transform": computed(
            words="times(datum.speed) + '\u2009x  [' + times(datum.low) + ', ' + times(datum.high) + ']  '"
            " + datum.verdict"
        ),
        "encoding": {
            "y": name("runtime", axis=None),
            "tooltip": told(runtime="runtime", ratio="words"),
        },
        "layer": [
            {
                "mark": {"type": "rect", "style": "band"},
                "encoding": {
                    "x": {"datum": 1 / (1 + min_effect)},
                    "x2": {"datum": 1 + min_effect},
                    **full,
                },
            },
            {"mark": {"type": "rule", "style": "one"}, "encoding": {"x": {"datum": 1}, **full}},
            {
                "mark": {"type": "rule", "strokeWidth": 3, "yOffset": 9},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": verdict},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "yOffset": 9, "opacity": 1},
                "encoding": {"x": x, "color": verdict},
            },
            {
                "mark": {"type": "text", "align": "left", "yOffset": -9, "style": "strong"},
                "encoding": {"x": {"value": 0}, "text": {"field": "runtime"}},
            },
            {
                "mark": {"type": "text", "align": "right", "yOffset": -9},
                "encoding": {"x": {"value": "width"}, "text": {"field": "words"}},
            },
        ],
    }
