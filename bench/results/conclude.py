"""From rows and processes to the conclusion of each group."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..stats import judge
from .conclusion import Conclusion, Failure, Pair, State, Wrong
from .document import Floor, Row
from .pairs import Done, ratio_between
from .words import cost, sentence

MOST = 64
"""Runtimes of a group that are compared in pairs, the quickest ones."""


def conclude(
    rows: Sequence[Row], done: Done, floors: Mapping[str, Floor], min_effect: float
) -> tuple[Conclusion, ...]:
    """Return one conclusion per group, in the order of the rows."""
    groups = dict.fromkeys(row.group for row in rows)
    return tuple(
        _conclude([row for row in rows if row.group == group], done, floors.get(group), min_effect)
        for group in groups
    )


def _conclude(
    rows: Sequence[Row], done: Done, floor: Floor | None, min_effect: float
) -> Conclusion:
    measured = [row for row in rows if row.status == "ok" and row.median_s is not None]
    right = [row for row in measured if not row.inaccurate]
    pairs = tuple(_pairs(measured, done, min_effect))
    best = _best(right, pairs)
    others = [row.label for row in right if best and row.label != best.label]
    found = Conclusion(
        group=rows[0].group,
        state="none",
        best=best.label if best else None,
        unjudged=tuple(row.label for row in measured if _passed(row) is None),
        wrong=tuple(
            Wrong(label=row.label, max_abs=row.accuracy.max_abs if row.accuracy else None)
            for row in measured
            if row.inaccurate
        ),
        failed=tuple(
            Failure(label=row.label, status=row.status, stage=row.stage, message=row.message)
            for row in rows
            if row not in measured
        ),
        pairs=pairs,
        text="",
    )
    found = _decided(found, others, noisy=floor is not None and not floor.honest)
    text = sentence(found, min_effect, _passed(best) if best else None)
    return replace(found, text="; ".join([text, *_costs(rows)]))


def _costs(rows: Sequence[Row]) -> list[str]:
    """Return what each other model costs beside the group's first one, a clause each."""
    base = rows[0]
    others = {row.model: row for row in reversed(rows) if row.model != base.model}
    return [
        cost(row.model, base.model, row.accuracy.rel_l2 if row.accuracy else None, _size(row, base))
        for row in reversed(others.values())
    ]


def _size(row: Row, base: Row) -> float | None:
    return row.model_bytes / base.model_bytes if row.model_bytes and base.model_bytes else None


def _decided(found: Conclusion, others: Sequence[str], noisy: bool) -> Conclusion:
    """Return the conclusion with its state, and who is as fast as the best."""
    if found.best is None:
        return found
    against = {other: found.between(found.best, other) for other in others}
    words = {other: pair.verdict if pair else "inconclusive" for other, pair in against.items()}
    equal = tuple(other for other, word in words.items() if word == "same")
    undecided = tuple(other for other, word in words.items() if word not in ("same", "faster"))
    states: dict[State, bool] = {
        "alone": not others,
        "noisy": noisy,
        "open": bool(undecided),
        "tied": bool(equal),
        "fastest": True,
    }
    state = next(state for state, holds in states.items() if holds)
    return replace(found, state=state, equal=equal, undecided=undecided)


def _best(right: Sequence[Row], pairs: Sequence[Pair]) -> Row | None:
    """Return the quickest by its median, of those that no other right one is faster than."""
    names = {row.label for row in right}
    seen = [view for pair in pairs for view in (pair, pair.reversed())]
    beaten = {view.other for view in seen if view.verdict == "faster" and view.label in names}
    ordered = sorted(right, key=lambda row: row.median_s or 0.0)
    return next((row for row in ordered if row.label not in beaten), None)


def _pairs(rows: Sequence[Row], done: Done, min_effect: float) -> Iterable[Pair]:
    """Yield every pair of the quickest rows, the quicker one first."""
    quickest = sorted(rows, key=lambda row: row.median_s or 0.0)[:MOST]
    for one, other in itertools.combinations(quickest, 2):
        ratio = ratio_between(one.id, other.id, done)
        if ratio is not None:
            pair = Pair(
                label=one.label,
                other=other.label,
                times_as_fast=1 / ratio.value,
                low=1 / ratio.high,
                high=1 / ratio.low,
                pairs=ratio.pairs,
                verdict=judge(ratio, min_effect),
            )
            yield pair if pair.times_as_fast >= 1 else pair.reversed()


def _passed(row: Row) -> bool | None:
    return None if row.accuracy is None else row.accuracy.in_budget
