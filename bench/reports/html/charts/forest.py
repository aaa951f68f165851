"""How many times as fast each case is as another, with intervals and verdicts in words."""

from collections.abc import Iterable
from typing import Any

from ....results.conclusion import Conclusion, Pair
from ....results.document import Results, Row
from ....results.words import factor
from ..chart import Chart, Datum, Spec
from ..parts import TIMES, computed, log, name, told

VERDICTS = ("faster", "slower", "same", "inconclusive", "wrong", "inaccurate", "failed")
HOW = (
    "Each line is a runtime against the one that its panel names, the first of the run unless "
    "another is chosen: the dot is how many times as fast it is, the bar the 95 % interval of "
    "that ratio over processes. Right of 1x is faster. The grey band is the smallest "
    "difference that matters; a verdict needs the whole interval on one side of it. The "
    "verdict stands in words at the right: a runtime whose errors are over the budget is "
    "wrong, however fast it is."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where nothing was compared."""
    rows = {(row.group, row.label): (place, row) for place, row in enumerate(results.rows)}
    data = [datum for found in results.conclusions for datum in _group(found, rows)]
    if not data:
        return None
    return Chart(
        key="speed",
        title="Speed compared",
        how=HOW,
        data=data,
        panel="panel",
        against=True,
        spec=forest_spec(results.settings.min_effect, "times as fast"),
    )


def _group(found: Conclusion, rows: dict[tuple[str, str], tuple[int, Row]]) -> Iterable[Datum]:
    """Yield every ordered pair of a group, in the order of its rows."""
    labels = [label for group, label in rows if group == found.group]
    for other in labels:
        for label in labels:
            pair = found.between(label, other) if label != other else None
            if pair is None:
                continue
            place, row = rows[found.group, label]
            verdict = "wrong" if row.inaccurate else pair.verdict
            yield {
                "row": place,
                "against": other,
                "panel": f"{found.group}, against {other}",
                **_numbers(pair, verdict),
            }


def _numbers(pair: Pair, verdict: str) -> dict[str, Any]:
    value, interval = factor(pair.times_as_fast, pair.low, pair.high)
    return {
        "speed": pair.times_as_fast,
        "low": pair.low,
        "high": pair.high,
        "verdict": verdict,
        "ratio": f"{value} {interval}",
    }


def forest_spec(min_effect: float, title: str) -> Spec:
    """Return the specification for data with speed, low, high, ratio, verdict and runtime.

    The page sets the signal ``extent`` to what all panels need together.
    """
    edges = (1 / (1 + min_effect), 1 + min_effect)
    x = log("speed", title, {**TIMES, "grid": False}, "x", padding=14)
    x["scale"] |= {"domainMin": {"expr": "extent[0]"}, "domainMax": {"expr": "extent[1]"}}
    verdict = {
        "field": "verdict",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(VERDICTS), "range": "@verdicts"},
    }
    lower = {"height": 18, "yOffset": 9}
    return {
        "params": [{"name": "extent", "value": edges}],
        "height": {"step": 40},
        "transform": computed(words="datum.ratio + '  ' + datum.verdict"),
        "encoding": {
            "y": name("runtime", axis=None),
            "tooltip": told(runtime="runtime", times_as_fast="ratio", verdict="verdict"),
        },
        "layer": [
            {
                "mark": {"type": "bar", "color": "@soft", "opacity": 0.18, **lower},
                "encoding": {"x": {"datum": edges[0]}, "x2": {"datum": edges[1]}},
            },
            {
                "mark": {"type": "bar", "color": "@soft", **lower},
                "encoding": {"x": {"datum": 0.999}, "x2": {"datum": 1.001}},
            },
            {
                "mark": {"type": "text", "align": "left", "yOffset": -9, "fontWeight": 600},
                "encoding": {"x": {"value": 0}, "text": {"field": "runtime"}},
            },
            {
                "mark": {"type": "text", "align": "right", "yOffset": -9},
                "encoding": {"x": {"value": "width"}, "text": {"field": "words"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 3, "yOffset": 9},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": verdict},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "yOffset": 9, "opacity": 1},
                "encoding": {"x": x, "color": verdict},
            },
        ],
    }
