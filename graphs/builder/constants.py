"""The arrays that a model's graph knows before it runs, by the names of its values."""

from collections import Counter
from typing import Any, TypeVar

import numpy as np
import onnx
from numpy.typing import NDArray

from ..errors import GraphError, WeightError

Array = NDArray[Any]
Kind = TypeVar("Kind")


class Constants:
    """Looks up initializers and constants, also through Identity and Transpose.

    Parameters
    ----------
    graph
        The graph whose values are looked up.
    outer
        The constants of the graph around it, which a subgraph sees too.
    """

    def __init__(self, graph: onnx.GraphProto, outer: "Constants | None" = None) -> None:
        self.tensors = {tensor.name: tensor for tensor in graph.initializer}
        self.makers = {name: node for node in graph.node for name in node.output if name}
        self.outer = outer
        self.uses = Counter(name for node in graph.node for name in node.input)
        self.uses.update(value.name for value in graph.output)

    def array(self, name: str) -> Array | None:
        """Return the array of the value `name`, or None where it depends on the inputs."""
        transposed: list[list[int]] = []
        for _ in range(len(self.makers) + 1):
            if name in self.tensors:
                return _through(to_array(self.tensors[name]), transposed)
            node = self.makers.get(name)
            if node is None or node.op_type not in ("Identity", "Transpose", "Constant"):
                break
            if node.op_type == "Constant":
                tensor = attribute(node, "value", onnx.TensorProto)
                return None if tensor is None else _through(to_array(tensor), transposed)
            if node.op_type == "Transpose":
                transposed.append(attribute(node, "perm", list) or [])
            if not node.input:
                break
            name = node.input[0]
        found = None if self.outer is None or name in self.makers else self.outer.array(name)
        return None if found is None else _through(found, transposed)

    def origin(self, name: str) -> str:
        """Return the name of the initializer that `name` comes from, or `name` itself."""
        for _ in range(len(self.makers)):
            node = self.makers.get(name)
            if node is None or node.op_type not in ("Identity", "Transpose") or not node.input:
                break
            name = node.input[0]
        return name


KINDS: dict[type, tuple[int, str]] = {
    int: (onnx.AttributeProto.INT, "a whole number"),
    float: (onnx.AttributeProto.FLOAT, "a float"),
    list: (onnx.AttributeProto.INTS, "whole numbers"),
    onnx.TensorProto: (onnx.AttributeProto.TENSOR, "a tensor"),
}


def attribute(node: onnx.NodeProto, name: str, kind: type[Kind]) -> Kind | None:
    """Return an attribute that must be of this kind (a list is one of ints), None if it is absent.

    Raises
    ------
    WeightError
        It is of another kind.
    """
    for item in node.attribute:
        if item.name == name:
            number, described = KINDS[kind]
            if item.type != number:
                raise WeightError(
                    f"{node.op_type} '{node.name}': attribute '{name}' is not {described}",
                    "check the model with onnx.checker.check_model",
                )
            value = onnx.helper.get_attribute_value(item)
            return list(value) if kind is list else value  # type: ignore[return-value]
    return None


def _through(array: Array, transposed: list[list[int]]) -> Array:
    """Apply the transpositions, the innermost of which stands last."""
    for perm in reversed(transposed):
        if perm and sorted(perm) != list(range(array.ndim)):
            raise WeightError(
                f"a Transpose of a constant of shape {list(array.shape)} has perm {perm[:8]}",
                "check the model with onnx.checker.check_model",
            )
        array = np.transpose(array, perm or None)
    return array


def to_array(tensor: onnx.TensorProto) -> Array:
    """Return a tensor's array; GraphError where its bytes are not there or do not fit."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise GraphError(
            f"tensor '{tensor.name}': its bytes stand in another file",
            "give the path of the model, so that they can be read with it",
        )
    try:
        return np.asarray(onnx.numpy_helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise GraphError(
            f"tensor '{tensor.name}': its data do not fit its dims {list(tensor.dims)}",
            "check the model with onnx.checker.check_model",
        ) from error
