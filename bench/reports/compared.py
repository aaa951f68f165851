"""The table of a comparison."""

from rich.text import Text

from ..results.comparison import ComparedRow, Comparison
from ..results.words import factor
from .printable import printable
from .sections import Section, Sections
from .units import NONE, seconds

BETWEEN_SESSIONS = (
    "the intervals know the processes of these two sessions alone, not what sets whole sessions "
    "apart: where that is 2 %, a third of such verdicts can be false. Repeat both sides before you "
    "believe a change of a few per cent, and compare with --replicates."
)
STYLES = {"faster": "green", "slower": "bold red", "inaccurate": "bold red", "failed": "bold red"}


def comparison_table(comparison: Comparison) -> Sections:
    """Return a table with one line per case that both sides have."""
    rows = [
        [
            Text(printable(row.id)),
            Text(seconds(row.base_median_s)),
            Text(seconds(row.new_median_s)),
            Text(_change(row)),
            Text(row.verdict, style=STYLES.get(row.verdict, "")),
        ]
        for row in comparison.rows
    ]
    headings = ("case", "base", "new", "new is as fast", "verdict")
    return Sections(headings, [Section("", rows)], (True, False, False, True, True))


def _change(row: ComparedRow) -> str:
    if row.ratio is None or row.low is None or row.high is None:
        return printable(row.note or NONE)
    return " ".join(factor(1 / row.ratio, 1 / row.high, 1 / row.low))
