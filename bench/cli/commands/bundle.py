"""``onnxwright bundle``: a folder that serves a model, and the check of one."""

import dataclasses
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ....files import FileError
from ....graphs.bundles import TARGETS, Bundle, Checked, Options, bundle, check
from ....graphs.bundles.bundle import choose
from ....graphs.bundles.made import Target
from ....runtime import RunnerError, load
from ...errors import BenchError
from ...reports.printable import printable
from ..bundle_options import EXAMPLES, SECTIONS, bundle_options
from ..joining import check_joining
from ..sectioned import SectionedCommand
from ..terminal import format_option, print_json


@click.command("bundle", cls=SectionedCommand, sections=SECTIONS, examples=EXAMPLES)
@click.argument("model", type=click.Path(path_type=Path), required=False)
@bundle_options
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
    options = _joining_what_can_be(model, choose(target), options)
    _show_made(bundle(model, target, output, options, replace=replace), output_format)


def _joining_what_can_be(model: Path, target: Target, options: Options) -> Options:
    """Batch no requests of a model whose rows are seen to depend on each other.

    What cannot be run on NumPy, or has no batch that all tensors begin with, is left to the rules.
    """
    by_default = target.arranges_states and options.max_batch is None
    if not (by_default or options.max_batch) or "max_batch" not in target.takes:
        return options
    try:
        check_joining(model.stem, model, load(model, on="numpy"))
    except (RunnerError, FileError):
        return options
    except BenchError as error:
        if options.max_batch:
            raise BenchError(error.problem, "give --max-batch 0") from error
        click.echo(printable(f"note: {error.problem}"), err=True)
        return dataclasses.replace(options, max_batch=0)
    return options


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
    else:
        for problem in found.problems:
            click.echo(printable(f"{problem.where}: {problem.problem}"))
            click.echo(printable(f"  on the server: {problem.effect}"))
            click.echo(printable(f"  remedy: {problem.remedy}"))
    count = len(found.problems)
    told = f"{count} problem{'s' if count != 1 else ''}" if count else "nothing is wrong"
    click.echo(printable(f"{found.folder} for {found.target}: {told}"), err=True)
