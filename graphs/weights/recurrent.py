"""What the weights of RNN, LSTM and GRU share."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape
from .base import Weights

COUNTS = {1: "one gate", 3: "three gates", 4: "four gates"}


@dataclass(frozen=True, eq=False, repr=False)
class RecurrentWeights(Weights):
    """The arrays of one recurrent layer in the layout of the ONNX operator.

    With D directions (1, or 2: forward then backward), G gates, H hidden units, I inputs:

    Parameters
    ----------
    w
        ``[D, G*H, I]``, the weights that meet the input.
    r
        ``[D, G*H, H]``, the weights that meet the previous output.
    b
        ``[D, 2*G*H]``, the input bias and then the recurrent bias; None for no bias.
    """

    w: Array
    r: Array
    b: Array | None = None

    gates: ClassVar[str]
    """One letter a gate, in the order of the rows."""

    @property
    def directions(self) -> int:
        """1, or 2 for a bidirectional layer."""
        return int(self.w.shape[0])

    @property
    def input_size(self) -> int:
        """How many numbers the layer takes at each step."""
        return int(self.w.shape[2])

    @property
    def hidden_size(self) -> int:
        """How many units each direction has."""
        return int(self.w.shape[1]) // len(self.gates)

    @property
    def output_size(self) -> int:
        """How many numbers each direction gives at each step; its state h has as many."""
        return self.hidden_size

    @classmethod
    def bidirectional(cls, forward: Self, backward: Self) -> Self:
        """Return the layer of both directions from a container for each.

        Raises
        ------
        WeightError
            One of them has two directions already, or their arrays or forms differ.
        """
        for which, one in (("forward", forward), ("backward", backward)):
            if one.directions != 1:
                raise WeightError(
                    f"{cls.__name__}.bidirectional: {which} has {one.directions} directions, "
                    "needs 1",
                    "give the containers of two single directions",
                )
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            pair = getattr(forward, field.name), getattr(backward, field.name)
            if field.name not in ("source", "origin"):
                _check_alike(f"{cls.__name__}.bidirectional", field.name, *pair)
            if field.name in forward.arrays():
                changes[field.name] = np.concatenate(pair)
        return dataclasses.replace(forward, **changes)

    def split(self) -> list[Self]:
        """Return a container for each direction: the inverse of `bidirectional`."""
        each: list[dict[str, Any]] = [
            {name: array[d : d + 1] for name, array in self.arrays().items()}
            for d in range(self.directions)
        ]
        return [dataclasses.replace(self, **arrays) for arrays in each]

    def _check(self) -> None:
        self._check_w()
        rows, H = int(self.w.shape[1]), self.hidden_size
        label = self._rows_label(1)
        needed = [("D", self.directions), (label, rows), self._recurrent_dim()]
        check_shape(self.kind, "r", self.r, needed, f"H={H} follows from w {list(self.w.shape)}")
        if self.b is not None:
            needed = [("D", self.directions), (self._rows_label(2), 2 * rows)]
            why = f"the input bias and then the recurrent bias, {rows} each"
            check_shape(self.kind, "b", self.b, needed, why)

    def _recurrent_dim(self) -> tuple[str, int]:
        return "H", self.hidden_size

    def _rows_label(self, halves: int) -> str:
        blocks = halves * len(self.gates)
        return "H" if blocks == 1 else f"{blocks}H"

    def _check_w(self) -> None:
        label, count = self._rows_label(1), len(self.gates)
        why = f"{COUNTS[count]} ({' '.join(self.gates)}) of H rows, for each of D directions"
        needed = [("D", None), (label, None), ("I", None)]
        check_shape(self.kind, "w", self.w, needed, why)
        if self.directions > 2:
            raise WeightError(
                f"{self.kind}: w has {self.directions} directions (shape {list(self.w.shape)}), "
                "needs 1 or 2: forward, or forward and backward",
                "give each layer of a stack its own container",
            )
        if self.w.shape[1] % count:
            raise WeightError(
                f"{self.kind}: w has {self.w.shape[1]} rows (shape {list(self.w.shape)}), needs a "
                f"multiple of {count}: {why}",
                "check the kind of cell: RNN has 1 block of rows, GRU 3, LSTM 4",
            )


def _check_alike(where: str, name: str, forward: Any, backward: Any) -> None:
    """Raise unless a field of both directions has the same shape, or the same value."""
    seen = [
        list(value.shape) if isinstance(value, np.ndarray) else value
        for value in (forward, backward)
    ]
    if seen[0] != seen[1]:
        raise WeightError(
            f"{where}: backward {name} is {seen[1]}, needs {seen[0]} as in forward {name}",
            "both directions read the same input and have as many units",
        )
