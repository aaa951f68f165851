"""What a model does with an integer input: what keeps random values of it meaningful."""

from collections.abc import Iterator, Mapping

import onnx

from ...walking import bodies

Shapes = Mapping[str, tuple[int, ...]]

_SAME_VALUES = {"Cast", "Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Transpose"}
"""Operators whose output holds their first input's values: the search goes on behind them."""
_RECURRENT = {"RNN", "LSTM", "GRU"}
_INDEXED = {"Gather", "GatherElements"}


def integer_range(model: onnx.ModelProto, name: str, shapes: Shapes) -> tuple[int, int] | None:
    """Return the smallest and largest value that the input `name` may have, or None if free.

    Lengths of a recurrent operator (or of ReverseSequence) lie in 1..T, indices of a Gather below
    the rows of its table, positions of a OneHot below its depth.
    """
    ranges = [
        found
        for node, place in _uses(model.graph, name)
        if (found := _range_at(model, node, place, shapes)) is not None
    ]
    if not ranges:
        return None
    low, high = max(low for low, _ in ranges), min(high for _, high in ranges)
    return low, max(low, high)


def _uses(graph: onnx.GraphProto, name: str) -> Iterator[tuple[onnx.NodeProto, int]]:
    """Yield each node that reads the input's values, with the place of the input it reads."""
    carriers = {name}
    for node in graph.node:
        for place, value in enumerate(node.input):
            if value in carriers:
                yield node, place
                if place == 0 and node.op_type in _SAME_VALUES:
                    carriers.update(node.output)
        for body in bodies(node):
            for carrier in sorted(carriers):
                yield from _uses(body, carrier)


def _range_at(
    model: onnx.ModelProto, node: onnx.NodeProto, place: int, shapes: Shapes
) -> tuple[int, int] | None:
    data = shapes.get(node.input[0])
    if node.op_type in _RECURRENT and place == 4:
        return _within(data, 1 if _integer(node, "layout", 0) else 0, lowest=1)
    if node.op_type == "ReverseSequence" and place == 1:
        return _within(data, _integer(node, "time_axis", 0), lowest=1)
    if node.op_type in _INDEXED and place == 1:
        return _within(data, _integer(node, "axis", 0), lowest=0)
    if node.op_type == "OneHot" and place == 0 and len(node.input) > 1:
        depth = _constant(model, node.input[1])
        return None if depth is None else (0, max(depth - 1, 0))
    return None


def _within(data: tuple[int, ...] | None, axis: int, lowest: int) -> tuple[int, int]:
    """Return the range of positions or lengths along an axis; the least that is safe if unknown."""
    if data is None or not -len(data) <= axis < len(data):
        return lowest, lowest
    return lowest, max(lowest, data[axis] - 1 + lowest)


def _integer(node: onnx.NodeProto, name: str, default: int) -> int:
    for attribute in node.attribute:
        if attribute.name == name:
            value: int = attribute.i
            return value
    return default


def _constant(model: onnx.ModelProto, name: str) -> int | None:
    for tensor in model.graph.initializer:
        if tensor.name == name and tensor.data_location != onnx.TensorProto.EXTERNAL:
            return _first(tensor)
    for node in model.graph.node:
        if node.op_type == "Constant" and name in node.output:
            for attribute in node.attribute:
                if attribute.name == "value":
                    return _first(attribute.t)
    return None


def _first(tensor: onnx.TensorProto) -> int | None:
    """Return a tensor's first number, None where it holds none."""
    try:
        return int(onnx.numpy_helper.to_array(tensor).reshape(-1)[0])
    except (IndexError, ValueError, OverflowError, TypeError):
        return None
