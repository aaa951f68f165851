"""The options of ``onnxwright bench``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..model.interface import DEFAULT_BUDGET
from ..stats.ratio import MOST
from . import completion
from .options import Finite, max_steps_option, no_map_option, runtime_names, served_option
from .table_options import table_options
from .terminal import format_option

_Command = TypeVar("_Command", bound=Callable[..., Any])

LIST_SUITES = "?"
"""What --suite is where no name follows."""
OPTIONS = (
    click.option(
        "--on",
        callback=runtime_names,
        multiple=True,
        metavar="RUNTIME",
        shell_complete=completion.runtimes,
        help="Runtime, the baseline first: numpy, cpu, cuda, ..., NAME@ENV, or a "
        "served model's URL. All that are ready here when left out.",
    ),
    served_option,
    click.option(
        "--axis",
        "axes",
        multiple=True,
        metavar="NAME=V,V",
        shell_complete=completion.axes,
        help="Values of a dim by name, of threads, hidden (built-in cases) or RUNTIME.OPTION.",
    ),
    click.option(
        "--env",
        "environments",
        multiple=True,
        metavar="NAME=PYTHON",
        help="Interpreter of an environment for a runtime of that name or for --on X@NAME; without "
        "--on, cpu is measured in each.",
    ),
    click.option(
        "--ort",
        "releases",
        multiple=True,
        metavar="RELEASE,RELEASE",
        help="Releases of onnxruntime, as 1.20,1.32.0: cpu is measured on each, in environments "
        "that pip makes and the cache folder keeps.",
    ),
    click.option(
        "--input",
        "inputs",
        multiple=True,
        metavar="NAME=FILE",
        shell_complete=completion.inputs,
        help="Real input from .npy or .npz; others are random.",
    ),
    click.option(
        "--suite",
        is_flag=False,
        flag_value=LIST_SUITES,
        metavar="[NAME]",
        shell_complete=completion.suites,
        help="Models and loads under one name, and a card of what they give; without a name the "
        "suites are listed.",
    ),
    click.option(
        "--size",
        "sizes",
        multiple=True,
        type=click.Choice(["small", "medium", "large"]),
        help="Size classes of the built-in cases when no MODEL is given  [default: small]",
    ),
    click.option(
        "--seed",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Of inputs and of the order of rounds.",
    ),
    click.option(
        "--min-effect",
        default="2%",
        show_default=True,
        help="The smallest difference that matters.",
    ),
    click.option(
        "--rounds",
        default=10,
        show_default=True,
        type=click.IntRange(3, MOST),
        help="Fewest processes of each case.",
    ),
    click.option(
        "--max-rounds",
        default=60,
        show_default=True,
        type=click.IntRange(3, MOST),
        help="Most processes of each case.",
    ),
    click.option(
        "--time-budget",
        default=60.0,
        show_default=True,
        type=Finite(0),
        help="Seconds per model and shape; after the fewest rounds it ends them.",
    ),
    click.option(
        "--sample-time",
        default=0.1,
        show_default=True,
        type=Finite(0.001),
        help="Seconds of samples per process.",
    ),
    click.option(
        "--timeout",
        default=300.0,
        show_default=True,
        type=Finite(0.01),
        help="Seconds after which a process is ended.",
    ),
    click.option(
        "--memory-limit",
        metavar="SIZE",
        help="Memory of one process, as 2G; 80 % of what is free when left out.",
    ),
    max_steps_option,
    no_map_option,
    click.option(
        "--against",
        metavar="MODEL",
        help="Hold all models against this one, in one interleaved run: speed, error and size; or "
        "all environments against the one of this name or release.",
    ),
    click.option(
        "--budget",
        type=Finite(0),
        default=DEFAULT_BUDGET,
        show_default=True,
        help="Largest relative L2 error that --against allows.",
    ),
    click.option("--atol", type=Finite(0), help="Absolute error budget against float64."),
    click.option("--rtol", type=Finite(0), help="Relative error budget against float64."),
    click.option(
        "--load",
        "loads",
        multiple=True,
        metavar="KIND=N",
        shell_complete=completion.loads,
        help="Latency under load: closed=THREADS or processes=PROCESSES that ask again at once, or "
        "poisson=RATE from the scheduled time; poisson=50% of what the slowest runtime manages.",
    ),
    click.option(
        "--servers",
        default=1,
        show_default=True,
        type=click.IntRange(1),
        help="Threads that answer a Poisson load.",
    ),
    click.option(
        "--load-time",
        default=3.0,
        show_default=True,
        type=Finite(0.01),
        help="Seconds under load per process.",
    ),
    click.option("--cluster", metavar="ADDRESS", help="Measure on the nodes of a Ray cluster."),
    click.option(
        "--hw",
        "hardware",
        multiple=True,
        metavar="LABEL",
        help="Its nodes by their label hw.  [default: all that have one]",
    ),
    click.option(
        "--peaks/--no-peaks",
        default=True,
        help="Measure the machine's peaks in the course of the run  [default: yes]",
    ),
    click.option("--strict", is_flag=True, help="Refuse a provider that leaves nodes to the CPU."),
    click.option(
        "--dry-run",
        is_flag=True,
        help="Print what would be measured and how long it takes, and end.",
    ),
    click.option(
        "--out", type=click.Path(path_type=Path), help="Journal, written after every process."
    ),
    click.option(
        "--resume",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Go on with the journal of a run that was stopped.",
    ),
    click.option(
        "--export-json", type=click.Path(path_type=Path), help="All results in one document."
    ),
    click.option(
        "--export-csv", type=click.Path(path_type=Path), help="A line per case and load, unrounded."
    ),
    click.option(
        "--export-markdown", type=click.Path(path_type=Path), help="The answers and the table."
    ),
    click.option(
        "--export-html",
        type=click.Path(path_type=Path),
        help="The page of `report`: all charts, opens offline.",
    ),
    click.option("--save-baseline", metavar="NAME", help="Keep the results under a name."),
    click.option(
        "--baseline",
        metavar="NAME",
        shell_complete=completion.baselines,
        help="Compare with the results kept under a name.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["wrong", "failed"]),
        default="wrong",
        show_default=True,
        help="Exit with 1 where a case is over the error budget; failed: or gives no result.",
    ),
    table_options,
    format_option,
)


def bench_options(command: _Command) -> _Command:
    """Add all options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
