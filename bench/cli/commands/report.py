"""``onnxwright report``: a results file as a table."""

from pathlib import Path

import click

from ..terminal import format_option, print_json, print_table, stderr_console


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print the table in markdown.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with unrounded numbers.")
@click.option("--ops", is_flag=True, help="Add the slowest nodes of every case.")
@format_option
def command(results: Path, markdown: bool, as_csv: bool, ops: bool, output_format: str) -> None:
    """Show RESULTS, a file of ``--export-json`` or a journal."""
    from ...reports.loads import load_table
    from ...reports.ops import ops_table
    from ...reports.table import floor_lines, table
    from ...reports.text import to_csv, to_markdown
    from ...reports.warnings import warnings
    from ...results.store import read_results

    document = read_results(results)
    if markdown or as_csv:
        click.echo(to_markdown(document) if markdown else to_csv(document), nl=False)
    elif output_format == "json":
        print_json(document.to_json())
    else:
        print_table(table(document))
        if any(row.load for row in document.rows):
            print_table(load_table(document))
        if ops:
            print_table(ops_table(document))
    console = stderr_console()
    told = [f"noise floor of {line}" for line in floor_lines(document)]
    told += [f"warning: {line}" for line in warnings(document)]
    for line in told:
        console.print(line, markup=False, soft_wrap=True, highlight=False)
