"""``onnxwright report``: a run, or a series of runs, as a page or as text."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from ...errors import BenchError
from ...plan.settings import parse_share
from ..table_options import column_names, table_options
from ..terminal import print_table, stderr_console
from ..written import Target, check_targets, report_options, targets, write


@click.command("report")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@report_options
@click.option("--markdown", is_flag=True, hidden=True, help="As --format markdown.")
@click.option("--csv", "as_csv", is_flag=True, hidden=True, help="As --format csv.")
@click.option("--ops", is_flag=True, help="Add the slowest nodes of every case to the table.")
@table_options
@click.option(
    "--min-effect",
    default="2%",
    show_default=True,
    help="The smallest difference between runs that matters.",
)
@click.option("--lenient", is_flag=True, help="Compare runs of unlike machines all the same.")
def command(
    results: tuple[Path, ...],
    formats: tuple[str, ...],
    outputs: tuple[Path, ...],
    markdown: bool,
    as_csv: bool,
    ops: bool,
    wide: bool,
    columns: str | None,
    min_effect: str,
    lenient: bool,
) -> None:
    r"""Show RESULTS: a file of ``--export-json`` or a journal, or several runs in their order.

    \b
    onnxwright report r.json                               # a table
    onnxwright report r.json -o report.html                # a page that opens offline
    onnxwright report r.json -o report.html -o report.md   # several formats at once
    onnxwright report mon.json tue.json wed.json -o trend.html
    """
    named = [*formats, *["markdown"] * markdown, *["csv"] * as_csv]
    wanted = targets(named, outputs)
    check_targets(wanted, reads=results)
    effect, names = parse_share(min_effect), column_names(wide, columns)
    if len(results) == 1:
        _one(results[0], wanted, ops, names)
    elif ops:
        raise BenchError("--ops shows the nodes of one run", "give one file of results")
    else:
        _several(results, wanted, effect, lenient)


def _one(path: Path, wanted: list[Target], ops: bool, names: tuple[str, ...]) -> None:
    from ...reports.csv_text import to_csv
    from ...reports.html.page import to_html
    from ...reports.markdown import to_markdown
    from ...reports.ops import ops_table
    from ...results.store import read_results
    from ..show import show_remarks, show_tables

    document = read_results(path)
    renders: dict[str, Callable[[], str]] = {
        "html": partial(to_html, document),
        "markdown": partial(to_markdown, document),
        "csv": partial(to_csv, document),
        "json": lambda: _json(document.to_json()),
    }
    write(wanted, renders)
    if any(target.format == "table" for target in wanted):
        show_tables(document, *([ops_table(document)] if ops else []), names=names)
    show_remarks(document, stderr_console())


def _several(paths: tuple[Path, ...], wanted: list[Target], effect: float, lenient: bool) -> None:
    from ...codec import encode
    from ...reports.changes import series_csv, series_markdown
    from ...reports.compared import comparison_table
    from ...reports.html.series import series_html
    from ...results.series import make_series, run_names
    from ...results.store import read_results
    from ..show import show_comparison_remarks

    runs = [read_results(path) for path in paths]
    series = make_series([*zip(run_names(paths), runs, strict=True)], effect, lenient)
    renders: dict[str, Callable[[], str]] = {
        "html": partial(series_html, series, runs),
        "markdown": partial(series_markdown, series),
        "csv": partial(series_csv, series),
        "json": lambda: _json(encode(series)),
    }
    write(wanted, renders)
    if any(target.format == "table" for target in wanted):
        print_table(comparison_table(series.comparison))
    show_comparison_remarks(series.comparison, stderr_console())


def _json(document: object) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
