"""Layers that only change the form: flatten, reshape, transpose."""

import math
from collections.abc import Sequence
from typing import Literal

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..errors import GraphError, ValueMismatchError
from ..given import choice, flag, several, whole
from ..values import Dim, Dims, DimsLike, Value, format_dims, parse_dims
from .checks import check_axis


class Shaping(Builder):
    """Adds ``flatten``, ``reshape``, ``transpose`` and ``pad``."""

    def flatten(
        self,
        x: Value,
        *,
        axis: int = 1,
        channels_last: bool | None = None,
        name: str | None = None,
    ) -> Value:
        """Return `x` as a matrix: the dims before `axis` in its rows, the others in its columns.

        `channels_last` puts the dim at `axis`, the channels, behind the others first, which is the
        order in which Keras flattens. When None the order is that of `x`, as when False; a dense
        layer of Keras then refuses what a convolution or a pool gave.

        Raises
        ------
        ValueMismatchError
            `x` has no such axis, or no channels that could go last.
        """
        layer = self.layer_name("flatten", name)
        label = f"flatten '{layer}'"
        if not 0 <= whole(axis, f"{label}: axis") <= self.own(x, label).rank:
            raise ValueMismatchError(
                f"{label}: axis {axis} is outside {x}", f"use one of 0 to {x.rank}"
            )
        dims = (_product(x.dims[:axis]), _product(x.dims[axis:]))
        last = channels_last is not None and flag(channels_last, f"{label}: channels_last")
        if last:
            if axis == x.rank:
                raise ValueMismatchError(
                    f"{label}: there are no channels behind axis {axis} of {x}",
                    "leave channels_last out",
                )
            x = Ops(self, layer).transpose(x, *range(axis), *range(axis + 1, x.rank), axis)
        y = self.emit("Flatten", x, layer=layer, dims=dims, axis=axis)
        if channels_last is not None and not last:
            self.layouts.settle(y)
        return y

    def reshape(self, x: Value, dims: DimsLike, *, name: str | None = None) -> Value:
        """Return `x` with other dims, such as ``net.reshape(x, "batch 64")``.

        A named dim of `x` keeps its size under its name; at most one dim that `x` has not, or has
        in another place, may be named: it takes what is left over.

        Raises
        ------
        ValueMismatchError
            The sizes cannot agree, or more than one dim would be left open.
        """
        layer = self.layer_name("reshape", name)
        label = f"reshape '{layer}'"
        self.own(x, label)
        wanted = parse_dims(dims, label)
        kept = [index < x.rank and x.dims[index] == dim for index, dim in enumerate(wanted)]
        shape = [
            dim if isinstance(dim, int) else 0 if keep and dim is not None else -1
            for dim, keep in zip(wanted, kept, strict=True)
        ]
        if shape.count(-1) > 1:
            raise ValueMismatchError(
                f"{label}: dims {format_dims(wanted)} leave more than one dim of {x} open",
                "keep named dims in their places, and give the others fixed sizes",
            )
        _check_sizes(label, x, wanted, open_dim=-1 in shape)
        return self.emit("Reshape", x, self.indices(*shape), layer=layer, dims=wanted)

    def pad(
        self,
        x: Value,
        pads: Sequence[int],
        *,
        axes: int | Sequence[int] | None = None,
        mode: Literal["constant", "reflect", "edge"] = "constant",
        value: float = 0.0,
        name: str | None = None,
    ) -> Value:
        """Return `x` with so many places more before and behind each of the dims `axes`.

        `pads` holds all the begins, then all the ends, over every dim when `axes` is None. The
        places hold `value`, the mirror image of what is inside (``reflect``), or its outermost
        number (``edge``).

        >>> from onnxwright import graphs
        >>> net = graphs.Network("wide")
        >>> x = net.input("x", "batch 2 8")
        >>> net.pad(x, [2, 1], axes=-1, mode="reflect").dims
        ('batch', 2, 11)

        Raises
        ------
        GraphError
            There are too many or too few numbers, one is negative, or a reflection is too long.
        """
        layer = self.layer_name("pad", name)
        label = f"pad '{layer}'"
        padded = _padded_axes(self.own(x, label), pads, axes, label)
        _check_pads(x, padded, mode, label)
        dims, begins, ends = list(x.dims), [0] * x.rank, [0] * x.rank
        for axis, begin, end in padded:
            begins[axis], ends[axis] = begin, end
            dim = x.dims[axis]
            dims[axis] = dim + begin + end if isinstance(dim, int) else None
            if begin + end == 0:
                dims[axis] = dim
        inputs = [x, self.indices(*begins, *ends)]
        if mode == "constant":
            inputs.append(self.scalar(layer, value, x.dtype))
        written = None if mode == "constant" else mode
        return self.emit("Pad", *inputs, layer=layer, dims=tuple(dims), mode=written)

    def transpose(self, x: Value, perm: Sequence[int], *, name: str | None = None) -> Value:
        """Return `x` with its dims in the order `perm`: dim i of the result is dim perm[i] of `x`.

        Raises
        ------
        ValueMismatchError
            `perm` is no permutation of the dims.
        """
        layer = self.layer_name("transpose", name)
        label = f"transpose '{layer}'"
        perm = [whole(axis, f"{label}: perm") for axis in several(perm, f"{label}: perm")]
        if sorted(perm) != list(range(self.own(x, label).rank)):
            raise ValueMismatchError(
                f"{label}: perm {perm[:20]} is no order of the dims of {x}",
                f"name each of 0 to {x.rank - 1} once",
            )
        dims = tuple(x.dims[axis] for axis in perm)
        return self.emit("Transpose", x, layer=layer, dims=dims, perm=perm)


def _padded_axes(
    x: Value, pads: Sequence[int], axes: int | Sequence[int] | None, label: str
) -> list[tuple[int, int, int]]:
    """Return each dim that is padded with its number of places before and behind."""
    listed = range(x.rank) if axes is None else axes if isinstance(axes, Sequence) else [axes]
    over = [check_axis(x, axis, label) for axis in listed]
    count = len(over)
    pads = [whole(number, f"{label}: a pad") for number in several(pads, f"{label}: pads")]
    if len(set(over)) < count or len(pads) != 2 * count:
        raise GraphError(
            f"{label}: pads are {list(pads)}, needs {2 * count} whole numbers: so many before each "
            f"of {count} dims, and then so many behind each",
            "name the dims that are padded by axes=...",
        )
    return [(axis, int(pads[i]), int(pads[i + count])) for i, axis in enumerate(over)]


def _check_pads(x: Value, padded: list[tuple[int, int, int]], mode: str, label: str) -> None:
    """Refuse pads that the mode cannot fill.

    Raises
    ------
    GraphError
        The mode is unknown, a pad is negative, or a reflection is longer than what it reflects.
    """
    choice(mode, ("constant", "reflect", "edge"), f"{label}: mode")
    for axis, *ends in padded:
        dim = x.dims[axis]
        room = dim - 1 if mode == "reflect" and isinstance(dim, int) else max(ends)
        if min(ends) < 0 or max(ends) > room:
            raise GraphError(
                f"{label}: pads {ends} of dim {axis} of {x} do not fit mode '{mode}'",
                "a pad is 0 or more; a reflection is shorter than the dim that it reflects",
            )


def _product(dims: Sequence[Dim]) -> Dim:
    """Return the size of all dims together: known where all are fixed or only one is there."""
    open_dims = [dim for dim in dims if not isinstance(dim, int)]
    fixed = math.prod(dim for dim in dims if isinstance(dim, int))
    if not open_dims:
        return fixed
    return open_dims[0] if len(open_dims) == 1 and fixed == 1 else None


def _check_sizes(label: str, x: Value, wanted: Dims, *, open_dim: bool) -> None:
    """Refuse sizes that cannot agree, as far as fixed dims tell."""
    names = [dim for dim in x.dims if isinstance(dim, str)]
    given = [dim for dim in wanted if isinstance(dim, str)]
    have = math.prod(dim for dim in x.dims if isinstance(dim, int))
    want = math.prod(dim for dim in wanted if isinstance(dim, int))
    if None in x.dims or sorted(names) != sorted(given):
        return
    if have != want and not (open_dim and want and have % want == 0 and None in wanted):
        raise ValueMismatchError(
            f"{label}: {x} has {have} numbers per {' '.join(names) or 'array'}, "
            f"{format_dims(wanted)} has {want}",
            "give sizes whose product is the same",
        )
