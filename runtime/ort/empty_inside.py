"""Arrays that become empty inside a model, where onnxruntime would end the whole process."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import onnx

from ...skeleton import inferred, skeleton
from ..errors import FeedError

KEPT = 64
"""Combinations of shapes whose answers are kept."""
Shapes = tuple[tuple[str, tuple[int, ...]], ...]


class EmptyInside:
    """What some operators read is empty for feeds of these shapes, as far as ONNX infers shapes.

    Where sizes depend on numbers (as behind NonZero) it is not known before the run.
    """

    def __init__(self, source: str | bytes, operators: Collection[str]) -> None:
        """Take the model from its file or bytes; its weights are not needed."""
        model = (
            onnx.load_model_from_string(source)
            if isinstance(source, bytes)
            else onnx.load(source, load_external_data=False)
        )
        self._light = skeleton(model)
        self._readers = {
            name: node.op_type
            for node in model.graph.node
            if node.op_type in operators
            for name in node.input
        }
        self._known: dict[Shapes, tuple[str, str] | None] = {}

    def check(self, feeds: Mapping[str, Any]) -> None:
        """Check that none of these operators reads an empty array.

        Raises
        ------
        FeedError
            One does.
        """
        shapes = tuple((name, np.shape(value)) for name, value in feeds.items())
        if shapes not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[shapes] = self._found(dict(shapes))
        found = self._known[shapes]
        if found is not None:
            value, operator = found
            raise FeedError(
                f"with these feeds '{value}' becomes empty inside the model: onnxruntime's "
                f"{operator} ends the process where it divides by a dim of 0",
                "feed arrays that leave something of it, or run it on='numpy'",
            )

    def _found(self, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, str] | None:
        """Return a value that is empty, and the operator that reads it."""
        model = onnx.ModelProto()
        model.CopyFrom(self._light)
        for info in model.graph.input:
            if info.name in shapes:
                dims = info.type.tensor_type.shape
                dims.ClearField("dim")
                for size in shapes[info.name]:
                    dims.dim.add(dim_value=size)
        # What was inferred for open dims would stand in the way of what they are now.
        del model.graph.value_info[:]
        answer = inferred(model, data=True)
        for info in answer.graph.value_info if answer is not None else ():
            sizes = [dim.dim_value for dim in info.type.tensor_type.shape.dim if _is_known(dim)]
            if 0 in sizes and info.name in self._readers:
                return info.name, self._readers[info.name]
        return None


def _is_known(dim: onnx.TensorShapeProto.Dimension) -> bool:
    return bool(dim.HasField("dim_value"))
