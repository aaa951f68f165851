"""The attributes of RNN, GRU and LSTM, checked, and the weights checked against them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import InPlace, activations

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """The attributes, named and defaulted as in the operators' schemas."""

    activation_alpha: Sequence[float] | None = None
    activation_beta: Sequence[float] | None = None
    activations: Sequence[str] | None = None
    clip: float | None = None
    direction: str = "forward"
    hidden_size: int | None = None
    input_forget: int = 0
    layout: int = 0
    linear_before_reset: int = 0

    @property
    def directions(self) -> int:
        """1 or 2.

        Raises
        ------
        ValueError
            The direction is none of forward, reverse, bidirectional.
        """
        if self.direction not in ("forward", "reverse", "bidirectional"):
            raise ValueError(
                f"direction must be forward, reverse or bidirectional, got {self.direction!r}"
            )
        return 2 if self.direction == "bidirectional" else 1

    def functions(self, defaults: Sequence[str]) -> list[list[InPlace]]:
        """Return each direction's activations, as many as there are `defaults`."""
        names, per = self._names(defaults), len(defaults)
        flat = activations(names, self.activation_alpha, self.activation_beta, self.clip)
        return [flat[d * per : (d + 1) * per] for d in range(self.directions)]

    def is_default(self, defaults: Sequence[str]) -> bool:
        """Whether every direction computes `defaults`, and nothing is clipped."""
        wanted = [name.lower() for name in [*defaults] * self.directions]
        return self.clip is None and [name.lower() for name in self._names(defaults)] == wanted

    def _names(self, defaults: Sequence[str]) -> list[str]:
        needed = len(defaults) * self.directions
        names = list(self.activations or [*defaults] * self.directions)
        # RNN's schema itself gives two by default, whatever the direction.
        if len(names) != needed and (needed, len(names)) != (1, 2):
            raise ValueError(f"{self.direction} needs {needed} activations, got {names}")
        return names[:needed]


@dataclass(frozen=True)
class Weights:
    """One direction's weights, in the dtype that is computed in.

    W [gates * hidden, input], R [gates * hidden, hidden], Wb and Rb [gates * hidden],
    P [3 * hidden] or None.
    """

    W: Array
    R: Array
    Wb: Array
    Rb: Array
    P: Array | None


def check_weights(
    options: Options, gates: int, W: Array, R: Array, B: Array | None, P: Array | None = None
) -> list[Weights]:
    """Return the weights of each direction.

    Raises
    ------
    ValueError
        The shapes contradict each other, the direction or the hidden size.
    """
    if R.ndim != 3 or W.ndim != 3:
        raise ValueError(f"W and R must have 3 dimensions, got {list(W.shape)}, {list(R.shape)}")
    hidden, directions = options.hidden_size or R.shape[2], options.directions
    rows = gates * hidden
    _expect("W", W, (directions, rows, W.shape[2]))
    _expect("R", R, (directions, rows, hidden))
    if B is None:
        B = np.zeros((directions, 2 * rows), R.dtype)
    _expect("B", B, (directions, 2 * rows))
    if P is not None:
        _expect("P", P, (directions, 3 * hidden))
    dtype = np.dtype(np.float64 if W.dtype == np.float64 else np.float32)
    w, r, b = (array.astype(dtype, copy=False) for array in (W, R, B))
    p = None if P is None else P.astype(dtype, copy=False)
    return [
        Weights(w[d], r[d], b[d, :rows], b[d, rows:], None if p is None else p[d])
        for d in range(directions)
    ]


def _expect(name: str, array: Array, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must be {list(shape)}, got {list(array.shape)}")
