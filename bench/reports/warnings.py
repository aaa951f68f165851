"""Every warning in one place: what was seen, the likely cause, what to try.

Each kind is one warning, however many cases it concerns.
"""

from collections import Counter
from collections.abc import Sequence

from ..results.document import Results, Row
from ..results.words import times_as_fast
from ..stats.verdict import FEWEST_PAIRS

MOST_NAMED = 4
"""Cases that a warning names; the others are counted."""


def warnings(document: Results) -> list[str]:
    """Return the warnings that a set of results deserves, most serious first."""
    rows = document.rows
    kinds = (_noisy(document), _wrong(rows), _failed(rows), _unjudged(rows), _remarks(rows))
    return [line for line in (*kinds, _too_few(rows), _disturbed(rows), _unsteady(rows)) if line]


def noise(document: Results) -> str | None:
    """Return by how much identical processes differ: the group where they do most."""
    floors = document.floors
    if not floors:
        return None
    group = max(floors, key=lambda name: max(floors[name].ratio, 1 / floors[name].ratio))
    worst = floors[group]
    told = times_as_fast(1 / worst.ratio, 1 / worst.high, 1 / worst.low)
    most = f", the most of {len(floors)} models and shapes" if len(floors) > 1 else ""
    return f"noise: held against itself, the first runtime came out as {told} on {group}{most}"


def _noisy(document: Results) -> str | None:
    groups = [group for group, floor in document.floors.items() if not floor.honest]
    if not groups:
        return None
    return (
        f"identical processes came out as different on {_named(groups)}: the machine is not quiet "
        "enough for any verdict there. Close other programs, fix the clock, or raise --time-budget."
    )


def _wrong(rows: Sequence[Row]) -> str | None:
    cases = [
        f"{_name(row)} (off by {row.accuracy.max_abs or float('nan'):.1e})"
        for row in rows
        if row.accuracy is not None and row.inaccurate
    ]
    if not cases:
        return None
    return (
        f"errors against float64 are over the budget: {_named(cases)}. Speed is not counted there. "
        "The runtime may compute in a lower precision (see its options) or leave out a part of the "
        "model; raise --atol if that error is acceptable."
    )


def _failed(rows: Sequence[Row]) -> str | None:
    """Return one warning for all cases without a result; like ones are told together."""
    causes: dict[str, list[str]] = {}
    for row in rows:
        if row.status not in ("ok", "not run"):
            cause = f"{row.label}: {row.status} in {row.stage}: {row.message}"
            causes.setdefault(cause, []).append(row.group)
    cases = [f"{cause} (on {_named(groups, 2)})" for cause, groups in causes.items()]
    return f"no result: {_named(cases)}" if cases else None


def _unjudged(rows: Sequence[Row]) -> str | None:
    cases = _by_note(rows, judged=False)
    return f"accuracy was not judged: {_named(cases)}" if cases else None


def _remarks(rows: Sequence[Row]) -> str | None:
    cases = _by_note(rows, judged=True)
    cases += [
        f"{_name(row)}, whose outputs vary from process to process: the worst is told"
        for row in rows
        if row.accuracy_varies
    ]
    return f"accuracy: {_named(cases)}" if cases else None


def _by_note(rows: Sequence[Row], judged: bool) -> list[str]:
    """Return the notes on accuracy, each with all the cases that have it."""
    notes: dict[str, list[str]] = {}
    for row in rows:
        found = row.accuracy
        if found is not None and found.note and (found.passed is not None) == judged:
            notes.setdefault(found.note, []).append(_name(row))
    return [f"{_named(names)}, {note}" for note, names in notes.items()]


def _too_few(rows: Sequence[Row]) -> str | None:
    short = [row for row in rows if row.status == "ok" and row.processes < FEWEST_PAIRS]
    if not short:
        return None
    return (
        f"{len(short)} of {len(rows)} cases have fewer than {FEWEST_PAIRS} processes, which decide "
        "nothing however large the difference: raise --rounds."
    )


def _disturbed(rows: Sequence[Row]) -> str | None:
    """Return one warning for all cases that had to share the machine."""
    words: Counter[str] = Counter()
    cases = 0
    for row in rows:
        counts = {word: count for word, count in row.flags.items() if word != "clock"}
        if max(counts.values(), default=0) > max(1, row.processes // 2):
            cases += 1
            words.update(counts)
    parts = [row.limits for row in rows if row.limits is not None]
    peaks = " The machine's peaks were disturbed too: parts of them are rather less than told."
    if not cases:
        return None
    told = ", ".join(f"{word} {count}" for word, count in words.items())
    return (
        f"{cases} of {len(rows)} cases were disturbed in most of their processes ({told}). Other "
        "programs or other tenants of the machine took its cores: measure again when it is quiet."
    ) + (peaks if any(part.peaks_disturbed for part in parts) else "")


def _unsteady(rows: Sequence[Row]) -> str | None:
    cases = [row for row in rows if row.unsteady_processes]
    if not cases:
        return None
    unsteady = sum(row.unsteady_processes for row in cases)
    return (
        f"{unsteady} of {sum(row.processes for row in cases)} processes were not steady after "
        f"their warm-up: {_named([_name(row) for row in cases])}. The clock or the load was "
        "changing: measure again, or longer."
    )


def _name(row: Row) -> str:
    return f"{row.label} on {row.group}"


def _named(cases: Sequence[str], most: int = MOST_NAMED) -> str:
    left = len(cases) - most
    return "; ".join(cases[:most]) + (f"; and {left} more" if left > 0 else "")
