"""Layers that only change the form: flatten, reshape, transpose."""

import math
from collections.abc import Sequence

from ..builder.builder import Builder
from ..errors import ValueMismatchError
from ..values import Dim, Dims, DimsLike, Value, format_dims, parse_dims


class Shaping(Builder):
    """Adds ``flatten``, ``reshape`` and ``transpose``."""

    def flatten(self, x: Value, *, axis: int = 1, name: str | None = None) -> Value:
        """Return `x` as a matrix: the dims before `axis` in its rows, the others in its columns."""
        layer = self.layer_name("flatten", name)
        if not 0 <= axis <= self.own(x, f"flatten '{layer}'").rank:
            raise ValueMismatchError(
                f"flatten '{layer}': axis {axis} is outside {x}", f"use one of 0 to {x.rank}"
            )
        dims = (_product(x.dims[:axis]), _product(x.dims[axis:]))
        return self.emit("Flatten", x, layer=layer, dims=dims, axis=axis)

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

    def transpose(self, x: Value, perm: Sequence[int], *, name: str | None = None) -> Value:
        """Return `x` with its dims in the order `perm`: dim i of the result is dim perm[i] of `x`.

        Raises
        ------
        ValueMismatchError
            `perm` is no permutation of the dims.
        """
        layer = self.layer_name("transpose", name)
        if sorted(perm) != list(range(self.own(x, f"transpose '{layer}'").rank)):
            raise ValueMismatchError(
                f"transpose '{layer}': perm {list(perm)} is no order of the dims of {x}",
                f"name each of 0 to {x.rank - 1} once",
            )
        dims = tuple(x.dims[axis] for axis in perm)
        return self.emit("Transpose", x, layer=layer, dims=dims, perm=perm)


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
