"""A source's gate order and other habits, declared; moving blocks of rows accordingly."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from ..errors import WeightError
from .arrays import Array

LETTERS: dict[str, dict[str, str]] = {
    "h": {"h": "h", "n": "h", "c": "h", "z": "h"},
    "zrh": {"z": "z", "u": "z", "r": "r", "h": "h", "n": "h", "c": "h"},
    "iofc": {"i": "i", "o": "o", "f": "f", "c": "c", "g": "c", "j": "c", "z": "c"},
}
"""For each cell's gates: the letters in use for them, and the gate that is meant."""


@dataclass(frozen=True)
class Layout:
    """How a source lays out the arrays of one recurrent direction.

    Parameters
    ----------
    order
        The gates in the order of their blocks, such as ``"i f o g"``. LSTM: i, f, o and the
        cell input as c, g, j or z. GRU: z or u (update), r, and the candidate as h, n or c.
    input_first
        The matrices are ``[in, G*H]``, the transpose of what ONNX and PyTorch store.
    joined
        There is one matrix over ``[x; h]`` (given as w) in place of two.
    biases
        1: one bias vector; 2: one for the input and one for the recurrent product (b and rb).
    forget_bias
        What the source adds to the forget gate's bias at run time (DyNet and TensorFlow 1: 1).
        It goes into the recurrent half, so that the way back is exact.
    inverted_update
        The source computes ``h' = z n + (1 - z) h``. The z rows are negated: f(-a) = 1 - f(a)
        holds for the sigmoid and for the hard sigmoid.

    Examples
    --------
    >>> Layout("i f o g", forget_bias=1.0).positions("iofc", "LSTMWeights")  # where i, o, f, c are
    [0, 2, 1, 3]
    """

    order: str
    input_first: bool = False
    joined: bool = False
    biases: Literal[1, 2] = 1
    forget_bias: float = 0.0
    inverted_update: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "forget_bias", float(self.forget_bias))  # 1 and 1.0 read alike
        if self.biases not in (1, 2):
            raise WeightError(
                f"Layout: biases is {self.biases!r}, needs 1 or 2",
                "1 for one bias vector, 2 for an input bias and a recurrent bias",
            )
        if self.biases == 2 and self.forget_bias:
            raise WeightError(
                "Layout: forget_bias needs biases=1: it is kept in the recurrent half",
                "add it to the forget gate's rows of one bias, and leave forget_bias at 0",
            )

    def __str__(self) -> str:
        """Return the order and what differs from the defaults, such as ``ifog forget_bias=1.0``."""
        words = [self.order.replace(" ", "").replace(",", "")]
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                words.append(field.name if value is True else f"{field.name}={value}")
        return " ".join(words)

    def positions(self, gates: str, where: str) -> list[int]:
        """Return where each of `gates` stands in the source's order.

        Raises
        ------
        WeightError
            The order does not name each gate once, or has a habit that the cell cannot have.
        """
        letters = self.order.replace(" ", "").replace(",", "").lower()
        meant = "".join(LETTERS[gates].get(letter, "?") for letter in letters)
        if sorted(meant) != sorted(gates):
            raise WeightError(
                f"{where}: order {self.order!r} does not name each of the gates "
                f"{' '.join(gates)} once",
                f"letters: {', '.join(f'{k} for {v}' for k, v in LETTERS[gates].items())}",
            )
        if (self.forget_bias and "f" not in gates) or (self.inverted_update and "z" not in gates):
            habit = "forget_bias" if self.forget_bias else "inverted_update"
            raise WeightError(
                f"{where}: {habit} is declared, but the cell has only the gates {' '.join(gates)}",
                "forget_bias belongs to an LSTM, inverted_update to a GRU",
            )
        return [meant.index(gate) for gate in gates]


HABITS = tuple(field.name for field in fields(Layout)[1:])
MOST_GATES = 4
"""Letters in a word of an order: ``i f o g`` may also be written ``ifog``."""


def as_layout(layout: Layout | str) -> Layout:
    """Return `layout`; a string is what ``str(layout)`` writes: the order, then the habits.

    >>> as_layout("i f o g  input_first forget_bias=1")
    Layout(order='i f o g', input_first=True, joined=False, biases=1, forget_bias=1.0, \
inverted_update=False)

    Raises
    ------
    WeightError
        A habit is not known, or its value is no number.
    """
    if isinstance(layout, Layout):
        return layout
    order: list[str] = []
    habits: dict[str, Any] = {}
    for word in layout.split():
        name, given, value = word.partition("=")
        if name in HABITS:
            habits[name] = _habit(name, value) if given else True
        elif given or len(name) > MOST_GATES:
            raise WeightError(
                f"Layout: {word!r} is no habit of a source", f"use one of {', '.join(HABITS)}"
            )
        else:
            order.append(word)
    return Layout(" ".join(order), **habits)


def _habit(name: str, value: str) -> float | int:
    try:
        return int(value) if name == "biases" else float(value)
    except ValueError as error:
        raise WeightError(
            f"Layout: {name}={value} is not a number", f"write for example {name}=1"
        ) from error


def reordered(array: Array, positions: Sequence[int], sign: int, negated: int = 0) -> Array:
    """Return the row blocks of `array` in another order, block `negated` times `sign`.

    Identical order and sign give `array` itself. The block to negate counts in the new order.
    """
    if list(positions) == list(range(len(positions))) and sign == 1:
        return array
    blocks = array.reshape(len(positions), -1, *array.shape[1:])
    ordered = np.empty(blocks.shape, array.dtype)
    for place, position in enumerate(positions):
        ordered[place] = blocks[position]
    if sign == -1:
        np.negative(ordered[negated], out=ordered[negated])
    return ordered.reshape(array.shape)
