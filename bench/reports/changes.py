"""Changes between runs in words, as CSV and as a short Markdown."""

from collections import Counter

from ..results.comparison import ComparedRow, Comparison
from ..results.series import Series
from ..results.words import factor
from .compared import BETWEEN_SESSIONS
from .csv_text import to_lines
from .markdown import escaped, table_lines
from .units import NONE, seconds

WORSE = ("failed", "inaccurate", "slower")
"""Verdicts that want looking at, the most serious first."""
ORDER = (*WORSE, "faster", "inconclusive", "same", "failed before too")
TITLES = ("case", "on", "base", "new", "times as fast", "verdict")
FIELDS = (
    "id", "group", "label", "base_median_s", "new_median_s", "ratio", "low", "high", "pairs",
    "verdict", "note",
)  # fmt: skip


def summary(comparison: Comparison) -> str:
    """Return how many cases became what, the worst first."""
    counts = Counter(row.verdict for row in comparison.rows)
    words = [f"{counts[verdict]} {verdict}" for verdict in ORDER if counts[verdict]]
    total = len(comparison.rows)
    return f"of {total} {'case' if total == 1 else 'cases'}: {', '.join(words)}"


def change_words(row: ComparedRow) -> str:
    """Return how many times as fast the new side is, with the interval, or why not known."""
    if row.ratio is None or row.low is None or row.high is None:
        return row.note or NONE
    return " ".join(factor(1 / row.ratio, 1 / row.high, 1 / row.low))


def notable(comparison: Comparison) -> list[ComparedRow]:
    """Return the rows that changed, the worst first."""
    changed = [row for row in comparison.rows if row.verdict in (*WORSE, "faster")]
    return sorted(changed, key=lambda row: (ORDER.index(row.verdict), -(row.ratio or 0)))


def notes(comparison: Comparison) -> list[str]:
    """Return what else differs, which cases a side lacks, and what the intervals leave out."""
    return [
        *(f"differs: {line}" for line in comparison.differs),
        *(f"only in the base: {name}" for name in comparison.missing),
        *(f"only in the new: {name}" for name in comparison.added),
        *([BETWEEN_SESSIONS] if comparison.sessions == 1 else []),
    ]


def comparison_markdown(comparison: Comparison) -> str:
    """Return the summary and a table of the cases that changed."""
    rows = [
        (row.group, row.label, seconds(row.base_median_s), seconds(row.new_median_s),
         change_words(row), row.verdict)
        for row in notable(comparison)
    ]  # fmt: skip
    parts = [
        [f"**New against base**, {summary(comparison)}."],
        table_lines(TITLES, rows) if rows else [],
        [f"- {escaped(note)}" for note in notes(comparison)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def comparison_csv(comparison: Comparison) -> str:
    """Return one line per case that both sides have."""
    rows = [[getattr(row, name) for name in FIELDS] for row in comparison.rows]
    return to_lines([FIELDS, *rows])


def series_csv(series: Series) -> str:
    """Return one line per case and run."""
    head = ("run", "id", "group", "label", "median_s", "interval_s", "verdict")
    rows = [
        (series.runs[point.run], case.id, case.group, case.label, point.median_s,
         point.interval_s, point.verdict)
        for case in series.cases
        for point in case.points
    ]  # fmt: skip
    return to_lines([head, *rows])


def series_markdown(series: Series) -> str:
    """Return the last run against the first, and each case's medians over the runs."""
    titles, *rows = series_rows(series)
    lines = table_lines(titles, rows)
    return comparison_markdown(series.comparison) + "\n" + "\n".join(lines) + "\n"


def series_rows(series: Series) -> list[list[str]]:
    """Return the titles and then, for each case, its medians over the runs."""
    rows = [["case", "on", *series.runs]]
    for case in series.cases:
        times = {point.run: seconds(point.median_s) for point in case.points}
        rows.append(
            [case.group, case.label, *(times.get(run, NONE) for run in range(len(series.runs)))]
        )
    return rows
