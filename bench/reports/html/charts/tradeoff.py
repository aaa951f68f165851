"""Speed against accuracy, the cases that no other beats in both, and the error budget."""

from collections.abc import Sequence
from typing import Any

from ....results.document import Results
from ..chart import Chart, budget, measured, runtimes
from ..parts import POWERS, SECONDS, colour, computed, log, name, shape, told

SMALLEST = 1e-18
"""Where no error at all is drawn: the scale is logarithmic."""
HOW = (
    "Each sign is a runtime: to the left is faster, downwards is more accurate. The stepped "
    "line joins those within the budget that no other beats in both (the Pareto front): every "
    "choice off it is worse than one on it. Above the dashed line errors are over the budget."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no case has both a time and an error."""
    points = [
        {
            "row": place,
            "group": row.group,
            "time": time,
            "error": max(row.accuracy.max_abs, SMALLEST),
            "budget": budget(results, row),
            "wrong": row.inaccurate,
        }
        for place, row, time in measured(results)
        if row.accuracy is not None and row.accuracy.max_abs is not None
    ]
    if not points:
        return None
    groups = dict.fromkeys(point["group"] for point in points)
    right = [point for point in points if not point["wrong"]]
    fronts = [_front([point for point in right if point["group"] == group]) for group in groups]
    best = {id(point) for front in fronts for point in front}
    labels = runtimes(results)
    x = log("time", "time of a run", SECONDS, "x", padding=16)
    y = log("error", "largest error", POWERS, "y")
    signs = {"color": colour(labels), "shape": shape(labels)}
    on_front = {"filter": "datum.front"}
    return Chart(
        key="tradeoff",
        title="Speed and accuracy",
        how=HOW,
        data=[
            {
                **{k: v for k, v in point.items() if k not in ("group", "wrong")},
                "front": id(point) in best,
            }
            for point in points
        ],
        legend=labels,
        shapes=True,
        spec={
            "height": 190,
            "transform": computed(
                time_words="seconds(datum.time)",
                error_words=f"datum.error > {SMALLEST} ? exponential(datum.error) : 'exact'",
            ),
            "encoding": {
                "tooltip": told(runtime="runtime", time="time_words", largest_error="error_words")
            },
            "layer": [
                {
                    "transform": [
                        {"aggregate": [{"op": "max", "field": "budget", "as": "limit"}]},
                        {"filter": "datum.limit > 0"},
                    ],
                    "mark": {
                        "type": "rule",
                        "color": "@bad",
                        "strokeDash": [5, 4],
                        "strokeWidth": 1.5,
                    },
                    "encoding": {"y": {**y, "field": "limit"}, "tooltip": {"value": None}},
                },
                {
                    "transform": [on_front],
                    "mark": {"type": "line", "interpolate": "step-after", "color": "@soft"},
                    "encoding": {
                        "x": x,
                        "y": y,
                        "order": {"field": "time"},
                        "tooltip": {"value": None},
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                    "encoding": {"x": x, "y": y, **signs, "detail": name("runtime")},
                },
            ],
        },
    )


def _front(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the points that none beats in time and error, the fastest first."""
    front: list[dict[str, Any]] = []
    for point in sorted(points, key=lambda each: (each["time"], each["error"])):
        if not front or point["error"] < front[-1]["error"]:
            front.append(point)
    return front
