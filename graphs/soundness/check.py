"""All checks of a model, in one list of findings."""

from collections.abc import Iterator

import onnx
from onnx import ModelProto

from ...skeleton import skeleton
from ..targets.lint import Finding
from ..targets.walk import walk
from .bodies import check_bodies
from .context import Context, NodeCheck, Place
from .graph import check_graphs
from .numbers import check_numbers
from .quantized import check_quantized
from .recurrent import check_recurrent
from .rules import RULES
from .schema import check_schema
from .sizes import check_sizes
from .whole import check_whole

MARK = "Inference error(s)"
NODE_CHECKS: tuple[NodeCheck, ...] = (
    check_schema,
    check_recurrent,
    check_numbers,
    check_quantized,
    check_sizes,
    check_bodies,
)


def check_soundness(model: ModelProto) -> list[Finding]:
    """Hold a model against what every runtime may rely on; nothing is executed.

    A contradiction that ONNX's own inference finds is told only where no rule has found what
    breaks, for a rule says it better.
    """
    context = Context(model)
    findings = [_about(place) for place in (*check_whole(model), *check_graphs(model))]
    for node in walk(model):
        for check in NODE_CHECKS:
            for rule, detail in dict.fromkeys(check(node, context)):
                findings.append(_finding(rule, node.name, node.op, node.where, detail))
    worst = max((finding.severity.rank for finding in findings), default=0)
    if worst < RULES["contradiction"].severity.rank:
        findings.extend(_contradictions(model))
    return findings


def _about(place: Place) -> Finding:
    return _finding(place.rule, place.what, "", place.where, place.detail)


def _finding(rule: str, node: str, op: str, where: str, detail: str) -> Finding:
    known = RULES[rule]
    return Finding(node, op, where, known.severity, detail, known.remedy, known.source, rule)


def _contradictions(model: ModelProto) -> Iterator[Finding]:
    light = skeleton(model)
    try:
        onnx.shape_inference.infer_shapes(light, check_type=True, strict_mode=True, data_prop=True)
    except onnx.shape_inference.InferenceError as error:
        if str(error).count(MARK) > 1:
            return  # inside an operator's own definition: its fault, not the model's
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        yield _finding("contradiction", "", "", "model", lines[-1] if lines else "shapes disagree")
    except Exception:
        return  # what inference cannot follow is no contradiction
