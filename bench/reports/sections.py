"""A table in sections, each under its own title, that fits the width it is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .printable import printable

GAP = 2
NARROWEST = 8
"""Characters that are left of a column whose text goes on in the next line."""


@dataclass(frozen=True)
class Section:
    """Rows under a title of their own; without one they follow what stands above."""

    title: str
    rows: Sequence[Sequence[Text]]


@dataclass(frozen=True)
class Sections:
    """A renderable for rich: headings once, then the sections, columns aligned throughout."""

    headings: Sequence[str]
    sections: Sequence[Section]
    wraps: Sequence[bool]
    """Of each column: whether its text may go on in the next line."""
    right: Sequence[bool] = ()
    """Of each column: whether its text stands to the right; none does where this is left out."""

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide this is where nothing goes on in the next line."""
        around = self._indent() + _gaps(self.headings)
        return Measurement(around + sum(self.widths(0)), around + sum(self._natural()))

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        """Yield the headings, a rule, and the sections."""
        indent = self._indent()
        widths = self.widths(options.max_width - indent)
        head = self._table([[Text(each, style="bold") for each in self._headings()]], widths)
        yield Padding(head, (0, 0, 0, indent), expand=False)
        yield Text("─" * (indent + sum(widths) + _gaps(widths)), no_wrap=True, overflow="crop")
        for section in self.sections:
            if section.title:
                yield Text(printable(section.title), style="bold")
            yield Padding(self._table(section.rows, widths), (0, 0, 0, indent), expand=False)

    def _table(self, rows: Sequence[Sequence[Text]], widths: Sequence[int]) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, GAP, 0, 0))
        for place, width in enumerate(widths):
            side: JustifyMethod = "right" if self.right and self.right[place] else "left"
            table.add_column(width=width, overflow="fold", justify=side)
        for row in rows:
            table.add_row(*row)
        return table

    def widths(self, available: int) -> list[int]:
        """Return the columns' widths: those that may wrap share what the others leave.

        Words are broken only where it does not fit otherwise.
        """
        widths, words = self._natural(), self._longest_words()
        excess = sum(widths) + _gaps(widths) - available
        while excess > 0:
            may = [i for i, wraps in enumerate(self.wraps) if wraps and widths[i] > NARROWEST]
            can = [i for i in may if widths[i] > words[i]] or may
            if not can:
                break
            widest = max(can, key=widths.__getitem__)
            widths[widest] -= 1
            excess -= 1
        return widths

    def _indent(self) -> int:
        """Rows stand a little to the right of the titles above them."""
        return 2 if any(section.title for section in self.sections) else 0

    def _headings(self) -> list[str]:
        return [printable(heading) for heading in self.headings]

    def _natural(self) -> list[int]:
        return [max(map(cell_len, column)) for column in self._columns()]

    def _longest_words(self) -> list[int]:
        """Return how wide each column is with every word whole."""
        words = [[word for text in column for word in text.split()] for column in self._columns()]
        return [max(map(cell_len, each), default=0) for each in words]

    def _columns(self) -> Iterator[tuple[str, ...]]:
        """Yield the texts of each column, its heading first."""
        rows = [row for section in self.sections for row in section.rows]
        texts = ([text.plain for text in row] for row in rows)
        return zip(self._headings(), *texts, strict=True)


def _gaps(columns: Sequence[object]) -> int:
    return GAP * (len(columns) - 1)
