"""What lint found: a table, JSON, GitHub's annotations and SARIF."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.table import Table

from ...graphs.targets import Finding, Severity, Target
from .cells import cell
from .printable import printable

LEVELS = {
    Severity.UNKNOWN: "note",
    Severity.NOTE: "note",
    Severity.SLOW: "note",
    Severity.FALLBACK: "warning",
    Severity.UNSUPPORTED: "error",
    Severity.INVALID: "error",
    Severity.WRONG: "error",
}
"""SARIF's words for how bad a finding is."""
GITHUB = {"note": "notice", "warning": "warning", "error": "error"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def summary(model: Path, target: Target | None, findings: Sequence[Finding]) -> str:
    """Return one line: how many findings of each verdict, or that there are none."""
    counts = {
        verdict: sum(finding.severity == verdict for finding in findings)
        for verdict in reversed(Severity)
    }
    found = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    where = "" if target is None else f" on {target.name} ({target.engine})"
    listless = target is not None and target.kernels is None
    remark = " (no list of its operators is known, only troubles with some)" if listless else ""
    return f"{model}{where}: {found or 'nothing found'}{remark}"


def as_json(model: Path, target: Target | None, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings for a program."""
    return {
        "schema_version": 1,
        "model": str(model),
        "target": None if target is None else target.name,
        "engine": None if target is None else target.engine,
        "findings": [_finding_json(finding) for finding in findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding's fields; readers of the JSON know its severity as "verdict"."""
    return {
        "verdict" if key == "severity" else key: value for key, value in asdict(finding).items()
    }


def as_table(findings: Sequence[Finding]) -> Table:
    """Return the findings for a person; the remedy stands below the reason."""
    table = Table(show_lines=True)
    for heading in ("verdict", "node", "what and what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        node = f"{finding.op} {finding.node}".strip()
        if finding.where not in ("main graph", "model"):
            node = f"{node} ({finding.where})"
        told = f"{finding.reason}; {finding.remedy} [{finding.rule}]"
        table.add_row(finding.severity, cell(node), cell(told))
    return table


def as_github(model: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield workflow commands, which GitHub shows beside the change."""
    for finding in findings:
        level = GITHUB[LEVELS[finding.severity]]
        fields = f"file={_property(str(model))},title={_property(finding.rule)}"
        yield f"::{level} {fields}::{_escaped(_sentence(finding))}"


def _sentence(finding: Finding) -> str:
    subject = f"{finding.op} {finding.node}".strip()
    return printable(f"{subject}: {finding.reason}; {finding.remedy}".removeprefix(": "))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(model: Path, findings: Sequence[Finding]) -> str:
    """Return a SARIF 2.1.0 log, which code scanning tools read."""
    rules = {finding.rule: finding for finding in findings}
    driver = {
        "name": "onnxwright",
        "version": version("onnxwright"),
        "rules": [
            {"id": rule, "help": {"text": finding.remedy}, "properties": {"source": finding.source}}
            for rule, finding in rules.items()
        ],
    }
    log = {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "results": [_result(model, finding, list(rules)) for finding in findings],
            }
        ],
    }
    return json.dumps(log, indent=2)


def _result(model: Path, finding: Finding, rules: Sequence[str]) -> dict[str, Any]:
    names = {"name": finding.node, "fullyQualifiedName": f"{finding.where}/{finding.node}"}
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": _sentence(finding)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": model.as_posix()}},
                "logicalLocations": [names],
            }
        ],
        "properties": {"verdict": str(finding.severity)},
    }
