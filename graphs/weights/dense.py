"""The weights of a fully connected layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from .arrays import Array, check_shape, checked
from .base import Weights
from .keras import need_arrays
from .torch import PLAIN, entry, look_up, look_up_optional, namer, origin


@dataclass(frozen=True, eq=False, repr=False)
class DenseWeights(Weights):
    """A fully connected layer's matrix and bias: ``y = w x + b``.

    Parameters
    ----------
    w
        ``[out, in]``, output-first: row i holds the weights into unit i.
    b
        ``[out]``, or None for no bias.

    Examples
    --------
    >>> import numpy as np
    >>> weights = DenseWeights(np.ones((3, 5), np.float32), np.zeros(3, np.float32))
    >>> weights.input_size, weights.output_size, weights.parameters
    (5, 3, 18)
    """

    w: Array
    b: Array | None = None

    @property
    def input_size(self) -> int:
        """How many numbers the layer takes."""
        return int(self.w.shape[1])

    @property
    def output_size(self) -> int:
        """How many numbers the layer gives."""
        return int(self.w.shape[0])

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        *,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of a ``torch.nn.Linear``: entries ``weight`` and, if there, ``bias``.

        Parameters
        ----------
        state
            A state dict, or any mapping from its names to arrays.
        prefix
            The module's name; one that ends in ``.``, ``_`` or ``/`` is used as it is.
        names
            For entries that `state` calls otherwise: PyTorch's name, and the one there, behind the
            prefix or whole: ``names={"weight": "kernel"}``.
        """
        where = f"{cls.__name__}.from_torch"
        find = namer(state, prefix, names, PLAIN, where)
        w = look_up(state, find("weight"), where)
        check_shape(where, find("weight"), w, [("out", None), ("in", None)], "a Linear")
        return cls(
            w,
            look_up_optional(state, find("bias"), where),
            source="torch",
            origin=origin(prefix, names),
        )

    def to_torch(self, prefix: str = "") -> dict[str, Array]:
        """Return the entries of a PyTorch state dict: the inverse of `from_torch`."""
        named = {"weight": self.w, "bias": self.b}
        return {entry(prefix, name): array for name, array in named.items() if array is not None}

    @classmethod
    def from_keras(cls, arrays: Sequence[Array]) -> Self:
        """Return the weights of a Keras Dense: ``layer.get_weights()``, kernel ``[in, out]``."""
        where = f"{cls.__name__}.from_keras"
        need_arrays(arrays, where)
        kernel = checked(arrays[0], where, "kernel")
        check_shape(where, "kernel", kernel, [("in", None), ("out", None)], "a Dense")
        return cls(kernel.T, *arrays[1:], source="keras")

    def to_keras(self) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        return [self.w.T] if self.b is None else [self.w.T, self.b]

    @classmethod
    def from_onnx(cls, b: Array, c: Array | None = None, *, trans_b: int = 0) -> Self:
        """Return the weights of an ONNX Gemm's inputs B and C and its attribute transB.

        B is ``[in, out]``, or with ``trans_b=1`` ``[out, in]``; that of a MatMul is ``[in, out]``.
        """
        matrix = checked(b, f"{cls.__name__}.from_onnx", "b")
        return cls(matrix if trans_b else matrix.T, c, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs B and C of a Gemm with ``transB=1``, C only where there is a bias."""
        return {"B": self.w} if self.b is None else {"B": self.w, "C": self.b}

    def _check(self) -> None:
        check_shape(self.kind, "w", self.w, [("out", None), ("in", None)], "row i is into unit i")
        if self.b is not None:
            needed = [("out", self.output_size)]
            check_shape(self.kind, "b", self.b, needed, "one bias for each row of w")
