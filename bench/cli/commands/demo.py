"""``onnxwright demo``: the main job on the real data that ships with the package."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from .... import runtime
from ....files import FileError
from ....runtime.discovery import ProviderInfo
from ...demo.document import make_document, without_samples
from ...demo.progress import progress
from ...demo.session import Outcome, run
from ...demo.speed import FEWEST, PROCESSES
from ...demo.table import complaints, explain, make_table
from ...digits import nets
from ...measure.conditions import flags
from ...results.store import load_results, save_results
from ...verify.reference import REFERENCE
from ..terminal import format_option, print_json, print_lines, print_table, stderr_console

RESULTS = "results.json"


@click.command("demo")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("onnxwright-demo"),
    show_default=True,
    help="Folder for the models and the results.",
)
@click.option(
    "--net",
    "chosen",
    type=click.Choice(nets.NAMES),
    multiple=True,
    help="Only this net; may be given more than once. [default: all]",
)
@click.option(
    "--processes",
    default=PROCESSES,
    show_default=True,
    type=click.IntRange(FEWEST),
    help="How many processes measure; more give narrower intervals.",
)
@format_option
def command(out: Path, chosen: tuple[str, ...], processes: int, output_format: str) -> None:
    """Build fourteen real networks, prove them and measure them.

    Thirteen were trained on 8 x 8 images of digits, and run on the 450 images that they never saw;
    one is a toy LSTM whose answer is known. Each runs on numpy:float64 (the reference), numpy and
    every onnxruntime provider that is here. The models and one results file stay in a folder. Takes
    less than a minute on two cores. Exits with 1 when a net gives a wrong answer.
    """
    folder = _make_folder(out)
    infos = runtime.providers()
    _say_what_is_missing(infos)
    ready = [info.on for info in infos if info.ready]
    runtimes = [REFERENCE, *(on for on in ready if on != REFERENCE)]
    chosen = tuple(dict.fromkeys(chosen or nets.NAMES))
    with progress(len(chosen) + processes, stderr_console()) as report:
        outcome = run(chosen, runtimes, folder, processes, report)
    save_results(folder / RESULTS, make_document(outcome, infos, datetime.now(UTC)))
    if output_format == "json":
        print_json(without_samples(load_results(folder / RESULTS)))
    else:
        print_table(make_table(outcome.rows))
        kept = f"Models and {RESULTS} (raw samples, machine, versions) are in {folder}"
        print_lines([*explain(outcome), kept])
    _warn(outcome)
    if outcome.wrong:
        sys.exit(1)


def _make_folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"cannot make the folder {out}: {error.strerror or error}", "give another with --out"
        ) from error
    return out


def _say_what_is_missing(infos: Sequence[ProviderInfo]) -> None:
    for info in infos:
        if not info.ready:
            click.echo(f"note: {info.on} is left out: {info.detail}", err=True)
    if not any((info.library or "").startswith("onnxruntime") for info in infos):
        click.echo(
            "note: onnxruntime is not installed, so everything runs on NumPy only; "
            "pip install 'onnxwright[cpu]' adds it",
            err=True,
        )


def _warn(outcome: Outcome) -> None:
    flagged = sorted({word for conditions in outcome.conditions for word in flags(conditions)})
    if flagged:
        click.echo(
            f"warning: the machine was not quiet while measuring ({', '.join(flagged)}), so the "
            "timings are doubtful: close other programs and run the demo again",
            err=True,
        )
    for row in outcome.rows:
        if row.problem:
            click.echo(f"note: {row.on} did not take {row.net}: {row.problem}", err=True)
    for complaint in complaints(outcome):
        click.echo(f"error: {complaint}", err=True)
