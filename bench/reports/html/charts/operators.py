"""Where the time goes: operators of a case, the slowest first."""

import math
from collections import Counter

from ....results.document import Results, Row
from ..chart import Chart, Datum, runtimes
from ..parts import SECONDS, colour, computed, name, number, told

MOST = 8
"""Operators shown of a case; the rest stand together as one."""
HOW = (
    "The time of all nodes of an operator in one run, from the runtime's own profile of a "
    "separate process; profiling makes runs a little slower. Bars of one operator stand side "
    "by side, one for each runtime."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where nothing was profiled."""
    data: list[Datum] = [
        {"row": place, "op": op, "value": seconds, "share": share}
        for place, row in enumerate(results.rows)
        for op, seconds, share in _slowest(row)
    ]
    if not data:
        return None
    labels = runtimes(results)
    order = {"field": "value", "op": "max", "order": "descending"}
    return Chart(
        key="operators",
        title="Operators",
        how=HOW,
        data=data,
        legend=labels,
        spec={
            "height": {"step": 11},
            "transform": computed(words="seconds(datum.value)", part="format(datum.share, '.0%')"),
            "mark": {"type": "bar", "cornerRadiusEnd": 2},
            "encoding": {
                "y": {**name("op", title=None), "sort": order, "scale": {"paddingInner": 0.35}},
                "yOffset": name("runtime"),
                "x": number("value", "time in a run", SECONDS, zero=True),
                "color": colour(labels),
                "tooltip": told(
                    runtime="runtime", operator="op", time="words", of_all_nodes="part"
                ),
            },
        },
    )


def _slowest(row: Row) -> list[tuple[str, float, float]]:
    """Return operator, seconds and part of the whole, the slowest first."""
    times: Counter[str] = Counter()
    for node in row.profile or ():
        times[node.op] += node.seconds  # type: ignore[assignment]
    total = math.fsum(times.values())
    if not total:
        return []
    ranked = times.most_common()
    rest = math.fsum(seconds for _, seconds in ranked[MOST:])
    kept = [*ranked[:MOST], *([("others", rest)] if rest else [])]
    return [(op, seconds, seconds / total) for op, seconds in kept]
