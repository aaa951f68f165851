"""``onnxwright report``: a results file as a table."""

from pathlib import Path

import click

from ..table_options import column_names, table_options
from ..terminal import format_option, print_json, stderr_console


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print the table in markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with unrounded numbers.")
@click.option("--ops", is_flag=True, help="Add the slowest nodes of every case.")
@table_options
@format_option
def command(
    results: Path,
    markdown: bool,
    as_csv: bool,
    ops: bool,
    wide: bool,
    columns: str | None,
    output_format: str,
) -> None:
    """Show RESULTS, a file of ``--export-json`` or a journal."""
    from ...reports.csv_text import to_csv
    from ...reports.markdown import to_markdown
    from ...reports.ops import ops_table
    from ...results.store import read_results
    from ..show import show_remarks, show_tables

    names = column_names(wide, columns)
    document = read_results(results)
    if markdown or as_csv:
        click.echo(to_markdown(document) if markdown else to_csv(document), nl=False)
    elif output_format == "json":
        print_json(document.to_json())
    else:
        show_tables(document, *([ops_table(document)] if ops else []), names=names)
    show_remarks(document, stderr_console())
