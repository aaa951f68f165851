"""``onnxwright compare``: two sets of results."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from ...errors import BenchError
from ...plan.settings import parse_share
from ..terminal import print_lines, print_table, stderr_console
from ..written import check_targets, report_options, targets, write

FORM = "write onnxwright compare BASE NEW, or BASE... NEW... --replicates N"


@click.command("compare")
@click.argument("results", nargs=-1, type=click.Path(path_type=Path), metavar="BASE NEW")
@click.option(
    "--replicates",
    type=click.IntRange(min=1),
    metavar="N",
    help="Give N sessions of BASE, then N of NEW: a session is the unit, not its processes.",
)
@click.option(
    "--min-effect",
    default="2%",
    show_default=True,
    help="The smallest difference that matters.",
)
@click.option("--lenient", is_flag=True, help="Compare results of unlike machines all the same.")
@click.option("--fail-inconclusive", is_flag=True, help="Exit with 3 where a case is inconclusive.")
@report_options
def command(
    results: tuple[Path, ...],
    replicates: int | None,
    min_effect: str,
    lenient: bool,
    fail_inconclusive: bool,
    formats: tuple[str, ...],
    outputs: tuple[Path, ...],
) -> None:
    r"""Compare the results NEW with BASE, for each case that both have.

    Two sessions differ by more than their processes tell. With --replicates several sessions stand
    on each side, measured best in turns (base, new, base, new, ...), and are compared as such:

    \b
      onnxwright compare base-*.json new-*.json --replicates 4

    Exit code 1 when a case is slower, has failed or exceeds the error budget.
    """
    from ...codec import encode
    from ...reports.changes import comparison_csv, comparison_markdown, summary
    from ...reports.compared import comparison_table
    from ...reports.html.series import comparison_html
    from ...results.compare import compare, compare_sessions, exit_code
    from ...results.store import read_results
    from ..show import show_comparison_remarks

    wanted, effect = targets(formats, outputs), parse_share(min_effect)
    bases, news = split(results, replicates)
    check_targets(wanted, reads=results)
    old, new = ([read_results(path) for path in paths] for paths in (bases, news))
    if replicates is None:
        result = compare(old[0], new[0], effect, lenient=lenient)
    else:
        result = compare_sessions(old, new, effect, lenient=lenient)
    renders: dict[str, Callable[[], str]] = {
        "html": partial(comparison_html, result, new[-1], bases[0].stem, news[-1].stem),
        "markdown": partial(comparison_markdown, result),
        "csv": partial(comparison_csv, result),
        "json": lambda: json.dumps(encode(result), indent=2, allow_nan=False) + "\n",
    }
    write(wanted, renders)
    if any(target.format == "table" for target in wanted):
        print_lines([f"new against base, {summary(result)}", ""])
        print_table(comparison_table(result))
    show_comparison_remarks(result, stderr_console())
    sys.exit(exit_code(result, fail_inconclusive))


def split(paths: Sequence[Path], replicates: int | None) -> tuple[Sequence[Path], Sequence[Path]]:
    """Return the files of either side; BenchError where there are not as many as asked."""
    each = replicates or 1
    if len(paths) != 2 * each:
        asked = f"{each} files a side" if replicates else "two files, BASE and NEW"
        raise BenchError(f"compare takes {asked}, and {len(paths)} are given", FORM)
    return paths[:each], paths[each:]
