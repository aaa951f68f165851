"""Element types: ONNX's numbers to NumPy's dtypes, and what the float64 reference widens.

The reference (``dtype="float64"``) treats float16, bfloat16, float32 and float64 as one type,
float64: they differ only in how much they round.

* Initializers, constants and feeds keep the exact value that the file, or the caller, holds: a
  float16 weight of 0.1 is 0.0999755859375. A feed may be float64 where the model says otherwise.
* Cast and CastLike to one of the four types round nothing. Casts to integers and booleans are
  the model's own doing and stay.
* ConstantOfShape, EyeLike, Range, DequantizeLinear, the stash types of normalizations and whatever
  else names one of the four types give float64.
* QuantizeLinear rounds to its integer type, and the eight-, six- and four-bit float types are left
  as they are, because the meaning of a quantized model includes these roundings.
* A number that a value is rounded from may lie so near a boundary that float32 and float64 fall on
  either side of it (a quantized value, a comparison, the length of a Range): there the reference
  differs from the model by a whole step, and says nothing about who is right.
* BitCast from one of the four types sees the bits of the type as wide as its target.
* An operator on the fallback is given float64 and its results are widened; what it rounds inside
  is onnx.reference's affair.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import ml_dtypes
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import SparseTensorProto

from ..errors import ModelError
from .run_limits import LimitError, check_bytes

Array = NDArray[Any]
_P = ParamSpec("_P")

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
NARROW = (np.dtype(np.float16), BFLOAT16)
"""Floats that NumPy and BLAS are slow or coarse with: kernels compute them in float32."""
WIDENED = frozenset({np.dtype("f2"), np.dtype("f4"), np.dtype("f8"), BFLOAT16})
"""The float types that the reference computes in float64."""


def dtype_of(elem_type: int) -> np.dtype[Any]:
    """Return the NumPy dtype of an ONNX element type (strings are objects).

    Raises
    ------
    ModelError
        ONNX does not define this number.
    """
    try:
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(elem_type))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"element type {elem_type} is not one that ONNX defines",
            "the file is broken, or newer than the installed onnx package",
        ) from error


def widened(dtype: np.dtype[Any], float_dtype: np.dtype[Any] | None) -> np.dtype[Any]:
    """Return the dtype to compute in where the model says `dtype`.

    >>> widened(np.dtype("float16"), np.dtype("float64")), widened(np.dtype("int8"), None)
    (dtype('float64'), dtype('int8'))
    """
    return float_dtype if float_dtype is not None and dtype in WIDENED else dtype


def widen(value: Any, float_dtype: np.dtype[Any] | None) -> Any:
    """Return an array, or a list of them, with its floats in the reference's type.

    A map's values are Python's own floats, which are of that type.
    """
    if float_dtype is None or value is None or isinstance(value, dict):
        return value
    if isinstance(value, list):
        return [widen(item, float_dtype) for item in value]
    if isinstance(value, tuple):
        return tuple(widen(item, float_dtype) for item in value)
    target = widened(value.dtype, float_dtype)
    return value if target == value.dtype else value.astype(target)


def through_float32(function: Callable[_P, Any]) -> Callable[_P, Any]:
    """Make a kernel compute float16 and bfloat16 in float32, and round its results once.

    All arrays of the first one's narrow type are widened; results that come out as float32 are
    given that type again.
    """

    @wraps(function)
    def compute(*inputs: Any, **attributes: Any) -> Any:
        narrow = inputs[0].dtype
        if narrow.itemsize != 2 or narrow not in NARROW:  # The size alone is asked faster.
            return function(*inputs, **attributes)
        wide = [x.astype(np.float32) if _is(x, narrow) else x for x in inputs]
        result = function(*wide, **attributes)
        if isinstance(result, tuple):
            return tuple(y.astype(narrow) if _is(y, np.float32) else y for y in result)
        return result.astype(narrow) if _is(result, np.float32) else result

    return compute


@lru_cache(maxsize=256)
def number(value: float, dtype: np.dtype[Any]) -> Array:
    """Return a number as an array of rank 0, which a ufunc takes faster than a Python number."""
    array = np.array(value, dtype)
    array.setflags(write=False)
    return array


def _is(value: Any, dtype: Any) -> bool:
    return bool(getattr(value, "dtype", None) == dtype)


def tensor_array(tensor: onnx.TensorProto, float_dtype: np.dtype[Any] | None = None) -> Array:
    """Return a tensor's array, read-only, its floats in the reference's type where there is one.

    Raises
    ------
    ModelError
        The data do not fit the dims, or stand in a file that was not loaded.
    """
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise ModelError(
            f"tensor {tensor.name!r} keeps its data in another file",
            "load the model from its path, so that the file beside it is read too",
        )
    try:
        if any(dim < 0 for dim in tensor.dims):
            raise ValueError("a dim is negative")
        array: Array = widen(onnx.numpy_helper.to_array(tensor), float_dtype)
        if not array.size:
            check_bytes(array.shape, array.dtype)
    except Exception as error:
        raise ModelError(
            f"tensor {tensor.name!r} with dims {list(tensor.dims)} cannot be read: {error}",
            "the file is broken: export the model again",
        ) from error
    array.setflags(write=False)
    return array


def dense(sparse: SparseTensorProto, float_dtype: np.dtype[Any] | None) -> Array:
    """Return a sparse tensor as an array.

    Its indices are either linear, ``[nonzero]``, or one row per value, ``[nonzero, rank]``.

    Raises
    ------
    ModelError
        An index lies outside the dims, or the dims are absurd.
    """
    values = tensor_array(sparse.values, float_dtype)
    indices = tensor_array(sparse.indices)
    try:
        check_bytes(sparse.dims, values.dtype)
        array = np.zeros(tuple(sparse.dims), values.dtype)
        if indices.ndim == 1:
            array.reshape(-1)[indices] = values
        else:
            array[tuple(indices.T)] = values
    except (ValueError, IndexError, LimitError, MemoryError) as error:
        raise ModelError(
            f"sparse tensor {sparse.values.name!r} with dims {list(sparse.dims)}: {error}",
            "the file is broken: export the model again",
        ) from error
    return array
