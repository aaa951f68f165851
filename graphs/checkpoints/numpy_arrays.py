"""NumPy's arrays inside a pickle, put together from their bytes; nothing of NumPy's is called.

A pickle has them in two forms (numpy/_core/src/multiarray/methods.c of NumPy 2): an empty array
whose state is ``(version, shape, dtype, Fortran order, bytes)``; and, from protocol 5 on,
``_frombuffer(bytes, dtype, shape, order)``.
"""

import math
from typing import Any

import numpy as np

from ..weights.arrays import Array
from .inert import Inert
from .plain import MAX_DIMS, Global, PickleError

EMPTY = frozenset({"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"})
WHOLE = frozenset({"numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"})
NOTHING = frozenset({"builtins.bytes", "__builtin__.bytes"})
"""How protocols before 3 write no bytes: a call without arguments."""
NUMBERS = frozenset("b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split())  # noqa: SIM905
"""The dtypes that are read. Texts, dates, objects and records are no weights."""


def is_array(value: Any) -> bool:
    """Say whether a value is an array of numbers that NumPy wrote."""
    return isinstance(value, Inert) and _fields(value) is not None


def as_array(value: Inert) -> Array:
    """Return the array that a value stands for.

    Raises
    ------
    PickleError
        Its shape, its dtype and its bytes do not fit each other.
    """
    shape, kind, order, data = _fields(value) or ((), None, "", b"")
    code, endian = _dtype(kind) or ("f4", "<")
    sizes = isinstance(shape, tuple) and len(shape) <= MAX_DIMS
    if not sizes or not all(type(size) is int and 0 <= size < 2**62 for size in shape):
        raise PickleError("it has a NumPy array of a shape that is none")
    if isinstance(data, Inert) and data.name in NOTHING and not data.arguments:
        data = b""
    if not isinstance(data, bytes | bytearray) or order not in ("C", "F"):
        raise PickleError(f"it has a NumPy array of shape {list(shape)[:8]} without its bytes")
    dtype = np.dtype(f"{endian}{code}")
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise PickleError(
            f"it has a NumPy array of shape {list(shape)[:8]}, {dtype.name}, in {len(data)} bytes"
        )
    native = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False)
    array = native.reshape(shape, order="F" if order == "F" else "C")
    array.flags.writeable = False
    return array


def _fields(value: Inert) -> tuple[Any, Any, Any, Any] | None:
    """Return shape, dtype, order and bytes; None where it is no array of numbers."""
    given, state = value.arguments, value.state
    if value.name in EMPTY and isinstance(state, tuple) and len(state) == 5:
        plain = bool(given) and isinstance(given[0], Global) and given[0].name == "numpy.ndarray"
        found = (state[1], state[2], "F" if state[3] else "C", state[4]) if plain else None
    elif value.name in WHOLE and len(given) == 4:
        found = (given[2], given[1], given[3], given[0])
    else:
        return None
    return found if found is not None and _dtype(found[1]) is not None else None


def _dtype(value: Any) -> tuple[str, str] | None:
    """Return the code and the byte order of ``numpy.dtype(code, ...)``; None where it is not read.

    The order stands in the state, ``(version, order, ...)``.
    """
    if not isinstance(value, Inert) or value.name != "numpy.dtype" or not value.arguments:
        return None
    code, state = value.arguments[0], value.state
    order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
    known = isinstance(code, str) and code in NUMBERS and order in ("<", ">", "=", "|")
    return (code, order) if known else None
