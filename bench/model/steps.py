"""What a recurrent layer has to read and compute at every step, whatever runs it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import onnx

from .shapes import Value

RECURRENT = {"RNN": 2, "GRU": 2, "LSTM": 2, "DynamicQuantizeLSTM": 2}
"""Operators and the place of their recurrent weights among the inputs."""


@dataclass(frozen=True)
class Steps:
    """The recurrent products of one layer: none can begin before the last has ended."""

    steps: int
    """Of both directions, where there are two."""
    bytes: int
    """Of the weights that a step reads."""
    flops: int
    """Of a step's recurrent products."""


def recurrent_steps(graph: onnx.GraphProto, values: Mapping[str, Value]) -> Iterator[Steps]:
    """Yield the steps of every recurrent layer whose shapes are known, lowered to Scan or not."""
    for node in graph.node:
        found = _scan(node, values) if node.op_type == "Scan" else _operator(node, values)
        if found is not None and found.bytes:
            yield found


def _operator(node: onnx.NodeProto, values: Mapping[str, Value]) -> Steps | None:
    place = RECURRENT.get(node.op_type)
    if place is None or len(node.input) <= place:
        return None
    x, r = values.get(node.input[0]), values.get(node.input[place])
    if x is None or r is None or len(x.shape) != 3 or len(r.shape) != 3 or not r.shape[0]:
        return None
    directions = r.shape[0]
    elements = math.prod(r.shape[1:])
    return Steps(x.shape[0] * directions, r.bytes // directions, 2 * elements * x.shape[1])


def _scan(node: onnx.NodeProto, values: Mapping[str, Value]) -> Steps | None:
    """Return the products of a Scan's body with constant matrices."""
    attributes = {each.name: each for each in node.attribute}
    body, scanned = attributes["body"].g, attributes["num_scan_inputs"].i
    sequence = values.get(node.input[len(node.input) - scanned]) if scanned else None
    state = values.get(node.input[0])
    if sequence is None or not sequence.shape or state is None:
        return None
    inside = {tensor.name: tensor for tensor in body.initializer}
    size, elements = 0, 0
    for each in body.node:
        if each.op_type not in ("MatMul", "Gemm", "MatMulNBits") or len(each.input) < 2:
            continue
        tensor, outer = inside.get(each.input[1]), values.get(each.input[1])
        if tensor is not None:
            count = math.prod(tensor.dims)
            width = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
            size, elements = size + count * width, elements + count
        elif outer is not None:
            size, elements = size + outer.bytes, elements + math.prod(outer.shape)
    rows = state.shape[0] if state.shape else 1
    return Steps(sequence.shape[0], size, 2 * elements * rows)
