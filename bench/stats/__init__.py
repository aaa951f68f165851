"""Statistics of latency: pure functions of the samples, each with its formula and source.

The unit of replication is the process: one process gives one median, and verdicts compare the
medians of processes, never single calls.
"""

from .quantiles import median_interval, quantile_interval, smallest_sample, supported_percentiles
from .ratio import Ratio, independent_ratio, paired_ratio, scatter
from .verdict import Outcome, break_even, judge

__all__ = [
    "Outcome",
    "Ratio",
    "break_even",
    "independent_ratio",
    "judge",
    "median_interval",
    "paired_ratio",
    "quantile_interval",
    "scatter",
    "smallest_sample",
    "supported_percentiles",
]
