"""The arrays of one recurrent direction, from a declared layout to ONNX's and back.

Everything is done once, in NumPy, so that no graph has to slice and join gates at run time. A
direction's canonical arrays are ``w [G*H, I]``, ``r [G*H, H]`` and ``b [2*G*H]`` with the gates in
ONNX's order.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np

from ..errors import WeightError
from .arrays import Array, Dim, check_shape, checked
from .layout import Layout, reordered


class Direction(NamedTuple):
    """One direction's canonical arrays: ``w [G*H, I]``, ``r [G*H, H]``, ``b [2*G*H]``."""

    w: Array
    r: Array
    b: Array | None


class Given(NamedTuple):
    """One direction's arrays as the source has them; None for those that it lacks."""

    w: Array
    r: Array | None = None
    b: Array | None = None
    rb: Array | None = None


Gates = Array | Sequence[Array]
"""An array with a block for each gate, or one array for each gate in the layout's order."""


def join_gates(value: Gates, count: int, rank: int, where: str, name: str, axis: int = 0) -> Array:
    """Return the arrays of `count` gates, each of `rank` dims, joined along `axis`.

    What is no list of such arrays is one array of all gates, and returned as it is: `checked` tells
    whether it is an array.

    Raises
    ------
    WeightError
        There are fewer or more than `count` of them, or their shapes differ.
    """
    if not isinstance(value, Sequence) or all(getattr(one, "ndim", 0) != rank for one in value):
        return cast("Array", value)
    if len(value) != count:
        raise WeightError(
            f"{where}: {name} has {len(value)} arrays, needs {count}: one for each gate",
            "give them in the order of the layout, or one array with a block for each gate",
        )
    return joined_blocks(where, {f"{name}[{place}]": one for place, one in enumerate(value)}, axis)


def joined_blocks(where: str, blocks: Mapping[str, Array], axis: int) -> Array:
    """Return the arrays of the gates joined along `axis`, once they have one shape."""
    arrays = {label: checked(block, where, label) for label, block in blocks.items()}
    first = next(iter(arrays.values())).shape
    for label, array in arrays.items():
        if array.shape != first:
            raise WeightError(
                f"{where}: {label} has shape {list(array.shape)}, needs {list(first)} as every "
                "gate has",
                "give each gate its own array, none of them joined",
            )
    return np.concatenate(list(arrays.values()), axis=axis)


class Names(NamedTuple):
    """What the caller calls the arrays; the words of the errors."""

    where: str
    w: str = "w"
    r: str = "r"
    b: str = "b"
    rb: str = "rb"


def unpack(
    layout: Layout,
    gates: str,
    names: Names,
    given: Given,
    recurrent_size: int | None = None,
) -> Direction:
    """Return the canonical arrays of one direction, its arrays checked under their own names.

    Parameters
    ----------
    recurrent_size
        How many numbers r meets, where a projection makes that other than H.
    """
    positions = layout.positions(gates, names.where)
    w, r = _two_matrices(layout, gates, names, given)
    H = w.shape[0] // len(gates)
    rows = (f"{len(gates)}H", len(gates) * H)
    columns = ("H", H) if recurrent_size is None else ("P", recurrent_size)
    seen, needed = (r.T, (columns, rows)) if layout.input_first else (r, (rows, columns))
    check_shape(names.where, names.r, seen, needed, f"H={H} follows from {names.w}")
    bias = _two_biases(layout, gates, names, (given.b, given.rb), rows, w.dtype)
    sign = -1 if layout.inverted_update else 1
    w, r = (reordered(matrix, positions, sign) for matrix in (w, r))
    if bias is None:
        return Direction(w, r, None)
    halves = [reordered(half, positions, sign) for half in bias]
    if layout.forget_bias:
        f = gates.index("f")
        halves[1][f * H : (f + 1) * H] += np.asarray(layout.forget_bias, halves[1].dtype)
    return Direction(w, r, np.concatenate(halves))


def pack(layout: Layout, gates: str, where: str, part: Direction) -> dict[str, Array]:
    """Return the arrays of `part` as the source lays them out: the inverse of `unpack`.

    The keys are the fields of `Given`, without the arrays that are not there. Where the
    source has one bias, the halves are added; a half of zeros leaves the other bit for bit.
    """
    positions = layout.positions(gates, where)
    H = part.w.shape[0] // len(gates)
    back = [positions.index(place) for place in range(len(gates))]
    sign = -1 if layout.inverted_update else 1
    place = positions[0]
    w, r = (reordered(matrix, back, sign, place) for matrix in (part.w, part.r))
    packed = {"w": np.concatenate([w, r], axis=1)} if layout.joined else {"w": w, "r": r}
    if layout.input_first:
        packed = {name: matrix.T for name, matrix in packed.items()}
    if part.b is None:
        return packed
    wb, rb = np.split(part.b, 2)
    if layout.forget_bias:
        f = gates.index("f")
        rb = rb.copy()
        rb[f * H : (f + 1) * H] -= np.asarray(layout.forget_bias, rb.dtype)
    halves = [wb, rb] if layout.biases == 2 else [one_bias(wb, rb)]
    halves = [reordered(half, back, sign, place) for half in halves]
    return packed | dict(zip(("b", "rb"), halves, strict=False))


def one_bias(wb: Array, rb: Array) -> Array:
    """Return the sum of both halves; where rb is zero, wb bit for bit (-0.0 stays -0.0)."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(rb == 0, wb, wb + rb)


def _two_matrices(layout: Layout, gates: str, names: Names, given: Given) -> tuple[Array, Array]:
    """Return w and r, output-first, after a look at the rank and rows of w."""
    w = checked(given.w, names.where, names.w)
    rows: Dim = (f"{len(gates)}H", None)
    columns: Dim = ("I+H" if layout.joined else "I", None)
    needed = (columns, rows) if layout.input_first else (rows, columns)
    why = f"a block of H for each gate in the order {layout.order!r}"
    check_shape(names.where, names.w, w, needed, why)
    matrix = w.T if layout.input_first else w
    H, rest = divmod(matrix.shape[0], len(gates))
    if rest or (layout.joined and matrix.shape[1] <= H):
        raise WeightError(
            f"{names.where}: {names.w} has shape {list(w.shape)}, needs "
            f"[{', '.join(label for label, _ in needed)}]: {why}",
            "check the kind of cell (RNN has 1 block, GRU 3, LSTM 4) and whether it is transposed",
        )
    if layout.joined != (given.r is None):
        raise WeightError(
            f"{names.where}: {names.r} is {'missing' if given.r is None else 'given'}, but the "
            f"layout is {'joined' if layout.joined else 'not joined'}",
            "joined=True means one matrix w over [x; h] and no r",
        )
    if given.r is None:
        return matrix[:, :-H], matrix[:, -H:]
    r = checked(given.r, names.where, names.r)
    return matrix, r.T if layout.input_first else r


def _two_biases(
    layout: Layout,
    gates: str,
    names: Names,
    given: tuple[Array | None, Array | None],
    rows: Dim,
    dtype: np.dtype[np.generic],
) -> tuple[Array, Array] | None:
    """Return both halves in the source's order; zeros stand for the half that it lacks."""
    halves = []
    for name, half in zip((names.b, names.rb), given, strict=True):
        if half is not None:
            half = checked(half, names.where, name)
            check_shape(names.where, name, half, [rows], "one bias for each row")
            halves.append(half)
    if len(halves) not in (0, layout.biases) or (given[0] is None and halves):
        raise WeightError(
            f"{names.where}: {len(halves)} bias vectors are given ({names.b}, {names.rb}), "
            f"needs {layout.biases} or none",
            "set biases=2 in the layout for an input bias and a recurrent bias",
        )
    zeros = np.zeros(rows[1] or 0, dtype)
    if not halves:
        return (zeros, zeros.copy()) if layout.forget_bias else None
    return halves[0], halves[1] if layout.biases == 2 else zeros.astype(halves[0].dtype)
