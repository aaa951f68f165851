"""The table on a terminal, and the warnings below it."""

from rich.table import Table

from ..results.document import Results
from .cells import cell
from .columns import columns
from .units import NONE, change

STYLES = {
    "faster": "green",
    "slower": "yellow",
    "INACCURATE": "bold red",
    "crash": "bold red",
    "time-out": "bold red",
    "out of memory": "bold red",
    "error": "bold red",
    "missing provider": "red",
    "not installed": "red",
}


def table(document: Results) -> Table:
    """Return a table with one line per case and the columns that say something."""
    rows = document.rows
    texts = [(title, [render(row) for row in rows]) for title, render in columns()]
    kept = [(title, cells) for title, cells in texts if any(text != NONE for text in cells)]
    result = Table(title=None, header_style="bold")
    for title, _ in kept:
        result.add_column(title, justify="left", overflow="fold")
    for index, row in enumerate(rows):
        cells = [cells[index] for _, cells in kept]
        ends = index + 1 == len(rows) or rows[index + 1].group != row.group
        result.add_row(*map(_styled, cells), end_section=ends)
    return result


def floor_lines(document: Results) -> list[str]:
    """Return one line per group: by how much the baseline differs from itself."""
    return [
        f"{group}: identical processes differ by {change(floor)}"
        for group, floor in document.floors.items()
    ]


def _styled(text: str) -> str:
    style = STYLES.get(text)
    return f"[{style}]{cell(text)}[/{style}]" if style else cell(text)
