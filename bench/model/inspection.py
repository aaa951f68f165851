"""What a model's file says about itself."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray

from ...graphs.builder.provenance import DIGEST_KEY, digest_holds
from ...graphs.targets import TARGETS, Severity, choose, lint
from ...graphs.targets.states import state_pairs
from ...runtime import coverage
from ...runtime.interpreter.signature import signature
from ...runtime.runner import TensorInfo
from ...untrusted import byte_count
from ...walking import walk_graphs
from ..errors import BenchError

LINTED = 400
"""Nodes up to which a model is linted for every target unasked."""


@dataclass(frozen=True)
class Inspection:
    """One model's facts."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    ir_version: int
    opsets: dict[str, int]
    """Domain ("ai.onnx" for the default one) to version."""
    producer: str
    parameters: int
    """Elements of the weights: initializers and the arrays of Constant nodes that are neither int64
    nor bool, sparse ones by values; a Constant of a single element is no weight."""
    parameter_bytes: int
    dtypes: dict[str, int]
    """Element type of weights to how many elements have it."""
    states: tuple[tuple[str, str], ...]
    """Inputs that are states, each with the output that is its next value."""
    nodes: int
    """Nodes of the main graph, its subgraphs and the model's functions, each function once."""
    operators: dict[str, int]
    """Operator to number of nodes, the most frequent first; other domains as ``domain.Op``."""
    kernels: dict[str, str]
    """Operator to what computes it on NumPy: own, function, fallback, none, or some of them."""
    functions: tuple[str, ...]
    metadata: dict[str, str]


def inspect(model: onnx.ModelProto) -> Inspection:
    """Return the facts of `model`, whose external data are loaded.

    Raises
    ------
    ModelError
        The model is broken.
    """
    inputs, _, outputs = signature(model, None)
    graphs = list(walk_graphs(model))
    tensors = [tensor for graph in graphs for tensor in _weights(graph)]
    operators = Counter(_op(node.domain, node.op_type) for graph in graphs for node in graph.node)
    return Inspection(
        inputs=inputs,
        outputs=outputs,
        ir_version=model.ir_version,
        opsets={opset.domain or "ai.onnx": opset.version for opset in model.opset_import},
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        parameters=sum(math.prod(tensor.dims) for tensor in tensors),
        parameter_bytes=sum(map(byte_count, tensors)),
        dtypes=_dtypes(tensors),
        states=tuple((pair.taken, pair.given) for pair in state_pairs(model.graph)),
        nodes=operators.total(),
        operators=dict(operators.most_common()),
        kernels=_kernels(model),
        functions=tuple(f"{f.domain}.{f.name}" for f in model.functions),
        metadata={entry.key: entry.value for entry in model.metadata_props},
    )


def count_findings(model: onnx.ModelProto) -> dict[str, dict[Severity, int]] | None:
    """Return how many findings of each severity every target has, the worst first.

    None for a model of many nodes: looking at one for all targets would take seconds.
    """
    if sum(len(graph.node) for graph in walk_graphs(model)) > LINTED:
        return None
    found = {}
    for name in TARGETS:
        counts = Counter(finding.severity for finding in lint(model, choose(name)))
        found[name] = {
            severity: counts[severity] for severity in reversed(Severity) if counts[severity]
        }
    return found


def check_digest(path: Path, model: onnx.ModelProto, external: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a model whose weights are not those whose digest its metadata tell.

    Raises
    ------
    BenchError
        They are others.
    """
    if digest_holds(model, external) is False:
        raise BenchError(
            f"{path}: its weights are not those that it was built with: their digest is not the "
            f"one in its metadata ({DIGEST_KEY})",
            "build it again; or remove that entry if the weights were changed on purpose",
        )


def _kernels(model: onnx.ModelProto) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for record in coverage(model):
        found.setdefault(_op(record.node.domain, record.node.op_type), set()).add(record.source)
    return {operator: ", ".join(sorted(sources)) for operator, sources in found.items()}


def _op(domain: str, op_type: str) -> str:
    return op_type if domain in ("", "ai.onnx") else f"{domain}.{op_type}"


def _dtypes(tensors: Sequence[onnx.TensorProto]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for tensor in tensors:
        name = onnx.TensorProto.DataType.Name(tensor.data_type).lower()
        found["float32" if name == "float" else name] += math.prod(tensor.dims)
    return dict(found)


def _weights(graph: onnx.GraphProto | onnx.FunctionProto) -> Iterator[onnx.TensorProto]:
    """Yield what counts as weights in one graph, without those inside its nodes' bodies."""
    if isinstance(graph, onnx.GraphProto):
        sparse = (tensor.values for tensor in graph.sparse_initializer)
        yield from filter(_is_weight, (*graph.initializer, *sparse))
    for node in graph.node:
        if node.op_type == "Constant":
            given = (item.t for item in node.attribute if item.HasField("t"))
            yield from (each for each in given if _is_weight(each) and math.prod(each.dims) > 1)


def _is_weight(tensor: onnx.TensorProto) -> bool:
    """Say whether a tensor holds weights: shapes and axes are int64, masks are bools."""
    return tensor.data_type not in (onnx.TensorProto.INT64, onnx.TensorProto.BOOL)
