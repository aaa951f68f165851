"""The processes of two cases, paired by round."""

from collections.abc import Mapping

from ..stats import Ratio, paired_ratio
from .measured import Process

Done = Mapping[tuple[str, int], Process]
"""Case and round to the process that ran."""


def medians(case_id: str, done: Done) -> dict[int, float]:
    """Return the median seconds of each round's process that succeeded."""
    return {
        number: process.result.steady_run.median_s
        for (identity, number), process in done.items()
        if identity == case_id and process.status == "ok" and process.result is not None
    }


def ratio_between(case_id: str, baseline_id: str, done: Done) -> Ratio | None:
    """Return the paired ratio over the rounds that both finished, None below three of them."""
    mine, theirs = medians(case_id, done), medians(baseline_id, done)
    rounds = sorted(mine.keys() & theirs.keys())
    if len(rounds) < 3:
        return None
    return paired_ratio([mine[n] for n in rounds], [theirs[n] for n in rounds])
