"""What a person sees of results: the answers and tables on stdout, warnings on stderr."""

from collections.abc import Sequence

from rich.console import Console, RenderableType

from ..reports.card import card_lines, card_tables
from ..reports.columns import DEFAULT
from ..reports.compared import BETWEEN_SESSIONS
from ..reports.loads import LEGEND, load_table, saturation_lines
from ..reports.printable import printable
from ..reports.served import served_table
from ..reports.table import answers, legend, shown, table
from ..reports.warnings import noise, warnings
from ..results.card import Card
from ..results.comparison import Comparison
from ..results.document import Results
from .terminal import print_lines, print_table, tell


def show_tables(results: Results, *more: RenderableType, names: Sequence[str] = DEFAULT) -> None:
    """Print the answers, the table of cases, that of loads where there are any, and `more`.

    Of a suite its card stands for all that, unless columns are chosen.
    """
    if results.card is not None:
        _show_card(results.card)
    if results.card is None or names != DEFAULT:
        _show_cases(results, names)
    served = served_table(results)
    for each in more if served is None else (served, *more):
        print_lines([""])
        print_table(each)


def _show_cases(results: Results, names: Sequence[str]) -> None:
    """Print the answers, the table of cases, and that of loads where there are any."""
    print_lines([*([""] if results.card else []), *answers(results), ""])
    print_table(table(results, names), wide=names != DEFAULT)
    print_lines(["", *legend(results, shown(results, names))])
    if any(row.load for row in results.rows):
        print_lines([""])
        print_table(load_table(results))
        print_lines(["", *saturation_lines(results), LEGEND])


def _show_card(card: Card) -> None:
    """Print a suite's answer, its tables, and how to read them."""
    print_lines([printable(card.text)])
    for each in card_tables(card):
        print_lines([""])
        print_table(each)
    print_lines(["", *card_lines(card)])


def show_remarks(results: Results, console: Console) -> None:
    """Print by how much identical processes differed, and every warning."""
    if told := noise(results):
        tell(console, told)
    for line in warnings(results):
        tell(console, line, warning=True)


def show_comparison_remarks(comparison: Comparison, console: Console) -> None:
    """Print what else differs, which cases only one side has, and what the intervals leave out."""
    for line in comparison.differs:
        tell(console, f"differs: {line}")
    for side, names in (("missing", comparison.missing), ("added", comparison.added)):
        for name in names:
            tell(console, f"{side}: {name}")
    if comparison.sessions == 1:
        tell(console, f"note: {BETWEEN_SESSIONS}")
