"""Conclusions in words, with a ratio written in one way wherever it stands."""

import math
from collections.abc import Sequence

from ..stats.verdict import FEWEST_PAIRS
from .conclusion import Conclusion, Pair, Wrong

MOST_DECIMALS = 4
MOST_RIVALS = 3
"""Slower runtimes that a sentence names; the table has all."""


def times_as_fast(ratio: float, low: float, high: float) -> str:
    """Return how many times as fast, with its interval, in the digits that the interval supports.

    >>> times_as_fast(3.764, 3.721, 3.818), times_as_fast(0.9512, 0.9, 1.004)
    ('3.76x as fast [3.72, 3.82]', '0.95x as fast [0.90, 1.00]')
    """
    value, interval = factor(ratio, low, high)
    return f"{value} as fast {interval}"


def factor(ratio: float, low: float, high: float) -> tuple[str, str]:
    """Return a ratio and its interval.

    >>> factor(3.764, 3.721, 3.818), factor(1234, 1100, 1300), factor(0.065, 0.053, 0.079)
    (('3.76x', '[3.72, 3.82]'), ('1,234x', '[1,100, 1,300]'), ('0.065x', '[0.053, 0.079]'))
    """
    least = 1 - math.floor(math.log10(ratio)) if ratio < 1 else 2 if ratio < 10 else ratio < 100
    digits = max(decimals(low, high), min(int(least), MOST_DECIMALS))
    return f"{ratio:,.{digits}f}x", f"[{low:,.{digits}f}, {high:,.{digits}f}]"


def decimals(low: float, high: float) -> int:
    """Return how many decimals say something: to the first digit of half the interval's width.

    >>> decimals(3.72, 3.82), decimals(0.999, 1.005), decimals(90, 110), decimals(2, 2)
    (2, 3, 0, 2)
    """
    half = (high - low) / 2
    return 2 if half <= 0 else min(max(math.ceil(-math.log10(half)), 0), MOST_DECIMALS)


def sentence(found: Conclusion, min_effect: float, passed: bool | None) -> str:
    """Return the conclusion as a sentence; `passed` says whether the best keeps to the budget."""
    clauses = [f"{found.group}: {_answer(found, min_effect)}{_budget(found, passed)}"]
    if found.wrong:
        clauses.append(_wrong(found.wrong))
    for status in dict.fromkeys(each.status for each in found.failed):
        labels = [each.label for each in found.failed if each.status == status]
        clauses.append(f"{joined(labels)} gave no result ({status})")
    return "; ".join(clauses)


def cost(model: str, base: str, rel_l2: float | None, size: float | None) -> str:
    """Return how far a model is from the one that it was made from, and how much smaller it is.

    >>> cost("q", "f", 0.0112, 0.31)
    'q is 0.011 from f (relative L2), at 0.31 of its size'
    """
    error = f"{model} was not compared with {base}"
    if rel_l2 is not None:
        error = f"{model} is {rel_l2:.2g} from {base} (relative L2)"
    return error + ("" if size is None else f", at {size:.2g} of its size")


def _answer(found: Conclusion, min_effect: float) -> str:
    best = found.best
    if best is None:
        return "no runtime gave a right result"
    if found.state == "alone":
        others = found.wrong or found.failed
        return f"{best} is the only runtime {'with a right result' if others else 'measured'}"
    if found.state == "noisy":
        return "undecided, because identical processes came out as different"
    behind = _behind(found, best)
    if found.state == "fastest":
        return f"{best} is fastest, {behind}"
    if found.state == "tied":
        equals = f"{joined([best, *found.equal])} are equally fast, to {100 * min_effect:g} %"
        return equals + (f", and {best} is {behind}" if behind else "")
    return _open(found, best, behind)


def _open(found: Conclusion, best: str, behind: str) -> str:
    doubtful = [pair for other in found.undecided if (pair := found.between(best, other))]
    if not doubtful or doubtful[0].pairs < FEWEST_PAIRS:
        return f"undecided, because fewer than {FEWEST_PAIRS} processes of each runtime were run"
    doubts = joined([_against(pair) for pair in doubtful])
    told = f"undecided whether {best} is fastest, {doubts}"
    return told + (f"; it is {behind}" if behind else "")


def _behind(found: Conclusion, best: str) -> str:
    """Return by how much the best is ahead of those that it is faster than, the nearest first."""
    wrong = {each.label for each in found.wrong}
    others = dict.fromkeys(name for pair in found.pairs for name in (pair.label, pair.other))
    pairs = [pair for other in others if (pair := found.between(best, other))]
    slower = [pair for pair in pairs if pair.verdict == "faster" and pair.other not in wrong]
    slower.sort(key=lambda pair: pair.times_as_fast)
    told = [_against(pair) for pair in slower[:MOST_RIVALS]]
    left = len(slower) - len(told)
    return joined(told + ([f"further ahead of {left} more"] if left else []))


def _against(pair: Pair) -> str:
    value, interval = factor(pair.times_as_fast, pair.low, pair.high)
    return f"{value} as fast as {pair.other} {interval}"


def _budget(found: Conclusion, passed: bool | None) -> str:
    if found.best is None:
        return ""
    if found.state not in ("fastest", "alone"):
        return "; errors are within the budget" if passed else "; errors are not judged"
    return ", within the error budget" if passed else ", its errors not judged"


def _wrong(found: Sequence[Wrong]) -> str:
    verb = "are" if len(found) > 1 else "is"
    errors = ["NaN" if each.max_abs is None else f"{each.max_abs:.1e}" for each in found]
    return f"{joined([each.label for each in found])} {verb} wrong (off by {joined(errors)})"


def joined(names: Sequence[str]) -> str:
    """Join names as in a sentence.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last
