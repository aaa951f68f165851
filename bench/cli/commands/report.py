"""``onnxwright report``: a results file as a table."""

from pathlib import Path

import click

from ..terminal import format_option, print_json, stderr_console


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print the table in markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with unrounded numbers.")
@click.option("--ops", is_flag=True, help="Add the slowest nodes of every case.")
@format_option
def command(results: Path, markdown: bool, as_csv: bool, ops: bool, output_format: str) -> None:
    """Show RESULTS, a file of ``--export-json`` or a journal."""
    from ...reports.ops import ops_table
    from ...reports.text import to_csv, to_markdown
    from ...results.store import read_results
    from ..show import show_remarks, show_tables

    document = read_results(results)
    if markdown or as_csv:
        click.echo(to_markdown(document) if markdown else to_csv(document), nl=False)
    elif output_format == "json":
        print_json(document.to_json())
    else:
        show_tables(document, *([ops_table(document)] if ops else []))
    show_remarks(document, stderr_console())
