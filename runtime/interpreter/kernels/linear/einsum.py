"""Einsum."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array, through_float32
from ...registry import kernel


def _summed(*Inputs: Array, equation: str) -> tuple[list[int], Any]:
    terms = equation.replace(" ", "")
    return result_shape(terms, [x.shape for x in Inputs]), Inputs[0].dtype


@kernel("Einsum", since=12, size=_summed)
@through_float32
def einsum(*Inputs: Array, equation: str) -> Any:
    """Return the products of the inputs summed over the indices that the result leaves out."""
    terms = equation.replace(" ", "")
    if len(Inputs) < 2:
        return np.einsum(terms, *Inputs)
    return np.einsum(terms, *Inputs, optimize=True)


def result_shape(equation: str, shapes: Sequence[tuple[int, ...]]) -> list[int]:
    """Return the result's dims, in any order, of an equation that need not be right.

    >>> result_shape("ij,kj", [(2, 3), (4, 3)]), result_shape("...i->...", [(5, 2)])
    ([2, 4], [5])
    """
    left, arrow, right = equation.partition("->")
    sizes: dict[str, int] = {}
    free: tuple[int, ...] = ()
    for term, shape in zip(left.split(","), shapes, strict=False):
        front, dots, back = term.partition("...")
        stop = len(shape) - len(back)
        named = [*zip(front, shape, strict=False), *zip(back, shape[stop:], strict=False)]
        for letter, size in named:
            sizes[letter] = max(size, sizes.get(letter, 1))
        if dots:
            free = np.broadcast_shapes(free, shape[len(front) : stop])
    kept = right if arrow else [letter for letter in sizes if left.count(letter) == 1]
    return [sizes[letter] for letter in kept if letter in sizes] + list(free)
