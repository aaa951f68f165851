"""The weights of a naive recurrent layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from .arrays import Array
from .gates import read_gates, write_gates
from .layout import Layout, as_layout
from .portable import PortableWeights


@dataclass(frozen=True, eq=False, repr=False)
class RNNWeights(PortableWeights):
    """A naive recurrent layer: ``h[t] = f(w x[t] + wb + r h[t-1] + rb)`` (ONNX RNN).

    Parameters
    ----------
    w
        ``[D, H, I]``.
    r
        ``[D, H, H]``.
    b
        ``[D, 2H]``, wb and then rb; None for no bias.

    Examples
    --------
    >>> import numpy as np
    >>> RNNWeights(np.ones((2, 4, 3)), np.ones((2, 4, 4))).directions
    2
    """

    gates: ClassVar[str] = "h"

    @classmethod
    def from_onnx(cls, w: Array, r: Array, b: Array | None = None) -> Self:
        """Return the container of the inputs W, R and B of an ONNX RNN; see `to_onnx`."""
        return cls(w, r, b, source="onnx")

    @classmethod
    def from_keras(cls, arrays: Sequence[Array]) -> Self:
        """Return the weights of a Keras SimpleRNN, or of a Bidirectional one.

        Parameters
        ----------
        arrays
            ``layer.get_weights()``: kernel ``[I, H]``, recurrent kernel ``[H, H]``, and bias
            ``[H]`` if the layer has one; twice as many for two directions.
        """
        read = cls._read_keras(arrays, ("none", "one"))
        return cls._joined([cls._one(part, source="keras") for part, _ in read])

    def to_keras(self) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        return self._write_keras("one")

    @classmethod
    def from_layout(
        cls,
        layout: Layout | str,
        w: Array,
        r: Array | None = None,
        b: Array | None = None,
        rb: Array | None = None,
    ) -> Self:
        """Return the weights of one direction from arrays in a declared layout; see `Layout`."""
        part = cls._unpacked(f"{cls.__name__}.from_layout", layout, w, r, b, rb)
        return cls._one(part, source=f"layout {as_layout(layout)}")

    @classmethod
    def from_gates(cls, h: Array, bh: Array | None = None) -> Self:
        """Return the weights from one matrix ``[H, I+H]`` over ``[x; h]`` and a bias ``[H]``."""
        call = f"{cls.__name__}.from_gates"
        part, _ = read_gates(call, cls.gates, {"h": ("h", h)}, {"h": ("bh", bh)})
        return cls._one(part, source="gates")

    def to_gates(self) -> dict[str, Array]:
        """Return `from_gates`'s arguments by name: its inverse."""
        self._require_one("to_gates")
        return write_gates(self._part(), self.gates)
