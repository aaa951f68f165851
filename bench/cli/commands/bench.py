"""``onnxwright bench``: measure models on runtimes."""

import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import chain
from typing import Any

import click

from ...errors import BenchError
from ...measure.releases import parse_releases
from ...plan.settings import Settings, parse_axes, parse_bytes, parse_share, split_pair
from .. import completion
from ..bench_help import EXAMPLES, SECTIONS
from ..bench_options import bench_options
from ..environments import first_of, parse_environments, spread, with_releases
from ..sectioned import SectionedCommand
from ..table_options import column_names
from ..terminal import stderr_console, tell

DEFAULT_SIZES = ("small",)


@click.command("bench", cls=SectionedCommand, sections=SECTIONS, examples=EXAMPLES)
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=completion.cases)
@bench_options
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
    from ..dry_run import show_plan
    from ..progress import progress
    from ..saturation import warn_of_saturation

    resume = options["resume"]
    if resume and (options["models"] or options["on"] or options["axes"]):
        raise BenchError(
            "--resume goes on with the models, runtimes and axes that its journal names",
            "leave out MODEL, --on and --axis, or start a new run without --resume",
        )
    options["columns"] = column_names(options["wide"], options["columns"])
    wanted = Deliveries(**{field.name: options[field.name] for field in fields(Deliveries)})
    console = stderr_console()
    environments = with_releases(
        parse_environments(options["environments"]),
        options["releases"],
        console,
        options["dry_run"],
    )
    served = dict(split_pair(text, "--served", "timeout=5") for text in options["served"])
    again = resume and stored_settings(resume, environments, options["cluster"], served)
    settings = again or replace(make_settings(options, environments), served=served)
    path = resume or options["out"] or default_journal()
    models = chain.from_iterable(map(model_files, settings.models))
    wanted.check(reads=chain(models, input_files(settings.inputs), [path]))
    if options["dry_run"]:
        show_plan(settings, output_format)
        return
    warn_of_saturation(settings.models, settings.on)
    with open_session(settings, path, resume=bool(resume)) as session:
        tell(console, f"results go to {path}")
        try:
            with progress(session, console) as report:
                document = session.run(report)
        except KeyboardInterrupt:
            tell(console, f"stopped; go on with: onnxwright bench --resume {path}")
            sys.exit(130)
    sys.exit(deliver(document, wanted, output_format, console))


def make_settings(options: Mapping[str, Any], environments: Mapping[str, str]) -> Settings:
    """Return the settings that the command's options ask for."""
    from ...plan.preparation import default_models

    memory, against = options["memory_limit"], options["against"]
    on = spread(options["on"], [*environments], parse_releases(options["releases"]))
    on = on or ready_runtimes()
    if (ordered := first_of(against, on)) is not None:
        on, against = ordered, None
    models = options["models"] or default_models(options["sizes"] or DEFAULT_SIZES)
    if against is not None and against not in models:
        models = (against, *models)
    if options["hardware"] and not options["cluster"]:
        raise BenchError("--hw names nodes of a cluster", "add --cluster ADDRESS, or leave it out")
    return Settings(
        models=models,
        on=on,
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
        map_weights=not options["no_map"],
        against=against,
        budget=options["budget"],
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
    """Return the runtimes that start here, without the float64 reference."""
    from ....runtime.discovery import providers

    found = tuple(info.on for info in providers() if info.ready and info.on != "numpy:float64")
    if not found:
        raise BenchError("no runtime is ready", "install one: pip install 'onnxwright[cpu]'")
    return found
