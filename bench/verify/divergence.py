"""Find the first node whose result is wrong although everything that it reads is right."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from .accuracy import Accuracy
from .lineage import Lineage

Probe = Callable[[Sequence[str]], Mapping[str, Accuracy]]
"""Measures the values named, all in one run."""

_MOST_TAPS = 16
"""Values in one run: more of them narrow the search faster, and disturb fusion more."""


@dataclass(frozen=True)
class Found:
    """Where a value first differs."""

    value: str
    accuracy: Accuracy
    """How far it is off: an output as it was untapped, another value as it was tapped."""
    inputs: tuple[Accuracy, ...]
    """What its node reads from other nodes: all within the tolerance."""
    runs: int
    """Runs of the tapped model that the search took."""


def locate(
    values: Lineage,
    failing: Mapping[str, Accuracy],
    probe: Probe,
    bytes_of: Mapping[str, int],
    budget: int,
) -> Found:
    """Return a value that is wrong while all that its node reads is right.

    The search begins at a failing output and bisects the values that it is computed from. Each run
    measures some of them, evenly spread, as many as fit into `budget` bytes but at least one; the
    search goes on above the first that is wrong. Values that a right one is computed from are
    skipped, unless the node in question reads them itself.

    Parameters
    ----------
    values
        The graph's values.
    failing
        The outputs known to be wrong, at least one.
    probe
        Measures values in one run.
    bytes_of
        Bytes that tapping a value takes, for those known; others count as the whole budget.
    budget
        Bytes that the values tapped in one run may take together.
    """
    current = min(failing, key=lambda name: values.order.get(name, -1))
    measured: dict[str, Accuracy] = {}
    worst = failing[current]
    runs = 0
    while candidates := _candidates(values, current, measured):
        chosen = _spread(candidates, bytes_of, budget)
        measured.update(probe(chosen))
        runs += 1
        wrong = [name for name in chosen if not measured[name].passed]
        if wrong:
            current, worst = wrong[0], measured[wrong[0]]
    inputs = tuple(measured[name] for name in values.parents.get(current, ()))
    return Found(current, worst, inputs, runs)


def _candidates(values: Lineage, current: str, measured: Mapping[str, Accuracy]) -> list[str]:
    """Return what is still to be measured upstream of `current`, in the order of computation."""
    if current not in values.order:
        return []
    right = [name for name, accuracy in measured.items() if accuracy.passed]
    upstream = values.ancestors(current, stop=_with_ancestors(values, right))
    direct = {name for name in values.parents[current] if name not in measured}
    return sorted(upstream - measured.keys() or direct, key=lambda name: values.order[name])


def _with_ancestors(values: Lineage, names: Collection[str]) -> set[str]:
    found = set(names)
    for name in names:
        found |= values.ancestors(name, stop=found - {name})
    return found


def _spread(candidates: Sequence[str], bytes_of: Mapping[str, int], budget: int) -> list[str]:
    """Choose evenly spread candidates within the budget, at least one, in order."""
    count = min(_MOST_TAPS, len(candidates))
    places = [(2 * i + 1) * len(candidates) // (2 * count) for i in range(count)]
    while len(places) > 1 and sum(bytes_of.get(candidates[i], budget) for i in places) > budget:
        count = len(places) // 2
        places = [(2 * i + 1) * len(candidates) // (2 * count) for i in range(count)]
    return [candidates[i] for i in places]
