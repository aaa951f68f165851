"""How much is computed in a second, over each axis, with intervals."""

from ....results.document import Results, Row
from ..axes import along_axes, items
from ..chart import Chart, runtimes
from ..parts import RATE
from .latency import over_axis

HOW = (
    "Items (rows of the batch) or runs in a second, one call after the other, over an axis. "
    "Where a line is level, a larger size gains nothing more. Bars are 95 % intervals. Higher "
    "is better."
)


def chart(results: Results) -> Chart | None:
    """Return the chart, None where no axis varies."""
    data = [
        {
            "row": point.place,
            "panel": f"{point.model} over {point.axis}, {_unit(point.row)} per second",
            "at": point.at,
            "series": point.series,
            "runtime": point.runtime,
            **_rates(point.row, point.row.median_s),
        }
        for point in along_axes(results)
        if point.row.median_s is not None
    ]
    if not data:
        return None
    labels = list(dict.fromkeys([*runtimes(results), *(str(each["runtime"]) for each in data)]))
    words = "rate(datum.value) + between(datum.low, datum.high, 'rate')"
    return Chart(
        key="throughput",
        title="Throughput by size",
        how=HOW,
        data=data,
        panel="panel",
        legend=labels,
        shapes=True,
        spec=over_axis(labels, "per second", RATE, words),
    )


def _unit(row: Row) -> str:
    return "items" if items(row) else "runs"


def _rates(row: Row, median_s: float) -> dict[str, float | None]:
    """Return the rate and its interval: its ends are those of the time, the other way round."""
    count = items(row) or 1
    low, high = row.interval_s or (None, None)
    return {
        "value": count / median_s,
        "low": count / high if high else None,
        "high": count / low if low else None,
    }
