"""``onnxwright compare``: two sets of results."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ...errors import BenchError
from ...plan.settings import parse_share
from ..terminal import format_option, print_fitting, print_json, stderr_console, tell

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
@format_option
def command(
    results: tuple[Path, ...],
    replicates: int | None,
    min_effect: str,
    lenient: bool,
    fail_inconclusive: bool,
    output_format: str,
) -> None:
    r"""Compare the results NEW with BASE, for each case that both have.

    Two sessions differ by more than their processes tell. With --replicates several sessions stand
    on each side, measured best in turns (base, new, base, new, ...), and are compared as such:

    \b
      onnxwright compare base-*.json new-*.json --replicates 4

    Exit code 1 when a case is slower, has failed or exceeds the error budget.
    """
    from ...codec import encode
    from ...reports.compared import BETWEEN_SESSIONS, comparison_table
    from ...results.compare import compare, compare_sessions, exit_code
    from ...results.store import read_results

    effect = parse_share(min_effect)
    bases, news = split(results, replicates)
    old, new = ([read_results(path) for path in paths] for paths in (bases, news))
    if replicates is None:
        result = compare(old[0], new[0], effect, lenient=lenient)
    else:
        result = compare_sessions(old, new, effect, lenient=lenient)
    if output_format == "json":
        print_json(encode(result))
    else:
        print_fitting(comparison_table(result))
    console = stderr_console()
    for line in result.differs:
        tell(console, f"differs: {line}")
    for side, names in (("missing", result.missing), ("added", result.added)):
        for name in names:
            tell(console, f"{side}: {name}")
    if result.sessions == 1:
        tell(console, f"note: {BETWEEN_SESSIONS}")
    sys.exit(exit_code(result, fail_inconclusive))


def split(paths: Sequence[Path], replicates: int | None) -> tuple[Sequence[Path], Sequence[Path]]:
    """Return the files of either side; BenchError where there are not as many as asked."""
    each = replicates or 1
    if len(paths) != 2 * each:
        asked = f"{each} files a side" if replicates else "two files, BASE and NEW"
        raise BenchError(f"compare takes {asked}, and {len(paths)} are given", FORM)
    return paths[:each], paths[each:]
