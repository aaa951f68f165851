"""Command-line options that several commands share: the runtime's, its limits, the inputs'."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import BenchError
from . import completion

_Command = TypeVar("_Command", bound=Callable[..., Any])
Keywords = dict[str, Any]
"""Arguments of ``runtime.load``, by keyword."""


class Finite(click.FloatRange):
    """A number in a range; ``nan``, which no comparison finds out of range, and ``inf`` are none.

    >>> Finite(0).convert("1e-4", None, None)
    0.0001
    """

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that `value` is."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


def on_option(command: _Command) -> _Command:
    """Add ``--on``, the one runtime of the command."""
    return click.option(
        "--on",
        callback=runtime_names,
        default="numpy",
        show_default=True,
        metavar="RUNTIME",
        shell_complete=completion.runtimes,
        help="Runtime: numpy, cpu, cuda, ..., or a served model's URL.",
    )(command)


def runtime_names(_: object, __: object, given: Any) -> Any:
    """Write the names of runtimes as the project does: ``NumPy`` is ``numpy``."""
    from ...runtime.providers import runtime_name

    if given is None or isinstance(given, str):
        return given and runtime_name(given)
    return tuple(map(runtime_name, given))


def session_options(command: _Command) -> _Command:
    """Add the options of onnxruntime's sessions; `load_options` reads them."""
    for option in (
        click.option(
            "--provider-option",
            "provider_options",
            multiple=True,
            metavar="NAME=VALUE",
            help="Option of the provider, by onnxruntime's name; of a served model timeout, "
            "binary, ca_file, token_file, token_env or sequences.",
        ),
        click.option("--strict", is_flag=True, help="No node may fall back to the CPU provider."),
        click.option(
            "--optimization",
            type=click.Choice(["none", "basic", "extended", "all"]),
            help="onnxruntime's graph optimisation level.",
        ),
        click.option(
            "--exact-int8",
            is_flag=True,
            help="onnxruntime multiplies 8-bit numbers exactly, without VNNI too.",
        ),
        click.option("--threads", type=click.IntRange(1, 1024), help="Threads in one operator."),
    ):
        command = option(command)
    return command


EXACT_INT8 = {"session.x64quantprecision": "1"}
"""onnxruntime's entry for 8-bit products that do not saturate in 16 bits."""


def load_options(
    threads: int | None,
    exact_int8: bool,
    optimization: str | None,
    strict: bool,
    provider_options: Sequence[str],
) -> Keywords:
    """Return the keyword arguments for ``runtime.load``: only what was set."""
    options: Keywords = {}
    if threads is not None:
        options["threads"] = threads
    if optimization is not None:
        options["optimization"] = optimization
    if strict:
        options["strict"] = True
    if provider_options:
        options["provider_options"] = dict(_pair(text) for text in provider_options)
    if exact_int8:
        options["config"] = EXACT_INT8
    return options


def options_on(on: str, options: Mapping[str, Any]) -> Keywords:
    """Return the options that mean something on a runtime: NumPy's 8-bit products are exact."""
    from ...runtime.providers import NUMPY

    return {k: v for k, v in options.items() if k != "config" or on not in NUMPY}


max_steps_option = click.option(
    "--max-steps",
    type=click.IntRange(min=1),
    help="Steps that all loops of a run may make on NumPy.  [default: 10 million]",
)
no_map_option = click.option(
    "--no-map",
    is_flag=True,
    help="Copy external weights into memory on NumPy, for files that may change.",
)
served_option = click.option(
    "--served",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of served models: timeout, binary, ca_file, token_file, token_env, sequences.",
)
threshold_option = click.option(
    "--external-threshold",
    type=click.IntRange(min=0),
    default=512,
    show_default=True,
    help="MiB of weights above which they go to a file beside the model.",
)


def output_option(what: str) -> Callable[[_Command], _Command]:
    """Add ``--output``, the one file that the command writes; `what` says what it is."""
    return click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path),
        required=True,
        metavar="FILE",
        help=what,
    )


def limit_options(command: _Command) -> _Command:
    """Add ``--memory-limit``, ``--max-steps`` and ``--no-map``; `limits` reads them."""
    for option in (
        no_map_option,
        max_steps_option,
        click.option(
            "--memory-limit",
            metavar="SIZE",
            help="What one array may take on NumPy, as 2G.  [default: half of what is free]",
        ),
    ):
        command = option(command)
    return command


def limits(memory_limit: str | None, max_steps: int | None, no_map: bool = False) -> Keywords:
    """Return the keyword arguments of ``runtime.load`` for the NumPy runtimes: only what was set.

    >>> limits("2G", None)
    {'memory_limit': '2G'}
    """
    given = {"memory_limit": memory_limit, "max_steps": max_steps}
    chosen: Keywords = {"map_weights": False} if no_map else {}
    return chosen | {name: value for name, value in given.items() if value is not None}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise BenchError(
            f"--provider-option {text} has no value", "write --provider-option NAME=VALUE"
        )
    return name, value


def input_options(command: _Command) -> _Command:
    """Add ``--input``, ``--dim`` and ``--seed``."""
    for option in (
        click.option("--seed", type=click.IntRange(min=0), help="Seed of the random inputs."),
        click.option(
            "--dim",
            "dims",
            multiple=True,
            metavar="NAME=SIZE",
            shell_complete=completion.dims,
            help="Size of a named dim of the random inputs.",
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="[NAME=]FILE",
            shell_complete=completion.inputs,
            help="NAME=FILE.npy, FILE.npz, or NAME=FILE.npz.",
        ),
    ):
        command = option(command)
    return command
