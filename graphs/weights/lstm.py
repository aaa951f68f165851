"""The weights of an LSTM layer."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ..errors import WeightError
from .arrays import Array, check_shape
from .recurrent import RecurrentWeights

Peephole = Literal["onnx", "lecture"]
PEEPHOLE_GATES: dict[str, str] = {"onnx": "iof", "lecture": "iofc"}
"""Which gates see the cell state, in the order of p, for each form."""


@dataclass(frozen=True, eq=False)
class LSTMWeights(RecurrentWeights):
    """An LSTM layer in ONNX's gate order: input i, output o, forget f, cell input c.

    ::

        i = f(wi x + wbi + ri h + rbi + pi * c)      f = f(... + pf * c)
        n = g(wc x + wbc + rc h + rbc + pc * c)      c' = f * c + i * n
        o = f(... + po * c'')                        h' = o * tanh(c')

    Two different nets share the name peephole. With ``peephole="onnx"`` (Gers-Schmidhuber) the
    output gate sees the new cell, c'' = c', and n sees none: pc does not exist. With
    ``peephole="lecture"`` all four see the old one: c'' = c.

    Parameters
    ----------
    w
        ``[D, 4H, I]``.
    r
        ``[D, 4H, H]``; with a projection ``[D, 4H, P]``.
    b
        ``[D, 8H]``, the input bias wb and then the recurrent bias rb; None for no bias.
    p
        Peepholes: ``[D, 3H]`` in order i o f for "onnx", ``[D, 4H]`` in order i o f c for
        "lecture"; None for none.
    peephole
        Which of the two nets p belongs to.
    projection
        ``[D, P, H]``: the layer gives ``projection h'`` and feeds that back as its h
        (``proj_size`` of PyTorch's LSTM); None for none.

    Examples
    --------
    >>> import numpy as np
    >>> LSTMWeights(np.ones((1, 16, 3)), np.ones((1, 16, 4)), p=np.ones((1, 12))).hidden_size
    4
    """

    p: Array | None = None
    peephole: Peephole = "onnx"
    projection: Array | None = None

    gates: ClassVar[str] = "iofc"

    @property
    def output_size(self) -> int:
        """How many numbers each direction gives: P with a projection, else H."""
        return self.hidden_size if self.projection is None else int(self.projection.shape[1])

    def _check(self) -> None:
        self._check_w()
        self._check_projection()
        super()._check()
        if self.peephole not in PEEPHOLE_GATES:
            raise WeightError(
                f"{self.kind}: peephole is {self.peephole!r}, needs 'onnx' or 'lecture'",
                "'onnx': i and f see the old cell, o the new one; 'lecture': all see the old one",
            )
        if self.p is not None:
            seen = PEEPHOLE_GATES[self.peephole]
            needed = [("D", self.directions), (f"{len(seen)}H", len(seen) * self.hidden_size)]
            why = f"peephole={self.peephole!r} has one vector of H for each of {' '.join(seen)}"
            check_shape(self.kind, "p", self.p, needed, why)

    def _check_projection(self) -> None:
        if self.projection is not None:
            needed = [("D", self.directions), ("P", None), ("H", self.hidden_size)]
            why = f"H={self.hidden_size} follows from w {list(self.w.shape)}"
            check_shape(self.kind, "projection", self.projection, needed, why)

    def _recurrent_dim(self) -> tuple[str, int]:
        return ("H" if self.projection is None else "P"), self.output_size
