"""``onnxwright bench``: measure models on runtimes."""

import sys
from dataclasses import fields, replace
from itertools import chain
from typing import Any

import click

from ...errors import BenchError
from ...plan.settings import split_pair
from .. import completion
from ..bench_help import EXAMPLES, SECTIONS
from ..bench_options import LIST_SUITES, bench_options
from ..bench_settings import make_settings
from ..environments import parse_environments, with_releases
from ..sectioned import SectionedCommand
from ..table_options import column_names
from ..terminal import stderr_console, tell


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
    from ..suites import list_suites

    if options["suite"] == LIST_SUITES:
        list_suites(output_format)
        return
    resume = options["resume"]
    if resume and any(options[name] for name in ("models", "on", "axes", "suite")):
        raise BenchError(
            "--resume goes on with the models, runtimes and axes that its journal names",
            "leave out MODEL, --suite, --on and --axis, or start a new run without --resume",
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
