"""What a model's file says about itself."""

import math
from collections import Counter
from dataclasses import dataclass

import onnx

from ..runtime.interpreter.signature import signature
from ..runtime.runner import TensorInfo
from ..untrusted import byte_count, walk_graphs


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
    """Elements of all initializers, sparse ones by their values."""
    parameter_bytes: int
    external_tensors: int
    """Initializers whose bytes stand in another file."""
    nodes: int
    """Nodes of the main graph, its subgraphs and the model's functions, each function once."""
    operators: dict[str, int]
    """Operator to number of nodes, the most frequent first; other domains as ``domain.Op``."""
    functions: tuple[str, ...]
    metadata: dict[str, str]


def inspect(model: onnx.ModelProto) -> Inspection:
    """Return the facts of `model`; external data need not be loaded.

    Raises
    ------
    ModelError
        An input or output has an unknown element type.
    """
    inputs, _, outputs = signature(model, None)
    graphs = list(walk_graphs(model))
    tensors = [
        tensor
        for graph in graphs
        if isinstance(graph, onnx.GraphProto)
        for tensor in (*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer))
    ]
    operators = Counter(_op(node) for graph in graphs for node in graph.node)
    return Inspection(
        inputs=inputs,
        outputs=outputs,
        ir_version=model.ir_version,
        opsets={opset.domain or "ai.onnx": opset.version for opset in model.opset_import},
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        parameters=sum(math.prod(tensor.dims) for tensor in tensors),
        parameter_bytes=sum(byte_count(tensor) for tensor in tensors),
        external_tensors=sum(t.data_location == onnx.TensorProto.EXTERNAL for t in tensors),
        nodes=operators.total(),
        operators=dict(operators.most_common()),
        functions=tuple(f"{f.domain}.{f.name}" for f in model.functions),
        metadata={entry.key: entry.value for entry in model.metadata_props},
    )


def _op(node: onnx.NodeProto) -> str:
    if node.domain in ("", "ai.onnx"):
        return str(node.op_type)
    return f"{node.domain}.{node.op_type}"
