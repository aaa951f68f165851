"""The weights of a layer normalisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..errors import WeightError
from .arrays import Array, check_shape
from .base import Weights
from .torch import PLAIN, entry, look_up, look_up_optional, namer, origin


@dataclass(frozen=True, eq=False, repr=False)
class LayerNormWeights(Weights):
    """A layer normalisation's arrays, with the dims that it normalises.

    ``y = scale (x - mean) / sqrt(variance + epsilon) + bias`` (ONNX LayerNormalization).

    Examples
    --------
    >>> import numpy as np
    >>> LayerNormWeights(np.ones(4, np.float32), epsilon=1e-3).to_torch("norm").keys()
    dict_keys(['norm.weight'])
    """

    scale: Array
    bias: Array | None = None
    epsilon: float = 1e-5

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        *,
        epsilon: float = 1e-5,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of a ``torch.nn.LayerNorm``: ``weight`` and perhaps ``bias``.

        `epsilon` is the module's ``eps``, which is not in the state. The other arguments are those
        of :meth:`DenseWeights.from_torch`.
        """
        where = f"{cls.__name__}.from_torch"
        find = namer(state, prefix, names, PLAIN, where)
        scale = look_up(state, find("weight"), where)
        bias = look_up_optional(state, find("bias"), where)
        return cls(scale, bias, epsilon, source="torch", origin=origin(prefix, names))

    def to_torch(self, prefix: str = "") -> dict[str, Array]:
        """Return the entries of a PyTorch state dict: the inverse of `from_torch`."""
        named = {"weight": self.scale, "bias": self.bias}
        return {entry(prefix, name): array for name, array in named.items() if array is not None}

    @classmethod
    def from_keras(cls, arrays: Sequence[Array], *, epsilon: float = 1e-3) -> Self:
        """Return the weights of a Keras LayerNormalization: gamma and, if there, beta."""
        if not 1 <= len(arrays) <= 2:
            raise WeightError(
                f"{cls.__name__}.from_keras: {len(arrays)} arrays are given, needs gamma and "
                "perhaps beta",
                "give layer.get_weights()",
            )
        bias = arrays[1] if len(arrays) == 2 else None
        return cls(arrays[0], bias, epsilon, source="keras")

    def to_keras(self) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        return list(self.arrays().values())

    @classmethod
    def from_onnx(cls, scale: Array, b: Array | None = None, *, epsilon: float = 1e-5) -> Self:
        """Return the container of an ONNX LayerNormalization's inputs; see `to_onnx`."""
        return cls(scale, b, epsilon, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs Scale and B of an ONNX LayerNormalization, B only where it is there."""
        named = {"Scale": self.scale, "B": self.bias}
        return {name: array for name, array in named.items() if array is not None}

    def _check(self) -> None:
        if not self.scale.ndim or not self.scale.size:
            raise WeightError(
                f"{self.kind}: scale has shape {list(self.scale.shape)}, needs the dims that are "
                "normalised",
                "give one number for each feature",
            )
        if self.bias is not None:
            needed = [("features", size) for size in self.scale.shape]
            check_shape(self.kind, "bias", self.bias, needed, "the dims are those of scale")
        if not 0 < self.epsilon < 1:
            raise WeightError(
                f"{self.kind}: epsilon is {self.epsilon}, needs a number from 0 to 1",
                "PyTorch's default is 1e-5, that of Keras 1e-3",
            )
