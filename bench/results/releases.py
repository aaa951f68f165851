"""Releases of onnxruntime side by side: each against the oldest, and where a change appears."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..stats import Outcome
from .conclusion import Conclusion, Pair, Releases, ReleaseStep
from .document import Row
from .words import factor, joined

CHANGES: tuple[Outcome, ...] = ("faster", "slower")


@dataclass(frozen=True)
class _Place:
    """A release's row and how it stands to others."""

    row: Row
    version: str
    found: Conclusion

    def against(self, other: "_Place") -> Pair | None:
        return self.found.between(self.row.label, other.row.label)


def release_series(rows: Sequence[Row], conclusions: Sequence[Conclusion]) -> tuple[Releases, ...]:
    """Return one series for each case that ran on two releases or more, the oldest first."""
    found = {each.group: each for each in conclusions}
    series: dict[tuple[object, ...], list[_Place]] = {}
    for row in rows:
        version = (row.versions or {}).get("onnxruntime")
        if version is not None and row.provider is not None and row.median_s is not None:
            options = tuple(sorted(row.provider_options.items()))
            key = (row.group, row.model, row.on, row.threads, options)
            series.setdefault(key, []).append(_Place(row, version, found[row.group]))
    told = (_series(places) for places in series.values())
    return tuple(each for each in told if each is not None)


def _series(places: Sequence[_Place]) -> Releases | None:
    if len({place.version for place in places}) < 2:
        return None
    ordered = sorted(places, key=lambda place: _numbers(place.version))
    first = ordered[0]
    steps = tuple(_step(place, first, before) for before, place in _neighbours(ordered))
    changed = next((step for step in steps if step.verdict in CHANGES), None)
    return Releases(
        group=first.row.group,
        model=first.row.model,
        on=first.row.on,
        threads=first.row.threads,
        oldest=first.version,
        steps=steps,
        first_change=None if changed is None else changed.version,
        text=_text(first, steps, changed),
    )


def _neighbours(ordered: Sequence[_Place]) -> Iterable[tuple[_Place, _Place]]:
    return itertools.pairwise(ordered)


def _step(place: _Place, first: _Place, before: _Place) -> ReleaseStep:
    pair, near = place.against(first), place.against(before)
    return ReleaseStep(
        version=place.version,
        label=place.row.label,
        verdict=pair.verdict if pair else None,
        times_as_fast=pair.times_as_fast if pair else None,
        low=pair.low if pair else None,
        high=pair.high if pair else None,
        since_the_last=near.verdict if near else None,
    )


def _text(first: _Place, steps: Sequence[ReleaseStep], changed: ReleaseStep | None) -> str:
    """Return the series as a sentence."""
    base = first.version
    at = len(steps) if changed is None else steps.index(changed)
    open_ones = [step.version for step in steps[:at] if step.verdict != "same"]
    later = [step for step in steps[at + 1 :] if step.since_the_last in CHANGES]
    clauses = [
        _unchanged(steps, base) if changed is None else _change(changed, base),
        *([f"undecided for {joined(open_ones)}"] if open_ones else []),
        *(f"{each.version} is {each.since_the_last} than the one before it" for each in later),
    ]
    head = f"{first.row.group}, releases of onnxruntime on {first.row.on}"
    return f"{head}: {'; '.join(clause for clause in clauses if clause)}"


def _unchanged(steps: Sequence[ReleaseStep], base: str) -> str:
    same = [step.version for step in steps if step.verdict == "same"]
    return f"{joined(same)} as fast as {base}" if same else ""


def _change(step: ReleaseStep, base: str) -> str:
    told = f"the first change is in {step.version}"
    if step.times_as_fast is None or step.low is None or step.high is None:
        return told
    value, interval = factor(step.times_as_fast, step.low, step.high)
    return f"{told}, {value} as fast as {base} {interval}"


def _numbers(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by."""
    return tuple(int(part) for part in re.findall(r"[0-9]{1,9}", version)[:6])
