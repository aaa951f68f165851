"""What is done to the rows of a convolution's result, [rows, features], while in the cache."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...registry import Finish

Array = NDArray[Any]

BLOCK = 2**17
"""Elements of the result that are finished together."""
SHORT = 2**10
"""Elements that a vector of features is repeated to: NumPy's loops over fewer take as long."""


Apply = Callable[[Array], None]


@dataclass(frozen=True)
class Line:
    """y = factor x + shift for every row x, [features]: what a bias or fixed statistics come to.

    Lines are not applied one by one: the convolution puts those that follow it together.
    """

    factor: Array | None
    shift: Array | None

    def then(self, other: "Line") -> "Line":
        """Return the line that both come to."""
        factor, shift = self.factor, self.shift
        if other.factor is not None:
            factor = other.factor if factor is None else factor * other.factor
            shift = None if shift is None else shift * other.factor
        if other.shift is not None:
            shift = other.shift if shift is None else shift + other.shift
        return Line(factor, shift)


def line_of(bias: Array | None, finishes: Sequence[Finish]) -> tuple[Line, Sequence[Finish]]:
    """Return what the bias and the lines that follow come to, and what follows these."""
    line, count = Line(None, bias), 0
    for finish in finishes:
        if not isinstance(finish, Line):
            break
        line, count = line.then(finish), count + 1
    return line, finishes[count:]


def finishing(line: Line, finishes: Sequence[Finish]) -> Apply | None:
    """Return one function that does it all to rows, in place; None where nothing is to be done."""
    functions: list[Apply] = []
    for vector, ufunc in ((line.factor, np.multiply), (line.shift, np.add)):
        if vector is not None:
            functions.append(_along(ufunc, vector))
    for finish in finishes:
        if isinstance(finish, Line):
            functions.append(finishing(finish, ()) or (lambda rows: None))
        else:
            functions.append(finish)
    if len(functions) < 2:
        return functions[0] if functions else None

    def apply(rows: Array) -> None:
        for function in functions:
            function(rows)

    return apply


def in_blocks(rows: Array, apply: Apply) -> None:
    """Finish so many rows at a time as stay in the cache."""
    step = max(1, BLOCK // rows.shape[1])
    if len(rows) <= step:
        apply(rows)
        return
    for start in range(0, len(rows), step):
        apply(rows[start : start + step])


def _along(function: np.ufunc, vector: Array) -> Apply:
    """Apply `function` to every row and `vector`, several rows at a time where they are short."""
    features = len(vector)
    repeats = max(1, SHORT // features)
    wide = np.tile(vector, repeats)

    def apply(rows: Array) -> None:
        whole = len(rows) // repeats * repeats
        if whole:
            several = rows[:whole].reshape(-1, wide.size)
            function(several, wide, out=several)
        if whole < len(rows):
            rows = rows[whole:]
            function(rows, vector, out=rows)

    return apply
