"""From a ratio to a word: faster, slower, same or inconclusive."""

import math
from typing import Literal

from .ratio import Ratio

Outcome = Literal["faster", "slower", "same", "inconclusive"]

FEWEST_PAIRS = 6
"""Below this many processes no interval of ranks has a confidence of 95 %."""


def judge(ratio: Ratio, min_effect: float = 0.02, fewest: int = FEWEST_PAIRS) -> Outcome:
    """Judge a ratio against the smallest effect that matters (0.02 is two per cent).

    With ``e = 1 + min_effect``: slower when the whole interval lies above e, faster when it lies
    below 1/e, same when it lies within [1/e, e], and inconclusive otherwise, or where it is of
    fewer than `fewest` pairs.

    >>> judge(Ratio(1.05, 1.03, 1.07, pairs=10))
    'slower'
    >>> judge(Ratio(1.02, 0.99, 1.05, pairs=10))
    'inconclusive'
    """
    if ratio.pairs < fewest:
        return "inconclusive"
    edge = 1 + min_effect
    if ratio.low > edge:
        return "slower"
    if ratio.high < 1 / edge:
        return "faster"
    if ratio.low >= 1 / edge and ratio.high <= edge:
        return "same"
    return "inconclusive"


def break_even(
    cold_s: float, steady_s: float, baseline_cold_s: float, baseline_steady_s: float
) -> int | None:
    """Return after how many runs a slower start is paid back, or None where it never is.

    ``n = (cold - baseline_cold) / (baseline_steady - steady)``; 0 where the start is no slower
    and the steady run no slower either. Times in seconds.

    >>> break_even(1.0, 0.001, 0.5, 0.002)
    500
    """
    extra, saved = cold_s - baseline_cold_s, baseline_steady_s - steady_s
    if extra <= 0:
        return 0 if saved >= 0 else None
    return math.ceil(round(extra / saved, 9)) if saved > 0 else None
