"""``onnxwright lint``: what is wrong with a model anywhere, and what a target will not run."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click
import onnx

from ....files import atomic_write, check_outputs, model_files, read_model
from ....graphs.soundness import RULES, check_soundness, explain, fix
from ....graphs.targets import TARGETS, Finding, Severity, Target, choose, lint
from ...errors import BenchError
from ...reports.findings import as_github, as_json, as_sarif, as_table, summary
from .. import completion
from ..terminal import print_json, print_table

LEVELS = {
    "wrong": Severity.WRONG,
    "invalid": Severity.INVALID,
    "unsupported": Severity.UNSUPPORTED,
    "fallback": Severity.FALLBACK,
    "slow": Severity.SLOW,
    "note": Severity.NOTE,
    "unknown": Severity.UNKNOWN,
}


def _explain(context: click.Context, _: click.Parameter, rule: str | None) -> None:
    """Print what a rule is about, and end."""
    if rule is None or context.resilient_parsing:
        return
    known = {each.id: each for name in TARGETS for each in choose(name).rules}
    if rule in known and rule not in RULES:
        found = known[rule]
        lines = [f"{rule} ({found.severity}): {found.reason}.", found.remedy, found.source]
    else:
        told = explain(rule)
        lines = [f"{rule} ({told.severity}): {told.explain}", told.remedy, told.source]
    click.echo("{}\nwhat to do: {}\nfrom: {}".format(*lines))
    context.exit()


@click.command(name="lint")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--target",
    "-t",
    metavar="TARGET",
    shell_complete=completion.targets,
    help=f"Where the model is to run: {', '.join(TARGETS)}.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*LEVELS, "never"]),
    default="fallback",
    show_default=True,
    help="Exit with 1 where a finding is this bad, or worse.",
)
@click.option(
    "--explain",
    metavar="RULE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Say what a rule is about, what breaking it does, and where it is from.",
)
@click.option(
    "--fix",
    "fixed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the model to FILE with what has one right answer mended.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "github", "sarif"]),
    default="table",
    show_default=True,
    help="Table for people, JSON for programs, annotations for GitHub, SARIF for code scanners.",
)
@click.pass_context
def command(
    context: click.Context,
    model: Path,
    target: str | None,
    fail_on: str,
    fixed: Path | None,
    output_format: str,
) -> None:
    """List what is wrong with MODEL, and what of it a target will not run as it is.

    Without --target: is this a sound model, whatever runs it? Shapes, names, types and order are
    held against ONNX's specification. With --target: what fails there, falls back to the CPU, or
    computes something else. Nothing is run: findings come from rules, each with its source. Exit
    status: 0 if no finding is as bad as --fail-on, 1 if one is, 2 for a model that cannot be read.
    """
    check_outputs([fixed], chain(model_files(model)))
    chosen = None if target is None else choose(target)
    proto = read_model(model, embedded=fixed is not None)
    if fixed is not None:
        _mend(proto, model, fixed)
    findings = sorted(_findings(proto, chosen), key=_worst_first)
    _print(model, chosen, findings, output_format)
    click.echo(summary(model, chosen, findings), err=True)
    context.exit(int(fails(findings, fail_on)))


def _findings(model: onnx.ModelProto, target: Target | None) -> list[Finding]:
    """Return what is wrong everywhere, and what is on the target; notes only without one."""
    sound = check_soundness(model)
    if target is None:
        return sound
    return [each for each in sound if each.severity == Severity.INVALID] + lint(model, target)


def _mend(proto: onnx.ModelProto, model: Path, fixed: Path) -> None:
    """Write the mended model, and say what was done."""
    done = fix(proto)
    if not done:
        raise BenchError(
            f"{model} has nothing that --fix mends", "see the findings: onnxwright lint MODEL"
        )
    with atomic_write(fixed) as stream:
        stream.write(proto.SerializeToString(deterministic=True))
    for sentence in done:
        click.echo(f"{fixed}: {sentence}", err=True)


def _print(model: Path, target: Target | None, findings: Sequence[Finding], kind: str) -> None:
    if kind == "json":
        print_json(as_json(model, target, findings))
    elif kind == "sarif":
        click.echo(as_sarif(model, findings))
    elif kind == "github":
        for line in as_github(model, findings):
            click.echo(line)
    elif findings:
        print_table(as_table(findings))


def fails(findings: Sequence[Finding], level: str) -> bool:
    """Say whether a finding is as bad as `level`, a key of `LEVELS` or "never"."""
    if level == "never":
        return False
    return any(finding.severity.rank >= LEVELS[level].rank for finding in findings)


def _worst_first(finding: Finding) -> int:
    return -finding.severity.rank
