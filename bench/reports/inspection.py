"""What stands in a model's file as lines and tables, the answer first, within 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from rich.table import Table

from ...graphs.targets import Severity
from ...texts import listed
from ..model.inspection import Inspection
from ..model.processor import Feature
from ..model.work import NodeWork, Work, by_operator
from .cells import cell
from .printable import printable
from .units import NONE, size

WIDTH = 80
NAME_WIDTH = 35
SHORT = 48
"""Columns for a value; a longer one goes on in the next line, or is cut after some of them."""
Findings = Mapping[str, Mapping[Severity, int]]
"""Target to how many findings of each severity."""


@dataclass(frozen=True)
class Inspected:
    """All that is told of a model."""

    path: Path
    facts: Inspection
    work: Work
    features: tuple[Feature, ...]
    findings: Findings | None
    """None where the model has too many nodes to look at every target unasked."""
    digest: str
    """What is said of the digest of the weights in the metadata."""


def answer(found: Inspected) -> Iterator[str]:
    """Yield what most people want to know, in lines that fit."""
    for line in _lines(found):
        yield from wrap(printable(line), WIDTH, subsequent_indent=" " * 9, break_on_hyphens=False)


def _lines(found: Inspected) -> Iterator[str]:
    facts, work = found.facts, found.work
    kinds = ", ".join(sorted(facts.dtypes, key=lambda kind: -facts.dtypes[kind])) or "no weights"
    yield (
        f"{found.path.name}: {facts.parameters:,} parameters in {size(facts.parameter_bytes)} "
        f"({kinds}), {facts.nodes:,} nodes"
    )
    opset = ", ".join(f"{name} {version}" for name, version in facts.opsets.items())
    yield f"opset    {opset} (IR {facts.ir_version})"
    for word, infos in (("takes", facts.inputs), ("gives", facts.outputs)):
        yield from (f"{word:<8} {info}" for info in infos)
    yield from (f"state    {taken} -> {given}" for taken, given in facts.states)
    yield from _costs(work)
    yield from _linted(found.findings, found.path)
    yield from map(_feature, found.features)


def _costs(work: Work) -> Iterator[str]:
    sizes = " ".join(f"{name}={value}" for name, value in work.sizes.items())
    least = "at least " if work.uncounted else ""
    at = f" at {sizes}" if sizes else ""
    yield f"one run  {least}{amount(work.operations)} operations, {size(work.bytes)} moved{at}"
    if work.uncounted:
        yield f"         not counted: {listed(work.uncounted, most=6)}"


def _linted(findings: Findings | None, path: Path) -> Iterator[str]:
    if findings is None:
        yield f"lint     many nodes: see onnxwright lint {path} --target NAME"
        return
    clean = [name for name, counts in findings.items() if not counts]
    if clean:
        yield f"lint     no finding: {', '.join(clean)}"
    for name, counts in findings.items():
        if counts:
            told = ", ".join(f"{count} {severity}" for severity, count in counts.items())
            yield f"         {name}: {told}"


def _feature(feature: Feature) -> str:
    here = {None: "not known here", True: "this processor has one", False: "NOT here"}[feature.here]
    why = f"; {feature.why}" if feature.here is not True else ""
    return f"{feature.arithmetic}: {', '.join(feature.sets)} ({here}{why})"


def amount(number: int) -> str:
    """Return a count with a prefix.

    >>> amount(950), amount(1_234_567), amount(3 * 10**9), amount(10**400)
    ('950', '1.23 M', '3 G', 'more than 1e+20')
    """
    if number > 10**20:  # a claim; there may be too many digits for a float
        return "more than 1e+20"
    for unit, scale in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= scale:
            return f"{number / scale:.3g} {unit}"
    return str(number)


def operator_table(found: Inspected) -> Table:
    """Return a line for each operator, the most frequent first."""
    table = Table()
    table.add_column("operator", max_width=NAME_WIDTH, overflow="fold")
    for heading in ("nodes", "operations", "bytes"):
        table.add_column(heading, justify="right")
    table.add_column("on NumPy", max_width=12, overflow="fold")
    totals = by_operator(found.work)
    for operator, count in found.facts.operators.items():
        operations, moved = totals.get(operator, (None, None))
        numbers = (f"{count:,}", told(operations), size(moved))
        table.add_row(cell(operator), *numbers, found.facts.kernels.get(operator, NONE))
    return table


def told(number: int | None) -> str:
    """Return a count, or that it is not known."""
    return NONE if number is None else amount(number)


def node_table(nodes: Sequence[NodeWork]) -> Table:
    """Return a line for each node of the main graph, in the order in which they run."""
    table = Table()
    table.add_column("node", max_width=18, overflow="fold")
    table.add_column("operator", max_width=14, overflow="fold")
    table.add_column("output", max_width=14, overflow="fold")
    table.add_column("operations", justify="right", max_width=10, overflow="fold")
    table.add_column("bytes", justify="right", max_width=8, overflow="fold")
    for node in nodes:
        shape = "?" if node.shape is None else " x ".join(map(str, node.shape)) or "scalar"
        numbers = (told(node.operations), size(node.bytes))
        table.add_row(cell(node.node or node.output), cell(node.op), shape, *numbers)
    return table


def facts_table(found: Inspected) -> Table:
    """Return what else the file says of itself."""
    table = Table("fact")
    table.add_column("value", max_width=SHORT, overflow="fold")
    table.add_row("producer", cell(found.facts.producer) or NONE)
    table.add_row("weights' digest", found.digest)
    kinds = ", ".join(f"{name}: {count:,}" for name, count in found.facts.dtypes.items())
    table.add_row("parameters by type", kinds or NONE)
    if found.facts.functions:
        table.add_row("functions", cell(_shortened(", ".join(found.facts.functions))))
    for key, value in found.facts.metadata.items():
        table.add_row(cell(_shortened(f"metadata {key}", 24)), cell(_shortened(value)))
    return table


def _shortened(text: str, most: int = 2 * SHORT) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
