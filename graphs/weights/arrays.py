"""The checks that every weight array passes: what it is, its dtype, its shape."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from typing_extensions import TypeAliasType

from ..errors import WeightError

Array = TypeAliasType("Array", npt.NDArray[Any])
ArrayLike = TypeAliasType("ArrayLike", npt.ArrayLike)
"""Aliases that ``help()`` writes by their names, not as what they stand for."""

Dim: TypeAlias = tuple[str, int | None]
"""A dim's label and the size it must have; None leaves the size free."""

FLOATS = ("float16", "bfloat16", "float32", "float64")
"""The dtypes that a weight may have; bfloat16 is that of ml_dtypes."""


def plain(value: Any) -> Array:
    """Return `value` as an ndarray.

    Raises
    ------
    WeightError
        It is masked: what it hides is not meant, and there is nothing in its place.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        hidden = np.count_nonzero(np.ma.getmaskarray(value))
        raise WeightError(
            f"a masked array hides {hidden} of its {value.size} numbers",
            "fill them first: array.filled(0.0)",
        )
    return np.asarray(value)


def to_numpy(value: object) -> Array:
    """Return `value` as an ndarray; a tensor of PyTorch's is taken off its graph and device.

    The tensor is known by its methods, so that torch need not be installed. NumPy has no
    bfloat16 of its own and PyTorch does not hand it out: it goes through float32, which
    holds every bfloat16 exactly.
    """
    if isinstance(value, np.ndarray):
        return plain(value)
    tensor: Any = value
    if hasattr(tensor, "detach"):
        tensor = tensor.detach()
    if hasattr(tensor, "cpu"):
        tensor = tensor.cpu()
    if str(getattr(tensor, "dtype", "")) == "torch.bfloat16":
        import ml_dtypes

        return np.asarray(tensor.float().numpy()).astype(ml_dtypes.bfloat16)
    if hasattr(tensor, "numpy"):
        tensor = tensor.numpy()
    return np.asarray(tensor)


def checked(value: object, where: str, name: str) -> Array:
    """Return `value` as a read-only ndarray of floats, a view of the same memory where it can be.

    Raises
    ------
    WeightError
        It is no array, or its dtype is not one of `FLOATS`.
    """
    try:
        array = to_numpy(value)
    except (ValueError, TypeError) as error:
        raise WeightError(
            f"{where}: {name} is no array ({type(value).__name__}: {error})",
            "give a NumPy array or a tensor of floats",
        ) from error
    if array.dtype.name not in FLOATS:
        raise WeightError(
            f"{where}: {name} has dtype {array.dtype}, needs one of {', '.join(FLOATS)}",
            f"convert it first, for example {name}.astype('float32')",
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    view = array.view()
    view.flags.writeable = False
    return view


def stored(value: object, where: str, name: str) -> Array:
    """Return `value` as `checked` does, C-contiguous and aligned: a copy only if it is not so yet.

    The array keeps its dtype; big-endian numbers become native ones.
    """
    array = checked(value, where, name)
    if array.flags.c_contiguous and array.flags.aligned:
        return array
    array = np.require(array, requirements=["C", "A"])
    array.flags.writeable = False
    return array


def check_shape(where: str, name: str, array: Array, needed: Sequence[Dim], why: str) -> None:
    """Raise unless `array` has one dim of the given size for each label of `needed`.

    Parameters
    ----------
    where
        The container or the call, as the message's first words.
    name
        The array's name as the caller knows it.
    needed
        Labels and sizes, outermost first; size None takes any size but zero.
    why
        Where the sizes come from.

    Raises
    ------
    WeightError
        Another rank, another size, or a dim of size zero.
    """
    fits = len(array.shape) == len(needed) and all(
        have == need if need is not None else have > 0
        for have, (_, need) in zip(array.shape, needed, strict=True)
    )
    if not fits:
        raise WeightError(
            f"{where}: {name} has shape {list(array.shape)}, needs {show(needed)}: {why}",
            hint(array, needed),
        )


def show(needed: Sequence[Dim]) -> str:
    """Write labels and sizes as ``[D=1, 4H=128, I]``."""
    return f"[{', '.join(label if size is None else f'{label}={size}' for label, size in needed)}]"


def hint(array: Array, needed: Sequence[Dim]) -> str:
    """Return the likeliest remedy for a shape that does not fit."""
    sizes = [size for _, size in needed]
    if len(sizes) == array.ndim > 1 and any(size is not None for size in sizes):
        swapped = (*array.shape[:-2], array.shape[-1], array.shape[-2])
        if all(need in (None, have) for have, need in zip(swapped, sizes, strict=True)):
            return "it looks transposed: weights are output-first, swap its last two axes"
    if array.ndim == len(needed) - 1:
        return "a dim is missing: give it one of size 1 with array[None], if that is its meaning"
    return "check that it belongs to this layer and that the layout is the one declared"
