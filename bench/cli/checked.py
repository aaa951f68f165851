"""Building a model only if it gives what the framework gave: ``--check`` and ``--expect``."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np

from ...graphs import Network
from ...runtime import load
from ..errors import BenchError
from ..model.arrays import input_files, read_inputs
from ..reports.translation import translation_lines, translation_table
from ..verify.expected import (
    Translation,
    check_translation,
    join_inputs,
    read_expected,
    zero_states,
)
from ..verify.reference import REFERENCE
from ..verify.verification import Tolerances
from . import completion
from .options import Finite
from .terminal import print_json, print_table

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """What a model is held against before it is written, as the command's options say."""

    check: Path | None
    expect: Path | None
    inputs: tuple[str, ...]
    on: tuple[str, ...]
    atol: float | None
    rtol: float | None

    @property
    def file(self) -> Path | None:
        """The file with the framework's outputs."""
        return self.check or self.expect

    def files(self) -> list[Path]:
        """Return every file that is read."""
        return [*([self.file] if self.file else []), *input_files(self.inputs)]


def check_options(command: _Command) -> _Command:
    """Add the options that `Check` holds, handed to the command under their names."""
    for option in (
        click.option(
            "--rtol", type=Finite(min=0), help="Relative tolerance.  [default: 1e-5 for float32]"
        ),
        click.option(
            "--atol", type=Finite(min=0), help="Absolute tolerance.  [default: 1e-4 for float32]"
        ),
        click.option(
            "--on",
            multiple=True,
            metavar="RUNTIME",
            shell_complete=completion.runtimes,
            help="Runtime to check beside the float64 reference; again for more.  [default: numpy]",
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="[NAME=]FILE",
            help="Inputs that belong to --expect: NAME=FILE.npy or FILE.npz.",
        ),
        click.option(
            "--expect",
            type=click.Path(path_type=Path),
            metavar="FILE.npz",
            help="The same, with the outputs alone; --input gives the inputs.",
        ),
        click.option(
            "--check",
            type=click.Path(path_type=Path),
            metavar="FILE.npz",
            help="Inputs and outputs of the framework; write the model only if it gives them.",
        ),
    ):
        command = option(command)
    return command


def check_network(net: Network, options: Check) -> Translation | None:
    """Hold a network against what its framework gave, before anything is written.

    Returns None where nothing was asked for.

    Raises
    ------
    BenchError
        The options do not go together, or the file does not fit the model.
    """
    if options.file is None:
        if options.on or options.inputs:
            raise BenchError(
                "--on and --input say nothing without --check or --expect",
                "give --check io.npz, or leave them out",
            )
        return None
    if options.check and options.expect:
        raise BenchError("--check and --expect are both given", "give one of them")
    if options.check and options.inputs:
        raise BenchError("--check has its inputs in its own file", "give --expect with --input")
    model = net.build()
    runner = load(model, on=REFERENCE)
    expected = read_expected(options.file, runner.inputs, runner.outputs)
    needed = [info.name for info in runner.inputs]
    given = read_inputs(options.inputs)
    given |= zero_states(runner.inputs, runner.outputs, {**given, **expected.inputs})
    feeds = join_inputs(given, expected, needed, None)
    wanted = {info.name: info.dtype for info in runner.inputs}
    feeds = {name: _as_taken(array, wanted.get(name)) for name, array in feeds.items()}
    limits = Tolerances(options.atol, options.rtol)
    runtimes = options.on or ("numpy",)
    plain: dict[str, dict[str, Any]] = {on: {} for on in runtimes}
    return check_translation(model, plain, feeds, expected, options.file, limits)


def stop_unless_passed(result: Translation | None, output: Path, output_format: str) -> None:
    """Exit with 1 and the table of errors where the model differs: nothing has been written."""
    if result is None:
        return
    if output_format == "table":
        print_table(translation_table(result))
        click.echo("\n".join(translation_lines(result)))
    if not result.passed:
        if output_format == "json":
            print_json({"schema_version": 1, "translation": result.to_json()})
        click.echo(f"{output} was not written", err=True)
        sys.exit(1)


def _as_taken(array: Any, dtype: Any) -> Any:
    """Return a feed in the dtype that the model takes: floats rounded, integers only unchanged.

    Frameworks do so too: ids come as int64 from most programs, and numbers as float64.
    """
    if dtype is None or array.dtype == dtype or array.dtype.kind not in "iufb":
        return array
    with np.errstate(invalid="ignore", over="ignore"):
        converted = array.astype(dtype)
        both_floats = array.dtype.kind == dtype.kind == "f"
        same = both_floats or np.array_equal(converted.astype(array.dtype), array)
    return converted if same else array
