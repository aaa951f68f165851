"""``onnxwright lint``: what of a model a target will not run as it is, node by node."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from ....files import read_model
from ....graphs.targets import TARGETS, Finding, Severity, Target, choose, lint
from ...reports.cells import cell
from .. import completion
from ..terminal import format_option, print_json, print_table

LEVELS = {
    "wrong": Severity.WRONG,
    "unsupported": Severity.UNSUPPORTED,
    "fallback": Severity.FALLBACK,
    "slow": Severity.SLOW,
    "unknown": Severity.UNKNOWN,
}


@click.command(name="lint")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--target",
    "-t",
    required=True,
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
@format_option
@click.pass_context
def command(
    context: click.Context, model: Path, target: str, fail_on: str, output_format: str
) -> None:
    """List what of MODEL will not run on a target, will fall back, or will compute something else.

    Nothing is run: the findings come from rules, each with its source. Exit status: 0 if no finding
    is as bad as --fail-on, 1 if one is, 2 for a model that cannot be read.
    """
    chosen = choose(target)
    findings = sorted(lint(read_model(model, embedded=False), chosen), key=_worst_first)
    if output_format == "json":
        print_json(as_json(model, chosen, findings))
    elif findings:
        print_table(as_table(model, chosen, findings))
    click.echo(summary(model, chosen, findings), err=True)
    context.exit(int(fails(findings, fail_on)))


def fails(findings: Sequence[Finding], level: str) -> bool:
    """Say whether a finding is as bad as `level`, a key of `LEVELS` or "never"."""
    if level == "never":
        return False
    return any(finding.severity.rank >= LEVELS[level].rank for finding in findings)


def summary(model: Path, target: Target, findings: Sequence[Finding]) -> str:
    """Return one line: how many findings of each verdict, or that there are none."""
    counts = {
        verdict: sum(finding.severity == verdict for finding in findings)
        for verdict in reversed(Severity)
    }
    listed = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    return f"{model} on {target.name} ({target.engine}): {listed or 'nothing found'}"


def as_json(model: Path, target: Target, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings for a program."""
    return {
        "schema_version": 1,
        "model": str(model),
        "target": target.name,
        "engine": target.engine,
        "findings": [_finding_json(finding) for finding in findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding's fields; readers of the JSON know its severity as "verdict"."""
    return {
        "verdict" if key == "severity" else key: value for key, value in asdict(finding).items()
    }


def as_table(model: Path, target: Target, findings: Sequence[Finding]) -> Table:
    """Return the findings for a person."""
    table = Table(title=cell(f"{model} on {target.name}"), show_lines=True)
    for heading in ("verdict", "node", "where", "reason", "remedy", "source"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        node = f"{finding.op} {finding.node}".strip()
        texts = (node, finding.where, finding.reason, finding.remedy, finding.source)
        table.add_row(finding.severity, *map(cell, texts))
    return table


def _worst_first(finding: Finding) -> int:
    return -finding.severity.rank
