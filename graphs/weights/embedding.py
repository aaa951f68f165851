"""The weights of an embedding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from .arrays import Array, check_shape
from .base import Weights
from .keras import need_arrays
from .torch import entry, look_up, namer, origin


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingWeights(Weights):
    """An embedding's table, one row of features a word.

    Parameters
    ----------
    w
        ``[words, features]``, as all frameworks have it.

    Examples
    --------
    >>> import numpy as np
    >>> EmbeddingWeights(np.ones((30, 5), np.float32))
    <EmbeddingWeights w[30, 5] float32, from arrays>
    """

    w: Array

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        *,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of a ``torch.nn.Embedding``: the entry ``weight``.

        The arguments are those of :meth:`DenseWeights.from_torch`.
        """
        where = f"{cls.__name__}.from_torch"
        find = namer(state, prefix, names, ("weight",), where)
        return cls(
            look_up(state, find("weight"), where), source="torch", origin=origin(prefix, names)
        )

    def to_torch(self, prefix: str = "") -> dict[str, Array]:
        """Return the entry of a PyTorch state dict: the inverse of `from_torch`."""
        return {entry(prefix, "weight"): self.w}

    @classmethod
    def from_keras(cls, arrays: Sequence[Array]) -> Self:
        """Return the weights of a Keras Embedding from ``layer.get_weights()``."""
        need_arrays(arrays, f"{cls.__name__}.from_keras")
        return cls(arrays[0], source="keras")

    def to_keras(self) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        return [self.w]

    @classmethod
    def from_onnx(cls, w: Array) -> Self:
        """Return the container of the data of an ONNX Gather; see `to_onnx`."""
        return cls(w, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the data of an ONNX Gather along axis 0."""
        return {"data": self.w}

    def _check(self) -> None:
        needed = [("words", None), ("features", None)]
        check_shape(self.kind, "w", self.w, needed, "one row of features per word")
