"""Which process runs next: balanced random rounds, until the intervals are narrow enough."""

import math
from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np

from ..plan.cases import Case, Group
from ..plan.settings import Settings
from ..results.pairs import Done, medians, ratio_between
from ..stats import Ratio, scatter
from ..stats.verdict import FEWEST_PAIRS


def order(group: Group, round_number: int, seed: int) -> tuple[Case, ...]:
    """Return the cases in the order of one round.

    Even rounds draw a random order and odd ones reverse the one before (A B B A), so that a
    drift of the machine's speed meets every case alike.
    """
    random = np.random.default_rng(
        [seed, round_number // 2, *group.id.encode("utf-8", "surrogatepass")]
    )
    cases = tuple(group.cases[index] for index in random.permutation(len(group.cases)))
    return cases[::-1] if round_number % 2 else cases


def failed(case: Case, done: Done) -> bool:
    """Say whether a process of the case has failed; it is then not run again."""
    return any(
        identity == case.id and process.status != "ok" for (identity, _), process in done.items()
    )


def finished(group: Group, done: Done, rounds: int, settings: Settings) -> bool:
    """Say whether a group needs no further round after `rounds` of them.

    At least ``settings.rounds`` are run. Then it ends when the intervals of all ratios to the first
    runtime and to the quickest, or that of a single runtime's time, are narrow enough, when
    the time budget is spent, or at ``settings.max_rounds``. The stop rule looks at widths
    only: runs that stopped at the first verdict would find differences where there are none.
    """
    if rounds < settings.rounds:
        return False
    spent = math.fsum(process.wall_s for process in done.values())
    if rounds >= settings.max_rounds or spent >= settings.time_budget_s:
        return True
    # An odd round ends a pair of orders; stopping between the two would not be balanced.
    return rounds % 2 == 0 and all(
        narrow(ratio, settings.min_effect) for ratio in _ratios(group.cases, done)
    )


def narrow(ratio: Ratio, min_effect: float) -> bool:
    """Say whether an interval is as narrow as asked.

    Its half-width is at most half the smallest effect, or a tenth of the (log) ratio where that
    is more: nobody needs a threefold difference to one per cent.
    """
    asked = max(math.log1p(min_effect) / 2, abs(math.log(ratio.value)) / 10)
    return ratio.half_width <= asked


def _ratios(cases: Sequence[Case], done: Done) -> Iterable[Ratio]:
    """Yield the ratios to the first runtime and to the quickest, as far as they are known.

    The time of a runtime that is alone is held against its centre, as a later session will be.
    """
    times = {case.id: medians(case.id, done) for case in cases if not case.again}
    known = [identity for identity, mine in times.items() if mine]
    quickest = min(known, key=lambda each: median(times[each].values()), default=None)
    for case in cases:
        for other in dict.fromkeys((cases[0].id, quickest)):
            ratio = ratio_between(case.id, other, done) if other and case.id != other else None
            if ratio is not None:
                yield ratio
    if len(times) == 1 and len(times[cases[0].id]) >= FEWEST_PAIRS:
        yield scatter([*times[cases[0].id].values()])
