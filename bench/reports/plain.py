"""The look of tables: no frame, texts to the left and broken at spaces, numbers to the right."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from .cells import cell


def plain_table(texts: Sequence[str], numbers: Sequence[str] = (), title: str = "") -> Table:
    """Return a table with these headings, first the columns of texts, then those of numbers."""
    table = Table(
        title=cell(title) or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
