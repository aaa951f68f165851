"""The arrays of a model's layers under the names that a framework gives them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .errors import WeightError
from .weights import BatchNormWeights, EmbeddingWeights, LayerNormWeights
from .weights.arrays import Array
from .weights.base import Weights
from .weights.recurrent import RecurrentWeights

PLAIN = ("kernel", "bias")
NORM = ("gamma", "beta", "moving_mean", "moving_variance")
RECURRENT = ("kernel", "recurrent_kernel", "bias")
"""Keras's names, in the order of ``get_weights()``."""


def extract(layers: Mapping[str, Weights], layout: str) -> dict[str, Array]:
    """Return the arrays of containers, as :func:`~.read.read` gives them, by name.

    Parameters
    ----------
    layers
        Containers by the names of their layers.
    layout
        ``"torch"``: entries of a state dict, ``encoder.weight_ih_l0``, under the names that they
        had in one, where the model tells them; ``"keras"``: the arrays of
        ``get_weights()``, ``encoder/kernel``; ``"onnx"``: the operator's inputs, ``encoder.W``.

    Raises
    ------
    WeightError
        The framework has no such layer; it is named.

    Examples
    --------
    >>> from onnxwright.graphs import DenseWeights
    >>> list(extract({"head": DenseWeights(np.ones((2, 3), np.float32))}, "torch"))
    ['head.weight']
    """
    arrays: dict[str, Array] = {}
    for name, weights in layers.items():
        try:
            arrays |= LAYOUTS[layout](name, weights)
        except WeightError as error:
            raise WeightError(f"layer '{name}': {error.problem}", error.remedy) from error
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _torch(name: str, weights: Any) -> dict[str, Array]:
    module, number = (name, 0) if weights.origin is None else weights.origin
    numbered = [number] if isinstance(weights, RecurrentWeights) else []
    state: dict[str, Array] = weights.to_torch(module, *numbered)
    return state


def _onnx(name: str, weights: Any) -> dict[str, Array]:
    return {f"{name}.{key}": array for key, array in weights.to_onnx().items()}


def _keras(name: str, weights: Any) -> dict[str, Array]:
    arrays: list[Array] = weights.to_keras()
    if isinstance(weights, EmbeddingWeights):
        return {f"{name}/embeddings": arrays[0]}
    if isinstance(weights, LayerNormWeights):
        return {f"{name}/{key}": array for key, array in zip(NORM, arrays, strict=False)}
    if isinstance(weights, BatchNormWeights):
        return {f"{name}/{key}": array for key, array in zip(NORM, arrays, strict=True)}
    if not isinstance(weights, RecurrentWeights):
        return {f"{name}/{key}": array for key, array in zip(PLAIN, arrays, strict=False)}
    each = len(arrays) // weights.directions
    folders = [""] if weights.directions == 1 else ["forward_layer/", "backward_layer/"]
    return {
        f"{name}/{folder}{key}": array
        for place, folder in enumerate(folders)
        for key, array in zip(RECURRENT, arrays[place * each : (place + 1) * each], strict=False)
    }


LAYOUTS: dict[str, Callable[[str, Any], dict[str, Array]]] = {
    "torch": _torch,
    "keras": _keras,
    "onnx": _onnx,
}
"""What gives one layer's arrays their names."""
