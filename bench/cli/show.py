"""What a person sees of results: tables on stdout, noise and warnings on stderr."""

from rich.console import Console
from rich.table import Table

from ..reports.loads import load_table
from ..reports.table import floor_lines, table
from ..reports.warnings import warnings
from ..results.document import Results
from .terminal import print_table, tell


def show_tables(results: Results, *more: Table) -> None:
    """Print the table of cases, that of loads where there are any, and `more`."""
    print_table(table(results))
    if any(row.load for row in results.rows):
        print_table(load_table(results))
    for each in more:
        print_table(each)


def show_remarks(results: Results, console: Console) -> None:
    """Print by how much identical processes differed, and every warning."""
    for line in floor_lines(results):
        tell(console, f"noise floor of {line}")
    for line in warnings(results):
        tell(console, line, warning=True)
