"""A model held against what its framework gave, as a table and lines of text."""

from collections.abc import Iterator

from rich.table import Table

from ..verify.expected import Translation
from .cells import cell
from .plain import plain_table
from .printable import printable
from .verification import number, share


def translation_table(result: Translation) -> Table:
    """Return one row per runtime and output."""
    numbers = ("max abs", "rel L2", "top-1", "outside")
    table = plain_table(("on", "output", "verdict"), numbers, f"against {result.source}")
    for on, rows in result.outputs.items():
        for row in rows:
            table.add_row(
                on,
                cell(row.output),
                "agrees" if row.passed else "DIFFERS",
                number(row.max_abs),
                number(row.rel_l2),
                share(row.top1),
                str(row.mismatched),
            )
    return table


def translation_lines(result: Translation) -> Iterator[str]:
    """Yield the answer in words, and what was not compared."""
    if result.passed:
        yield printable(f"the model computes what {result.source} holds")
    else:
        yield printable(f"the model does NOT compute what {result.source} holds")
    if result.worst is not None:
        yield printable(result.worst.describe())
    for on, rows in result.outputs.items():
        yield from (printable(f"{row.output} on {on}: {row.note}") for row in rows if row.note)
    if result.unchecked:
        yield printable(f"not in the file, so not compared: {', '.join(result.unchecked)}")
