"""The report's charts: one file each, with one function from results to a chart or None."""

from collections.abc import Callable

from ....results.document import Results
from ..chart import Chart
from . import (
    clients,
    cold,
    errors,
    forest,
    latency,
    operators,
    percentiles,
    roof,
    rounds,
    throughput,
    tradeoff,
)

CHARTS: tuple[Callable[[Results], Chart | None], ...] = (
    forest.chart,
    latency.chart,
    throughput.chart,
    errors.chart,
    tradeoff.chart,
    percentiles.chart,
    clients.chart,
    cold.chart,
    operators.chart,
    roof.chart,
    rounds.chart,
)
"""In the order of the page; a chart is None where the results have nothing for it."""
