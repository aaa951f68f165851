"""What a run leaves: the table or JSON, the exports, a baseline, and the exit code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from ...files import atomic_write
from ..errors import BenchError
from ..measure.session import baseline_path
from ..reports.compared import comparison_table
from ..reports.loads import load_table
from ..reports.table import floor_lines, table
from ..reports.text import to_csv, to_markdown
from ..reports.warnings import warnings
from ..results.compare import compare, exit_code, read_results
from ..results.store import save_results
from .terminal import print_json, print_table

EXPORTS = ("export_json", "export_csv", "export_markdown")


def check_deliveries(options: Mapping[str, Any]) -> None:
    """Refuse, before anything is measured, what `deliver` could not do afterwards.

    Raises
    ------
    BenchError
        The baseline is not there or cannot be called so, or an export's path is a folder.
    """
    if options.get("baseline"):
        read_results(baseline_path(options["baseline"]))
    if options.get("save_baseline"):
        baseline_path(options["save_baseline"])
    for option in EXPORTS:
        if options.get(option) and Path(options[option]).is_dir():
            name = option.replace("_", "-")
            raise BenchError(f"--{name} {options[option]} is a folder", "give the path of a file")


def deliver(
    document: dict[str, Any], options: Mapping[str, Any], output_format: str, console: Console
) -> int:
    """Print and save `document` as the command's `options` ask; return the exit code.

    1 where a case is over the error budget or slower than the named baseline, or where no case
    could be measured at all, else 0.
    """
    compared = None
    if options.get("baseline"):
        base = read_results(baseline_path(options["baseline"]))
        compared = compare(base, document, document["settings"]["min_effect"])
    _show(document, compared, output_format, console)
    _export(document, options)
    inaccurate = any((row["accuracy"] or {}).get("passed") is False for row in document["rows"])
    nothing = all(row["status"] != "ok" for row in document["rows"])
    return max(int(inaccurate or nothing), exit_code(compared) if compared else 0)


def _show(
    document: dict[str, Any], compared: dict[str, Any] | None, output_format: str, console: Console
) -> None:
    if output_format == "json":
        print_json({**document, "comparison": compared} if compared else document)
    else:
        print_table(table(document))
        if any(row["load"] for row in document["rows"]):
            print_table(load_table(document))
        if compared:
            print_table(comparison_table(compared))
    for line in floor_lines(document):
        console.print(f"noise floor of {escape(line)}", soft_wrap=True, highlight=False)
    for line in warnings(document):
        console.print(f"[yellow]warning:[/yellow] {escape(line)}", soft_wrap=True, highlight=False)


def _export(document: dict[str, Any], options: Mapping[str, Any]) -> None:
    if options.get("export_json"):
        save_results(options["export_json"], document)
    if options.get("save_baseline"):
        save_results(baseline_path(options["save_baseline"]), document)
    for option, render in (("export_csv", to_csv), ("export_markdown", to_markdown)):
        if options.get(option):
            path = Path(options[option])
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as stream:
                stream.write(render(document).encode())
