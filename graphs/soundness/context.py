"""What the checks of a model share: its constants by name, and what a check finds."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto

from ...errors import OnnxwrightError
from ...untrusted import element_count
from ...walking import walk_graphs
from ..builder.constants import to_array
from ..targets.node import NodeFacts, ValueFacts

LARGEST = 1 << 20
"""Elements of a constant that are looked at; indices and sizes are few."""
Problem = tuple[str, str]
"""The rule that is broken, and how: a sentence without its subject."""
NodeCheck = Callable[[NodeFacts, "Context"], Iterator[Problem]]


@dataclass(frozen=True)
class Place:
    """A problem of the model as a whole, or of one of its graphs."""

    rule: str
    what: str
    """The value or the node that it is about."""
    where: str
    detail: str


class Context:
    """The model's constants. A name that several graphs give is not looked up."""

    def __init__(self, model: ModelProto) -> None:
        self.model = model
        found = list(_tensors(model))
        counts = Counter(name for name, _ in found)
        self._tensors = {name: tensor for name, tensor in found if counts[name] == 1}

    def array(self, value: ValueFacts | None) -> NDArray[Any] | None:
        """Return a small constant's numbers, None where it is none or they are elsewhere."""
        tensor = self._tensors.get(value.name) if value is not None and value.constant else None
        if tensor is None or tensor.data_location == TensorProto.EXTERNAL:
            return None
        if element_count(tuple(tensor.dims)) > LARGEST:
            return None
        try:
            array = to_array(tensor)
        except (OnnxwrightError, ValueError, TypeError):
            return None  # damaged tensors are told when the file is read
        return array if array.dtype.kind in "iufb" else None

    def numbers(self, value: ValueFacts | None) -> list[int] | None:
        """Return a constant of whole numbers as a list, None for any other."""
        array = self.array(value)
        if array is None or array.dtype.kind not in "iu":
            return None
        return [int(number) for number in np.reshape(array, -1)]


def _tensors(model: ModelProto) -> Iterator[tuple[str, TensorProto]]:
    for graph in walk_graphs(model):
        if isinstance(graph, GraphProto):
            yield from ((tensor.name, tensor) for tensor in graph.initializer)
        for node in graph.node:
            if node.op_type == "Constant" and node.output:
                for attribute in node.attribute:
                    if attribute.name == "value" and attribute.HasField("t"):
                        yield node.output[0], attribute.t
                    elif attribute.name in ("value_ints", "value_int"):
                        numbers = attribute.ints or [attribute.i]
                        tensor = onnx.numpy_helper.from_array(np.array(numbers, np.int64))
                        yield node.output[0], tensor


def dims_of(node: NodeFacts, name: str) -> tuple[int | None, ...] | None:
    """Return the dims of an input, None where it is absent or its rank is not known."""
    value = node.inputs.get(name)
    return None if value is None else value.dims


def shown(dims: tuple[int | None, ...]) -> str:
    """Return dims as people write them.

    >>> shown((1, None))
    '[1, ?]'
    """
    return f"[{', '.join('?' if dim is None else str(dim) for dim in dims)}]"


def fits(dims: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    """Say whether dims may be those wanted: unknown ones fit.

    >>> fits((1, None), (1, 4)), fits((1,), (1, 4)), fits((2, 4), (1, 4))
    (True, False, False)
    """
    pairs = zip(dims, wanted, strict=False)
    return len(dims) == len(wanted) and all(None in pair or pair[0] == pair[1] for pair in pairs)
