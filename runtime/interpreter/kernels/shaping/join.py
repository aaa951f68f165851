"""Concat, Split, Tile: joining and cutting along an axis."""

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ...run_limits import LEAST, check_bytes, check_joined, integers


@kernel("Concat", since=4, fresh=True, growth="bounded")
def concat(*inputs: Array, axis: int) -> Array:
    """Join the inputs along `axis`."""
    check_joined(inputs)
    return np.concatenate(inputs, axis)


def _tiled(input_: Array, repeats: Array) -> tuple[list[int], Any]:
    if repeats.shape != (input_.ndim,):
        raise ValueError(f"repeats has shape {repeats.shape}, but the input has rank {input_.ndim}")
    return list(map(mul, input_.shape, integers(repeats))), input_.dtype


@kernel("Tile", since=6, growth="sized", size=_tiled)
def tile(input_: Array, repeats: Array) -> Array:
    """Repeat the input `repeats[i]` times along axis i."""
    return np.tile(input_, integers(repeats))


VIEW = 200
"""Bytes that a part takes, itself a view of the whole: an array without elements of its own."""


def check_parts(count: int) -> None:
    """Refuse more parts than a run may make."""
    if count * VIEW > LEAST:
        check_bytes((count, VIEW), np.uint8)


def cut(X: Array, axis: int, sizes: Sequence[int]) -> tuple[Array, ...]:
    """Cut X along `axis` into parts of the given sizes, which must add up."""
    check_parts(len(sizes))
    if sum(sizes) != X.shape[axis] or min(sizes, default=0) < 0:
        raise ValueError(f"parts of {list(sizes)} do not add up to the dim {X.shape[axis]}")
    before: tuple[slice, ...] = (slice(None),) * (axis % X.ndim)
    ends = [*accumulate(sizes)]
    return tuple(
        X[(*before, slice(end - size, end))] for size, end in zip(sizes, ends, strict=True)
    )


def even_sizes(size: int, parts: int) -> list[int]:
    """Return `parts` sizes, all equal but the last, which is smaller where it must be.

    >>> even_sizes(7, 4)
    [2, 2, 2, 1]
    """
    if parts < 1:
        raise ValueError(f"cannot cut into {parts} parts")
    check_parts(parts)
    part = -(-size // parts)
    return [max(0, min(part, size - i * part)) for i in range(parts)]


@kernel("Split", since=2, growth="bounded")
def split_2(
    input_: Array, *, axis: int = 0, split: Sequence[int] | None = None, node: NodeInfo
) -> tuple[Array, ...]:
    """Cut into parts of the sizes `split`, or into as many equal ones as there are outputs."""
    return cut(input_, axis, split or _equal(input_.shape[axis], len(node.outputs)))


@kernel("Split", since=13, growth="bounded")
def split_13(
    input_: Array, split: Array | None = None, *, axis: int = 0, node: NodeInfo
) -> tuple[Array, ...]:
    """Cut into parts of the sizes `split`, or into as many equal ones as there are outputs."""
    sizes = _equal(input_.shape[axis], len(node.outputs)) if split is None else _listed(split)
    return cut(input_, axis, sizes)


@kernel("Split", since=18, growth="bounded")
def split_18(
    input_: Array,
    split: Array | None = None,
    *,
    axis: int = 0,
    num_outputs: int | None = None,
    node: NodeInfo,
) -> tuple[Array, ...]:
    """Cut into parts of the sizes `split`, or into `num_outputs`, the last one smaller."""
    parts = len(node.outputs) if num_outputs is None else num_outputs
    sizes = even_sizes(input_.shape[axis], parts) if split is None else _listed(split)
    return cut(input_, axis, sizes)


def _listed(split: Array) -> list[int]:
    check_parts(split.size)
    sizes: list[int] = split.tolist()
    return sizes


def _equal(size: int, parts: int) -> list[int]:
    if size % parts:
        raise ValueError(f"a dim of {size} cannot be cut into {parts} equal parts")
    return [size // parts] * parts


@kernel("DepthToSpace", since=1, growth="bounded")
def depth_to_space(input_: Array, *, blocksize: int, mode: str = "DCR") -> Any:
    """Move blocks of channels into space: [n, c b b, h, w] to [n, c, h b, w b].

    The channels are ordered depth-column-row (``DCR``) or column-row-depth (``CRD``).
    """
    n, c, h, w = input_.shape
    b, depth = blocksize, c // blocksize**2
    if mode == "DCR":
        blocks = input_.reshape(n, b, b, depth, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        blocks = input_.reshape(n, depth, b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
    return blocks.reshape(n, depth, h * b, w * b)


@kernel("SpaceToDepth", since=1, growth="bounded")
def space_to_depth(input_: Array, *, blocksize: int, mode: str = "DCR") -> Any:
    """Move blocks of space into channels: [n, c, h b, w b] to [n, b b c, h, w].

    The new channels are ordered depth-column-row (``DCR``) or column-row-depth (``CRD``).
    """
    n, c, h, w = input_.shape
    b = blocksize
    order = (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4)
    blocks = input_.reshape(n, c, h // b, b, w // b, b).transpose(order)
    return blocks.reshape(n, c * b * b, h // b, w // b)
