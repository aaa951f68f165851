"""``onnxwright bench``: measure models on runtimes."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import click

from ...errors import BenchError
from ...plan.settings import Settings, parse_axes, parse_bytes, parse_share, split_pair
from ...stats.ratio import MOST
from ..options import Finite, max_steps_option, runtime_names
from ..terminal import format_option, stderr_console, tell

DEFAULT_SIZES = ("small",)


@click.command("bench")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option(
    "--on",
    callback=runtime_names,
    multiple=True,
    help="Runtime, the baseline first: numpy, cpu, cuda, ..., NAME@ENV, or a "
    "served model's URL. All that are ready here when left out.",
)
@click.option(
    "--axis",
    "axes",
    multiple=True,
    metavar="NAME=V,V",
    help="Values of a dim by name, of threads, hidden (built-in cases) or RUNTIME.OPTION.",
)
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="NAME=PYTHON",
    help="Interpreter of an environment for a runtime of that name or for --on X@NAME.",
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=FILE",
    help="Real input from .npy or .npz; others are random.",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.Choice(["small", "medium", "large"]),
    help="Size classes of the built-in cases when no MODEL is given  [default: small]",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Of inputs and of the order of rounds.",
)
@click.option(
    "--min-effect", default="2%", show_default=True, help="The smallest difference that matters."
)
@click.option(
    "--rounds",
    default=10,
    show_default=True,
    type=click.IntRange(3, MOST),
    help="Fewest processes of each case.",
)
@click.option(
    "--max-rounds",
    default=60,
    show_default=True,
    type=click.IntRange(3, MOST),
    help="Most processes of each case.",
)
@click.option(
    "--time-budget",
    default=60.0,
    show_default=True,
    type=Finite(0),
    help="Seconds per model and shape; after the fewest rounds it ends them.",
)
@click.option(
    "--sample-time",
    default=0.1,
    show_default=True,
    type=Finite(0.001),
    help="Seconds of samples per process.",
)
@click.option(
    "--timeout",
    default=300.0,
    show_default=True,
    type=Finite(0.01),
    help="Seconds after which a process is ended.",
)
@click.option(
    "--memory-limit",
    metavar="SIZE",
    help="Memory of one process, as 2G; 80 % of what is free when left out.",
)
@max_steps_option
@click.option("--atol", type=Finite(0), help="Absolute error budget against float64.")
@click.option("--rtol", type=Finite(0), help="Relative error budget against float64.")
@click.option(
    "--load",
    "loads",
    multiple=True,
    metavar="KIND=N",
    help="Latency under load: closed=CLIENTS, or poisson=RATE from the scheduled time.",
)
@click.option(
    "--servers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Threads that answer a Poisson load.",
)
@click.option(
    "--load-time",
    default=3.0,
    show_default=True,
    type=Finite(0.01),
    help="Seconds under load per process.",
)
@click.option("--cluster", metavar="ADDRESS", help="Measure on the nodes of a Ray cluster.")
@click.option(
    "--hw", "hardware", multiple=True, metavar="LABEL", help="Its nodes by their label hw; all."
)
@click.option(
    "--peaks/--no-peaks", default=True, help="Measure the machine's limits first [default: yes]"
)
@click.option("--strict", is_flag=True, help="Refuse a provider that leaves nodes to the CPU.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Journal, written after every process."
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Go on with the journal of a run that was stopped.",
)
@click.option("--export-json", type=click.Path(path_type=Path), help="All results in one document.")
@click.option("--export-csv", type=click.Path(path_type=Path), help="One line per case, unrounded.")
@click.option("--export-markdown", type=click.Path(path_type=Path), help="The table.")
@click.option("--save-baseline", metavar="NAME", help="Keep the results under a name.")
@click.option("--baseline", metavar="NAME", help="Compare with the results kept under a name.")
@format_option
def command(output_format: str, **options: Any) -> None:
    """Measure MODELs, or the built-in cases, on every runtime: how fast, how right, what ran where.

    A MODEL is an .onnx file or a built-in case such as lstm/medium. Every case runs in processes
    of its own, in random interleaved order. Exit code 1 when a case exceeds the error budget, when
    none could be measured or, with --baseline, one has become slower.
    """
    from ....files import model_files
    from ...measure.session import default_journal, open_session, stored_settings
    from ...model.arrays import input_files
    from ..deliver import Deliveries, deliver
    from ..progress import progress

    resume = options["resume"]
    if resume and (options["models"] or options["on"] or options["axes"]):
        raise BenchError(
            "--resume goes on with the models, runtimes and axes that its journal names",
            "leave out MODEL, --on and --axis, or start a new run without --resume",
        )
    wanted = Deliveries(**{field.name: options[field.name] for field in fields(Deliveries)})
    environments = parse_environments(options["environments"])
    asked = stored_settings(resume, environments, options["cluster"]) if resume else None
    settings = asked or make_settings(options, environments)
    path = resume or options["out"] or default_journal()
    models = chain.from_iterable(map(model_files, settings.models))
    wanted.check(reads=chain(models, input_files(settings.inputs), [path]))
    console = stderr_console()
    with open_session(settings, path, resume=bool(resume)) as session:
        tell(console, f"results go to {path}")
        try:
            with progress(session, console) as report:
                document = session.run(report)
        except KeyboardInterrupt:
            tell(console, f"stopped; go on with: onnxwright bench --resume {path}")
            sys.exit(130)
    sys.exit(deliver(document, wanted, output_format, console))


def parse_environments(texts: Sequence[str]) -> dict[str, str]:
    """Return the interpreters that ``--env`` names, by environment."""
    example = "openvino=/path/to/bin/python"
    return dict(split_pair(text, "--env", example) for text in texts)


def make_settings(options: dict[str, Any], environments: Mapping[str, str]) -> Settings:
    """Return the settings that the command's options ask for."""
    from ...plan.preparation import default_models

    memory = options["memory_limit"]
    if options["hardware"] and not options["cluster"]:
        raise BenchError("--hw names nodes of a cluster", "add --cluster ADDRESS, or leave it out")
    return Settings(
        models=options["models"] or default_models(options["sizes"] or DEFAULT_SIZES),
        on=options["on"] or ready_runtimes(),
        axes=parse_axes(options["axes"]),
        environments=environments,
        inputs=options["inputs"],
        seed=options["seed"],
        min_effect=parse_share(options["min_effect"]),
        rounds=options["rounds"],
        max_rounds=max(options["rounds"], options["max_rounds"]),
        time_budget_s=options["time_budget"],
        sample_s=options["sample_time"],
        timeout_s=options["timeout"],
        memory_limit_bytes=parse_bytes(memory) if memory else None,
        max_steps=options["max_steps"],
        atol=options["atol"],
        rtol=options["rtol"],
        loads=options["loads"],
        servers=options["servers"],
        load_s=options["load_time"],
        cluster=options["cluster"],
        hardware=options["hardware"],
        peaks=options["peaks"],
        strict=options["strict"],
    )


def ready_runtimes() -> tuple[str, ...]:
    """Return the runtimes that start here, without the judge."""
    from ....runtime.discovery import providers

    found = tuple(info.on for info in providers() if info.ready and info.on != "numpy:float64")
    if not found:
        raise BenchError("no runtime is ready", "install one: pip install 'onnxwright[cpu]'")
    return found
