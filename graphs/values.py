"""Values that flow through a network, and the notation for their dims."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import ValueMismatchError
from .given import shown

Dim = int | str | None
"""A fixed dim, a named one, or one that nothing is known about."""
Dims = tuple[Dim, ...]
DimsLike = str | Sequence[Dim]


@dataclass(frozen=True, repr=False)
class Value:
    """One array of the network being built: what layers take and give.

    `dims` are the array's dims, outermost first. `owner` is the network that the value belongs to.
    """

    name: str
    dtype: np.dtype[Any]
    dims: Dims
    owner: object = field(repr=False, compare=False)

    @property
    def rank(self) -> int:
        """The number of dims."""
        return len(self.dims)

    def __repr__(self) -> str:
        return f"<Value {self}>"

    def __str__(self) -> str:
        return f"'{self.name}' ({format_dims(self.dims)}, {self.dtype.name})"


def parse_dims(dims: DimsLike, label: str = "") -> Dims:
    """Read dims from ``"batch time 40"`` or from a sequence such as ``("batch", "time", 40)``.

    A word is a named dim (dynamic), a number a fixed one, ``?`` an unknown one; no word at all is
    a scalar. `label` names in errors what has the dims.

    >>> parse_dims("batch time 40")
    ('batch', 'time', 40)
    >>> parse_dims(["batch", 8])
    ('batch', 8)

    Raises
    ------
    ValueMismatchError
        A dim is negative, or neither a number nor a name.
    """
    where = f"{label}: dims" if label else "dims"
    if isinstance(dims, bytes) or not isinstance(dims, str | Sequence):
        raise ValueMismatchError(
            f"{where} {dims!r} are neither a text nor a sequence",
            "write them as 'batch 40' or as ('batch', 40)",
        )
    words = dims.split() if isinstance(dims, str) else dims
    return tuple(_parse_dim(word, f"{where} {dims!r}") for word in words)


def _parse_dim(word: Any, where: str) -> Dim:
    if word is None or word == "?":
        return None
    if isinstance(word, str) and word.isidentifier():
        return word
    if isinstance(word, str) and word.isdecimal() and len(word) < 19:
        return int(word)
    if isinstance(word, int | np.integer) and not isinstance(word, bool) and 0 <= word < 2**63:
        return int(word)
    raise ValueMismatchError(
        f"{where}: {shown(word)} is not a dim",
        "write a name (batch), a size of 0 or more (40), or ? for an unknown one",
    )


def format_dims(dims: Sequence[Dim]) -> str:
    """Write dims the way `parse_dims` reads them.

    >>> format_dims(("batch", None, 40))
    'batch ? 40'
    """
    return " ".join("?" if dim is None else str(dim) for dim in dims) or "scalar"


def compatible(left: Dim, right: Dim) -> bool:
    """Say whether two dims can be equal when the model runs.

    Two fixed dims must be the same; a named or unknown one may turn out to be anything.
    """
    return not (isinstance(left, int) and isinstance(right, int)) or left == right


def broadcast(a: Value, b: Value, label: str) -> Dims:
    """Return the dims of an elementwise result (NumPy's rules).

    Raises
    ------
    ValueMismatchError
        Two fixed dims differ and neither is 1.
    """
    rank = max(a.rank, b.rank)
    left, right = ((1,) * (rank - value.rank) + value.dims for value in (a, b))
    for one, other in zip(left, right, strict=True):
        if one != 1 and other != 1 and not compatible(one, other):
            raise ValueMismatchError(
                f"{label}: dims {format_dims(a.dims)} of '{a.name}' and "
                f"{format_dims(b.dims)} of '{b.name}' do not fit each other",
                "equal dims, or a dim of 1 that is stretched, are needed",
            )
    return tuple(map(_stretched, left, right))


def _stretched(one: Dim, other: Dim) -> Dim:
    if one == other or other == 1:
        return one
    if one == 1 or isinstance(other, int):
        return other
    return one if isinstance(one, int) else None
