"""The table of a comparison of two sessions."""

from rich.table import Table

from ..results.comparison import Comparison
from .cells import cell
from .units import NONE, change, seconds

BETWEEN_SESSIONS = (
    "the intervals know the processes of these two sessions alone, not what sets whole sessions "
    "apart: repeat both before you believe a change of a few per cent"
)
STYLES = {"faster": "green", "slower": "bold red", "inaccurate": "bold red", "failed": "bold red"}


def comparison_table(comparison: Comparison) -> Table:
    """Return a table with one line per case that both sides have."""
    result = Table(header_style="bold")
    for title in ("case", "base", "new", "change", "verdict"):
        result.add_column(title, overflow="fold")
    for row in comparison.rows:
        style = STYLES.get(row.verdict, "")
        told = change(row) if row.ratio is not None else row.note or NONE
        word = f"[{style}]{row.verdict}[/{style}]" if style else row.verdict
        times = (seconds(row.base_median_s), seconds(row.new_median_s))
        result.add_row(cell(row.id), *times, cell(told), word)
    return result
