"""What of a model will not run on a target, falls back there, or computes something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from onnx import ModelProto

from ...texts import listed
from .conditions import holds
from .kernels import load_table
from .model_rules import concerned, needs_model
from .node import NodeFacts, ValueFacts, schema_of
from .rule import Rule
from .saturating import saturating_nodes, saturation_words
from .severity import Severity
from .target import Target, choose
from .walk import walk

NAMED = 5
"""How many names a finding about the model lists before it counts the rest."""


@dataclass(frozen=True)
class Finding:
    """One thing that a target does with one node, or with the model as a whole."""

    node: str
    """The node's name, else its first output's; for the model, what of it is concerned."""
    op: str
    """"" where the finding is about the model."""
    where: str
    """``"main graph"``, ``"body of Scan 'x'"``, ``"function 'f'"`` or ``"model"``."""
    severity: Severity
    reason: str
    remedy: str
    source: str
    rule: str
    """The rule's id, or ``"kernel-table"``."""


def lint(model: ModelProto, target: str | Target) -> list[Finding]:
    """Hold a model against a target's rules: the model as a whole first, then node by node.

    Raises
    ------
    TargetError
        There is no such target, or `model` is no ModelProto.
    """
    needs_model(model)
    chosen = choose(target)
    findings = list(_about_model(model, chosen))
    for node in walk(model):
        findings.extend(judge(node, chosen))
    findings.extend(_saturation(model, chosen))
    return findings


def _saturation(model: ModelProto, target: Target) -> Iterator[Finding]:
    """Say where the processor decides whether products of bytes are right."""
    nodes = saturating_nodes(model) if target.name == "cpu" else []
    if nodes:
        yield Finding(
            listed(nodes, NAMED),
            "",
            "model",
            Severity.UNKNOWN,
            saturation_words(nodes, None),
            "quantize with 7 bits (onnxwright quantize, --for any), or run with --exact-int8",
            "measured on onnxruntime 1.32.0 with AVX2, and with VNNI",
            "int8-saturates",
        )


def would_run(
    target: str | Target,
    op: str,
    *,
    opset: int | None = None,
    attributes: Mapping[str, Any] | None = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    dtype: str = "float",
    dims: Mapping[str, Sequence[int | None]] | None = None,
) -> list[Finding]:
    """Judge a node that is yet to be made; nothing in the list means that it runs as it is.

    `inputs` and `outputs` are the schema's names of those that the node will have; `dtype` is
    ONNX's name of the float type, `dims` the dims of those inputs whose dims are known, None in
    place of an open one. `opset` is the target's own when None. A recurrent node is taken
    to have its hidden_size.

    >>> [str(f.severity) for f in would_run("cuda", "GRU", attributes={"linear_before_reset": 0})]
    ['falls back to CPU']
    >>> would_run("cuda", "GRU", attributes={"linear_before_reset": 1})
    []
    """
    chosen = choose(target)
    version = opset or chosen.opset
    node = NodeFacts(
        op,
        version,
        attributes={"hidden_size": 1, **(attributes or {})},
        inputs=_planned_inputs(op, version, inputs, dtype, dims or {}),
        outputs=frozenset(outputs),
    )
    return [finding for finding in judge(node, chosen) if finding.severity != Severity.UNKNOWN]


def judge(node: NodeFacts, target: Target) -> list[Finding]:
    """Return what the target's rules and its kernel table say about one node.

    The table is asked only where no rule has spoken of the node, for a rule knows the better
    reason. A node that falls back is judged by the rules of the target it falls back to as well,
    as far as they find something worse.
    """
    answers = [(rule, holds(rule.when, node)) for rule in target.rules if rule.concerns(node.op)]
    broken = [rule for rule, answer in answers if answer]
    open_rules = [rule for rule, answer in answers if answer is None]
    findings = [_finding(rule, node) for rule in broken]
    if not any(finding.severity.rank >= target.miss.rank for finding in findings):
        findings.extend(_table_miss(node, target))
    if target.falls_back_to and Severity.FALLBACK in {finding.severity for finding in findings}:
        worst = max(finding.severity.rank for finding in findings)
        there = judge(node, choose(target.falls_back_to))
        findings.extend(finding for finding in there if finding.severity.rank > worst)
    if open_rules:
        findings.append(_not_known(open_rules, node))
    return findings


def _planned_inputs(
    op: str,
    opset: int,
    inputs: Sequence[str],
    dtype: str,
    dims: Mapping[str, Sequence[int | None]],
) -> dict[str, ValueFacts]:
    """Give each planned input the type that its schema allows; "X" stands in where none is."""
    schema = schema_of(op, opset)
    label = {parameter.name: parameter.type_str for parameter in schema.inputs} if schema else {}
    first = next(iter(label), "X")
    names = inputs or (first,)
    return {
        name: ValueFacts(
            name,
            dtype if label.get(name, "T") == label.get(first, "T") else None,
            tuple(dims[name]) if name in dims else None,
        )
        for name in names
    }


def _about_model(model: ModelProto, target: Target) -> Iterator[Finding]:
    for rule in target.rules:
        names = None if rule.ops else concerned(rule.when, model)
        if names is not None:
            yield Finding(
                listed(names, NAMED),
                "",
                "model",
                rule.severity,
                rule.reason,
                rule.remedy,
                rule.source,
                rule.id,
            )


def _finding(rule: Rule, node: NodeFacts) -> Finding:
    return Finding(
        node.name,
        node.op,
        node.where,
        rule.severity,
        rule.reason,
        rule.remedy,
        rule.source,
        rule.id,
    )


def _table_miss(node: NodeFacts, target: Target) -> Iterator[Finding]:
    if node.op == "Constant":
        return
    if target.kernels is None:
        yield from _foreign(node, target)
        return
    table = load_table(target.kernels)
    reason = table.miss(node)
    if reason is None or _is_expanded(node, target):
        return
    widened = any(value.dtype in target.widened for value in node.inputs.values())
    if widened and table.miss(_in_float32(node, target)) is None:
        severity = Severity.SLOW
        reason = f"{reason}; onnxruntime casts to float32 and back around it"
        remedy = "build the model in float32 for this target"
    else:
        severity = target.miss
        remedy = f"build at opset {target.opset}, or write it with operators that have a kernel"
    yield Finding(
        node.name, node.op, node.where, severity, reason, remedy, table.source, "kernel-table"
    )


def _foreign(node: NodeFacts, target: Target) -> Iterator[Finding]:
    """Say that nothing is known of an operator that is none of ONNX's own, where no table says."""
    known = any(rule.concerns(node.op) for rule in target.rules if rule.ops != ("*",))
    if node.domain and not known:
        yield Finding(
            node.name,
            node.op,
            node.where,
            Severity.UNKNOWN,
            f"whether {target.name} has {node.domain}'s {node.op} is not known",
            f"try it on {target.engine}, or write it with operators of ONNX",
            "no rule and no table of operators",
            "not-listed",
        )


def _in_float32(node: NodeFacts, target: Target) -> NodeFacts:
    inputs = {
        name: replace(value, dtype="float") if value.dtype in target.widened else value
        for name, value in node.inputs.items()
    }
    return replace(node, inputs=inputs)


def _is_expanded(node: NodeFacts, target: Target) -> bool:
    """Say whether onnxruntime replaces the node by its definition: no provider has a kernel."""
    schema = schema_of(node.op, node.opset, node.domain)
    # The type stubs of onnx lack both properties.
    kinds = ("has_function", "has_context_dependent_function")
    defined = schema is not None and any(getattr(schema, kind) for kind in kinds)
    return defined and load_table("cpu").miss(node) is not None


def _not_known(rules: Sequence[Rule], node: NodeFacts) -> Finding:
    return Finding(
        node.name,
        node.op,
        node.where,
        Severity.UNKNOWN,
        f"the types or dims of its inputs are not known, so these rules were not held against it: "
        f"{', '.join(rule.id for rule in rules)}",
        "give the graph's inputs and inner values types and shapes (onnx.shape_inference)",
        "shape inference",
        "unknown",
    )
