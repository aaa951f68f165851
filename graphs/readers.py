"""What reads the weights of one node, for each operator that has any."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx

from .builder.constants import Array, Constants, attribute
from .errors import WeightError
from .weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    EmbeddingWeights,
    GRUWeights,
    LayerNormWeights,
    LSTMWeights,
    RNNWeights,
)
from .weights.arrays import FLOATS
from .weights.base import Weights


def _input(node: onnx.NodeProto, place: int, constants: Constants) -> Array | None:
    """Return the floats of a node's constant input, or None."""
    if len(node.input) <= place or not node.input[place]:
        return None
    array = constants.array(node.input[place])
    return array if array is not None and array.dtype.name in FLOATS else None


def _all_inputs(node: onnx.NodeProto, places: list[int], constants: Constants) -> list[Any] | None:
    """Return the constant inputs at `places`; None for one left out, or None if one varies."""
    arrays = [_input(node, place, constants) for place in places]
    given = [len(node.input) > place and bool(node.input[place]) for place in places]
    varies = any(there and array is None for there, array in zip(given, arrays, strict=True))
    return None if varies else arrays


def _gemm(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2], constants)
    if arrays is None or arrays[0] is None:
        return None
    w, b = arrays
    if w.ndim != 2:
        return DenseWeights(w)  # which says what is wrong with it
    w = _scaled(w if attribute(node, "transB", int) else w.T, attribute(node, "alpha", float))
    return DenseWeights(
        w, None if b is None else _scaled(_vector(b, w), attribute(node, "beta", float))
    )


def _matmul(
    node: onnx.NodeProto, constants: Constants, users: Mapping[str, onnx.NodeProto]
) -> Weights | None:
    """Read ``x W + b``, whose Add is the only user of the product."""
    w = _input(node, 1, constants)
    if w is None or w.ndim != 2:
        return None
    result, b = next(iter(node.output), ""), None
    follower = users.get(result)
    if follower is not None and follower.op_type == "Add" and constants.uses[result] == 1:
        sides = [_input(follower, place, constants) for place in (0, 1)]
        b = next((side for side in sides if side is not None), None)
    if b is not None and b.shape not in ((w.shape[1],), (1, w.shape[1])):
        b = None  # the Add is something else, such as a mask or a position
    return DenseWeights(w.T, None if b is None else b.reshape(-1))


def _conv(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2], constants)
    return None if arrays is None or arrays[0] is None else ConvWeights.from_onnx(*arrays)


def _batch_norm(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2, 3, 4], constants)
    if arrays is None or any(array is None for array in arrays):
        return None
    return BatchNormWeights.from_onnx(*arrays, epsilon=_epsilon(node))


def _layer_norm(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    arrays = _all_inputs(node, [1, 2], constants)
    if arrays is None or arrays[0] is None:
        return None
    return LayerNormWeights.from_onnx(*arrays, epsilon=_epsilon(node))


def _embedding(node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any]) -> Weights | None:
    """Read the rows that ids choose: ids that are constants choose from something else."""
    w = _input(node, 0, constants)
    fixed = len(node.input) < 2 or constants.array(node.input[1]) is not None
    axis = next((item.i for item in node.attribute if item.name == "axis"), 0)
    if w is None or w.ndim != 2 or not w.size or fixed or axis != 0:
        return None
    return EmbeddingWeights.from_onnx(w)


def _epsilon(node: onnx.NodeProto) -> float:
    """Return the attribute, a float32: 1e-3 comes back as the shortest number that rounds to it."""
    given = attribute(node, "epsilon", float)
    return 1e-5 if given is None else float(str(np.float32(given)))


def recurrent_weights(
    node: onnx.NodeProto, constants: Constants, _: Mapping[str, Any] | None = None
) -> RNNWeights | LSTMWeights | GRUWeights | None:
    """Return the container of an RNN, GRU or LSTM node, None where its weights are no constants."""
    places = [1, 2, 3, 7] if node.op_type == "LSTM" else [1, 2, 3]
    arrays = _all_inputs(node, places, constants)
    if arrays is None or arrays[0] is None or arrays[1] is None:
        return None
    if node.op_type == "GRU":
        linear = attribute(node, "linear_before_reset", int) or 0
        return GRUWeights.from_onnx(*arrays, linear_before_reset=linear)
    return LSTMWeights.from_onnx(*arrays) if node.op_type == "LSTM" else RNNWeights(*arrays)


def _scaled(array: Array, factor: float | None) -> Array:
    return array if factor in (None, 1.0) else array * np.asarray(factor, array.dtype)


def _vector(b: Array, w: Array) -> Array:
    """Return the bias of a Gemm, which may be of any shape that broadcasts, as ``[out]``."""
    if b.size not in (1, w.shape[0]) or b.ndim > 2:
        raise WeightError(
            f"the bias has shape {list(b.shape)}, needs [out={w.shape[0]}]: one for each unit",
            "a Gemm whose C differs from row to row is no dense layer",
        )
    return np.broadcast_to(b.reshape(-1), w.shape[:1])


READERS: dict[str, Callable[[onnx.NodeProto, Constants, Mapping[str, Any]], Weights | None]] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Gather": _embedding,
    "RNN": recurrent_weights,
    "LSTM": recurrent_weights,
    "GRU": recurrent_weights,
}
"""What reads the layer of a node, by operator: None where its weights are no constants."""
