"""8-bit weights whose products overflow in 16 bits on some x86 processors."""

from collections.abc import Iterator

from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from ...untrusted import element_count
from ...walking import walk_graphs
from ..builder.constants import to_array
from .walk import label

LARGEST = 64
"""Two products of an unsigned byte with weights up to this stay below 2**15."""
WEIGHTS = {
    "MatMulInteger": (1,),
    "MatMulIntegerToFloat": (1,),
    "DynamicQuantizeMatMul": (1,),
    "QLinearMatMul": (3,),
    "QLinearConv": (3,),
    "QGemm": (3,),
    "QAttention": (1,),
    "DynamicQuantizeLSTM": (1, 2),
}
"""Operators that multiply bytes, and where the signed weights stand among their inputs.

ConvInteger is not among them: onnxruntime computes it exactly with unsigned inputs.
"""
FUSED = ("Conv", "MatMul", "Gemm")
"""Operators that onnxruntime computes in bytes where both inputs come from DequantizeLinear."""


def multiplies_bytes(model: ModelProto) -> bool:
    """Say whether any operator may multiply bytes, without a look at the weights."""
    operators = {node.op_type for graph in walk_graphs(model) for node in graph.node}
    return not operators.isdisjoint({*WEIGHTS, "DequantizeLinear"})


def saturating_nodes(model: ModelProto) -> list[str]:
    """Return the nodes whose constant signed weights need more than 7 bits.

    onnxruntime's products of unsigned by signed bytes saturate there on x86 processors with AVX2
    or AVX-512 and without VNNI.
    """
    return [name for graph in walk_graphs(model) for name in _in(graph)]


def _in(graph: object) -> Iterator[str]:
    if not isinstance(graph, GraphProto):
        return
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        names = [node.input[place] for place in WEIGHTS.get(node.op_type, ()) if _has(node, place)]
        if node.op_type in FUSED and all(_dequantized(name, makers) for name in node.input[:2]):
            names = [makers[node.input[1]].input[0]]
        if any(_beyond(tensors.get(name)) for name in names):
            yield f"{node.op_type} {label(node)!r}"


def _has(node: NodeProto, place: int) -> bool:
    return len(node.input) > place


def _dequantized(name: str, makers: dict[str, NodeProto]) -> bool:
    return name in makers and makers[name].op_type == "DequantizeLinear"


def _beyond(tensor: TensorProto | None) -> bool:
    if tensor is None or tensor.data_type != TensorProto.INT8:
        return False
    if tensor.data_location == TensorProto.EXTERNAL or not element_count(tuple(tensor.dims)):
        return False
    numbers = to_array(tensor)
    return bool(int(numbers.max()) > LARGEST or int(numbers.min()) < -LARGEST)


def saturation_words(nodes: list[str], here: bool | None) -> str:
    """Return what a person should know of these nodes; `here` says whether this machine saturates.

    >>> saturation_words(["LSTM 'a'"], True)[:63]
    "8-bit products saturate on this processor: LSTM 'a' has weights"
    """
    place = "on this processor" if here else "on x86 processors without VNNI"
    who = nodes[0] + (f" and {len(nodes) - 1} more" if len(nodes) > 1 else "")
    verb = "have" if len(nodes) > 1 else "has"
    return f"8-bit products saturate {place}: {who} {verb} weights beyond 7 bits"
