"""Layers that change the form of each sample."""

import math

import numpy as np

from ...values import Dim
from ..registry import Call, keras_layer
from ..tensor import Tensor
from .windows import channels_last, give, take


@keras_layer("Flatten")
def flatten(call: Call) -> Tensor:
    """Return all numbers of a sample in one dim, channels last."""
    last = channels_last(call)
    ops, x = call.ops, call.value()
    if x.rank == 1:
        return Tensor(ops.unsqueeze(x, 1))
    if not last and x.rank > 2:
        x = ops.transpose(x, 0, *range(2, x.rank), 1)
    if x.rank == 2:
        return Tensor(x)
    return Tensor(ops.reshape(x, (0, -1), (x.dims[0], _product(x.dims[1:]))))


@keras_layer("Reshape")
def reshape(call: Call) -> Tensor:
    """Return the numbers of a sample in other dims, one of which may be left open with -1."""
    target = call.fields.integers("target_shape", least=-1)
    x = call.value()
    if target.count(-1) > 1 or 0 in target:
        call.fields.refuse("target_shape", list(target), "sizes above 0, and -1 once at most")
    total, rest = _product(x.dims[1:]), math.prod(size for size in target if size > 0)
    if total is not None and (total % rest or (-1 not in target and total != rest)):
        raise call.refuse(f"{total} numbers a sample do not fit {list(target)}")
    left: Dim = total // rest if isinstance(total, int) else None
    dims = (x.dims[0], *(left if size == -1 else size for size in target))
    known = all(isinstance(dim, int) for dim in dims[1:])
    shape = (0, *(dim if known and isinstance(dim, int) else size
                  for dim, size in zip(dims[1:], target, strict=True)))  # fmt: skip
    return Tensor(call.ops.reshape(x, shape, dims))


@keras_layer("Permute")
def permute(call: Call) -> Tensor:
    """Return the dims of a sample in another order, counted from 1."""
    order = call.fields.integers("dims", least=1)
    return Tensor(call.net.transpose(call.value(), (0, *order), name=call.name()))


@keras_layer("RepeatVector")
def repeat_vector(call: Call) -> Tensor:
    """Return ``[batch, features]`` so many times in a dim of its own."""
    count = call.fields.integer("n")
    column = call.ops.unsqueeze(call.value(), 1)
    repeats = call.net.indices(1, count, 1)
    dims = (column.dims[0], count, column.dims[2])
    return Tensor(call.net.emit("Tile", column, repeats, layer=call.layer, dims=dims))


@keras_layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(call: Call) -> Tensor:
    """Put zeros before and behind each spatial dim."""
    pairs = _pairs(call, "padding")
    last = channels_last(call)
    x = take(call, last)
    pads = [begin for begin, _ in pairs] + [end for _, end in pairs]
    return give(call.net.pad(x, pads, axes=range(2, x.rank), name=call.name()), last)


@keras_layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: Call) -> Tensor:
    """Cut places off before and behind each spatial dim."""
    pairs = _pairs(call, "cropping")
    last = channels_last(call)
    x = take(call, last)
    axes = range(2, x.rank)
    ends = [-end if end else np.iinfo(np.int64).max for _, end in pairs]
    dims = list(x.dims)
    for axis, (begin, end) in zip(axes, pairs, strict=True):
        dim = dims[axis]
        dims[axis] = dim - begin - end if isinstance(dim, int) else None
        if isinstance(dim, int) and dim - begin - end < 1:
            raise call.refuse(f"crops {begin} and {end} of a dim of {dim}")
    limits = [call.net.indices(*(begin for begin, _ in pairs)), call.net.indices(*ends)]
    y = call.net.emit(
        "Slice", x, *limits, call.net.indices(*axes), layer=call.layer, dims=tuple(dims)
    )
    return give(y, last)


def _pairs(call: Call, key: str) -> list[tuple[int, int]]:
    """Return what is added or cut per spatial dim: one number, one a dim, or a pair a dim."""
    rank = int(next(c for c in call.kind if c.isdigit()))
    value = call.fields.get(key, 1)
    if rank == 1 and isinstance(value, list) and len(value) == 2:
        value = [value]
    listed = value if isinstance(value, list) else [value] * rank
    pairs = [one if isinstance(one, list) else [one, one] for one in listed]
    right = len(pairs) == rank and all(
        len(pair) == 2 and all(type(n) is int and 0 <= n < 1 << 31 for n in pair) for pair in pairs
    )
    if not right:
        call.fields.refuse(key, value, f"a pair of whole numbers for each of {rank} dims")
    return [(pair[0], pair[1]) for pair in pairs]


def _product(dims: tuple[Dim, ...]) -> Dim:
    """Return the numbers in these dims together; None where one is open."""
    sizes = [dim for dim in dims if isinstance(dim, int)]
    return math.prod(sizes) if len(sizes) == len(dims) else None
