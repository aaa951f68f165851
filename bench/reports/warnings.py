"""Every warning in one place: what was seen, the likely cause, what to try."""

from collections import Counter
from collections.abc import Sequence

from ..results.document import Results, Row
from ..stats.verdict import FEWEST_PAIRS


def warnings(document: Results) -> list[str]:
    """Return the warnings that a set of results deserves, most serious first."""
    found = []
    for group, floor in document.floors.items():
        if not floor.honest:
            found.append(
                f"{group}: identical processes came out as {floor.verdict}; the machine is not "
                "quiet enough for any verdict on this group. Close other programs, fix the clock, "
                "or raise --time-budget."
            )
    for row in document.rows:
        found += _about(row)
    return found + _too_few(document.rows) + _disturbed(document.rows)


def _too_few(rows: Sequence[Row]) -> list[str]:
    """Return a warning where verdicts are withheld because so little was run."""
    short = [row for row in rows if row.status == "ok" and row.processes < FEWEST_PAIRS]
    if not short:
        return []
    return [
        f"{len(short)} of {len(rows)} cases have fewer than {FEWEST_PAIRS} processes, which decide "
        "nothing however large the difference: raise --rounds."
    ]


def _disturbed(rows: Sequence[Row]) -> list[str]:
    """Return one warning for all cases that had to share the machine."""
    words: Counter[str] = Counter()
    cases = 0
    for row in rows:
        counts = {word: count for word, count in row.flags.items() if word != "clock"}
        if max(counts.values(), default=0) > max(1, row.processes // 2):
            cases += 1
            words.update(counts)
    if not cases:
        return []
    told = ", ".join(f"{word} {count}" for word, count in words.items())
    return [
        f"{cases} of {len(rows)} cases were disturbed in most of their processes ({told}). Other "
        "programs or other tenants of the machine took its cores: measure again when it is quiet."
    ]


def _about(row: Row) -> list[str]:
    name, found, accuracy = f"{row.group} on {row.label}", [], row.accuracy
    if accuracy is not None and accuracy.passed is False:
        found.append(
            f"{name}: errors against float64 are over the budget (max abs {accuracy.max_abs}); "
            "its speed is not counted. The provider may compute in a lower precision (see its "
            "options) or leave out a part of the model; raise --atol if that error is acceptable."
        )
    if accuracy is not None and accuracy.note:
        unjudged = "accuracy was not judged, " if accuracy.passed is None else ""
        found.append(f"{name}: {unjudged}{accuracy.note}")
    if row.unsteady_processes:
        found.append(
            f"{name}: {row.unsteady_processes} of {row.processes} processes were not steady "
            "after their warm-up. The clock or the load was changing: measure again, or longer."
        )
    return found
