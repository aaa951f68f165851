"""``onnxwright bundle``: a folder that serves a model, and the check of one."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table

from ....graphs.bundles import TARGETS, Bundle, Options, bundle
from ....graphs.bundles.checks.check import Checked, check
from ...errors import BenchError
from ...reports.cells import cell
from ...reports.printable import printable
from ..terminal import format_option, print_json, print_table

_Command = TypeVar("_Command", bound=Callable[..., Any])
EXAMPLES = """\b
Examples:
  onnxwright bundle tagger.onnx --for triton -o repository
  onnxwright bundle ear.onnx --for triton --states server --max-sequences 256 -o repository
  onnxwright bundle tagger.onnx --for web --onnxruntime-web node_modules/onnxruntime-web -o page
  onnxwright bundle tagger.onnx --for kserve --storage-uri pvc://claim/models -o service
  onnxwright bundle --check repository
"""


def _choices(command: _Command) -> _Command:
    """Add the options that are fields of `Options`."""
    count = click.IntRange(min=1)
    for option in (
        click.option(
            "--storage-uri",
            metavar="URI",
            help="Where KServe fetches the repository from: pvc://CLAIM/models, s3://..., ...",
        ),
        click.option(
            "--onnxruntime-web",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The npm package onnxruntime-web, for a page: node_modules/onnxruntime-web.",
        ),
        click.option(
            "--dim",
            "dims",
            multiple=True,
            metavar="NAME=SIZE",
            help="Size of a named dim in the runs that warm up, or on the page.",
        ),
        click.option("--warm-up", type=count, metavar="RUNS", help="Runs before it is ready."),
        click.option(
            "--sequence-idle",
            type=count,
            metavar="SECONDS",
            help="When a silent stream is forgotten.  [default: 60]",
        ),
        click.option("--max-sequences", type=count, help="Streams at a time.  [default: 64]"),
        click.option(
            "--max-queue-delay",
            type=click.IntRange(min=0),
            metavar="MICROSECONDS",
            help="How long a request may wait for others.  [default: not at all]",
        ),
        click.option(
            "--max-batch-size",
            type=click.IntRange(min=0),
            help="Rows of waiting requests in one run; 0: none.  [default: 64 where it can]",
        ),
        click.option("--threads", type=click.IntRange(1, 1024), help="Threads in one operator."),
        click.option("--instances", type=count, help="Copies of the model that run at a time."),
        click.option("--accelerator", metavar="NAME", help="cpu, or what else the target has."),
        click.option(
            "--states",
            type=click.Choice(["client", "server"]),
            help="Who carries the states of a streamed model.  [default: client]",
        ),
        click.option("--model-version", "version", type=count, help="Its version.  [default: 1]"),
        click.option("--name", help="The model's name at the server.  [default: the file's]"),
    ):
        command = option(command)
    return command


@click.command(name="bundle", epilog=EXAMPLES)
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option("--for", "target", metavar="TARGET", help=f"One of {', '.join(TARGETS)}.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to make; it appears whole or not at all.",
)
@click.option("--replace", is_flag=True, help="Take the place of a bundle that is there.")
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Hold a bundle against the rules of its target, also one made by hand.",
)
@_choices
@format_option
@click.pass_context
def command(
    context: click.Context,
    /,
    model: Path | None,
    target: str | None,
    output: Path | None,
    replace: bool,
    checked: Path | None,
    dims: tuple[str, ...],
    output_format: str,
    **chosen: Any,
) -> None:
    """Write the folder that a server needs to run MODEL: names, dims and states come from it.

    A model that the target does not run is refused before anything is written. With --check nothing
    is written: each rule that a folder breaks is told, with what would happen on the server. Exit
    status then: 0 if nothing is wrong, 1 if something is.
    """
    if checked is not None:
        if model is not None or output is not None:
            raise BenchError(
                "--check looks at a bundle that is there, and makes none",
                "leave out the model and -o",
            )
        found = check(checked, target)
        _show_checked(found, output_format)
        context.exit(int(bool(found.problems)))
    if model is None or target is None or output is None:
        raise BenchError(
            "a bundle is made of a model, for a target, as a folder; one of them is not given",
            f"write onnxwright bundle MODEL --for {'|'.join(TARGETS)} -o DIR",
        )
    options = Options(**chosen, dims=dict(map(_size, dims)))
    _show_made(bundle(model, target, output, options, replace=replace), output_format)


def _size(text: str) -> tuple[str, int]:
    name, _, size = text.partition("=")
    if not (name and size.isascii() and size.isdigit() and 0 < len(size) < 10 and int(size)):
        raise BenchError(f"--dim {text} gives no size", "write --dim NAME=SIZE, as time=100")
    return name, int(size)


def _show_made(made: Bundle, output_format: str) -> None:
    if output_format == "json":
        facts = {**asdict(made), "folder": str(made.folder)}
        print_json({"schema_version": 1, **facts})
    else:
        click.echo(printable(f"{made.folder}: {made.name} for {made.target}, to be started there:"))
        click.echo(printable(f"  {made.start}"))
    for note in made.notes:
        click.echo(printable(f"note: {note}"), err=True)


def _show_checked(found: Checked, output_format: str) -> None:
    if output_format == "json":
        problems = [asdict(problem) for problem in found.problems]
        facts = {"folder": str(found.folder), "target": found.target, "problems": problems}
        print_json({"schema_version": 1, **facts})
    elif found.problems:
        print_table(_table(found))
    count = len(found.problems)
    told = f"{count} problem{'s' if count != 1 else ''}" if count else "nothing is wrong"
    click.echo(printable(f"{found.folder} for {found.target}: {told}"), err=True)


def _table(found: Checked) -> Table:
    table = Table(title=cell(f"{found.folder} for {found.target}"), show_lines=True)
    for heading in ("where", "what is wrong", "on the server", "remedy"):
        table.add_column(heading, overflow="fold")
    for problem in found.problems:
        texts = (problem.where, problem.problem, problem.effect, problem.remedy)
        table.add_row(*map(cell, texts))
    return table
