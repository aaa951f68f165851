"""``onnxwright compare``: two sets of results."""

import sys
from pathlib import Path

import click

from ...plan.settings import parse_share
from ..terminal import format_option, print_fitting, print_json, stderr_console, tell


@click.command("compare")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
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
    base: Path,
    new: Path,
    min_effect: str,
    lenient: bool,
    fail_inconclusive: bool,
    output_format: str,
) -> None:
    """Compare the results NEW with BASE, for each case that both have.

    Exit code 1 when a case is slower, has failed or exceeds the error budget.
    """
    from ...codec import encode
    from ...reports.compared import BETWEEN_SESSIONS, comparison_table
    from ...results.compare import compare, exit_code
    from ...results.store import read_results

    effect = parse_share(min_effect)
    result = compare(read_results(base), read_results(new), effect, lenient=lenient)
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
    tell(console, f"note: {BETWEEN_SESSIONS}")
    sys.exit(exit_code(result, fail_inconclusive))
