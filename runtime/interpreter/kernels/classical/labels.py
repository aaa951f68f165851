"""LabelEncoder, OneHotEncoder, CategoryMapper, ZipMap."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes, check_total
from .ensemble import DOMAIN, Floats, Integers
from .transforms import labels_of, table

Strings = Sequence[str] | None
ENTRY = 64
"""Bytes that an entry of a map takes."""
NOT_A_NUMBER = object()
"""What stands for every NaN, which equals nothing, in a table of keys."""
NAN_KEYS = 4
"""The version from which on NaN as a key finds NaN."""


def _looked_up(X: Array, keys: Any, values: Array, default: Any, *, nan: bool = False) -> Array:
    """Return the value of each element of X, of its first key; `default` where it is no key.

    Raises
    ------
    ValueError
        There are not as many values as keys.
    """
    if len(keys) != len(values):
        raise ValueError(f"{len(keys)} keys, but {len(values)} values")
    places: dict[Any, int] = {}
    for place, key in enumerate(_plain(keys, nan)):
        places.setdefault(key, place)
    found = [places.get(key, -1) for key in _plain(X.reshape(-1), nan)]
    padded = np.concatenate([values, np.array([default], values.dtype)])
    return padded[np.array(found, np.intp)].reshape(X.shape)


def _plain(values: Any, nan: bool) -> list[Any]:
    """Return values as Python's own; NaN is its own equal where `nan`."""
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if nan and plain and isinstance(plain[0], float):
        return [NOT_A_NUMBER if value != value else value for value in plain]
    return plain


@kernel("LabelEncoder", since=1, domain=DOMAIN, growth="bounded")
def label_encoder_1(
    X: Array,
    *,
    classes_strings: Strings = None,
    default_int64: int = -1,
    default_string: str = "_Unused",
) -> Array:
    """Return the place of each string among the classes, or the class at each place."""
    names, numbers = np.array(classes_strings or [], object), np.arange(len(classes_strings or ()))
    if X.dtype.kind in "OU":
        return _looked_up(X, names, numbers, default_int64)
    return _looked_up(X, numbers, names, default_string)


@kernel("LabelEncoder", since=2, domain=DOMAIN, growth="bounded")
def label_encoder(
    X: Array,
    *,
    default_float: float = -0.0,
    default_int64: int = -1,
    default_string: str = "_Unused",
    default_tensor: Array | None = None,
    keys_floats: Floats = None,
    keys_int64s: Integers = None,
    keys_strings: Strings = None,
    keys_tensor: Array | None = None,
    values_floats: Floats = None,
    values_int64s: Integers = None,
    values_strings: Strings = None,
    values_tensor: Array | None = None,
    node: NodeInfo,
) -> Array:
    """Return the value that belongs to each element of X as a key, else the default."""
    nan = node.opset >= NAN_KEYS
    keys = _only("keys", keys_tensor, keys_strings, keys_int64s, keys_floats)
    values = _values(values_tensor, values_strings, values_int64s, values_floats, node)
    default: Any = {"O": default_string, "f": default_float}.get(values.dtype.kind, default_int64)
    if default_tensor is not None:
        default = default_tensor.reshape(-1)[0]
    return _looked_up(X, keys, values, default, nan=nan)


def _values(
    tensor: Array | None, strings: Strings, integers: Integers, floats: Floats, node: NodeInfo
) -> Array:
    chosen = _only("values", tensor, strings, integers, floats)
    if tensor is not None:
        return tensor.reshape(-1)
    if strings is not None:
        return np.array(chosen, object)
    return np.array(chosen, np.int64 if integers is not None else node.float_dtype or np.float32)


def _only(what: str, tensor: Array | None, *lists: Any) -> Any:
    given = [one for one in (tensor, *lists) if one is not None]
    if len(given) != 1:
        raise ValueError(f"{len(given)} attributes give {what}: one must")
    return given[0].reshape(-1) if tensor is not None else given[0]


@kernel("CategoryMapper", since=1, domain=DOMAIN, growth="bounded")
def category_mapper(
    X: Array,
    *,
    cats_int64s: Integers = None,
    cats_strings: Strings = None,
    default_int64: int = -1,
    default_string: str = "_Unused",
) -> Array:
    """Return the integer of each string, or the string of each integer."""
    names = np.array(cats_strings or [], object)
    numbers = np.array(cats_int64s or [], np.int64)
    if X.dtype.kind in "OU":
        return _looked_up(X, names, numbers, default_int64)
    return _looked_up(X, numbers, names, default_string)


@kernel("OneHotEncoder", since=1, domain=DOMAIN)
def one_hot_encoder(
    X: Array,
    *,
    cats_int64s: Integers = None,
    cats_strings: Strings = None,
    zeros: int = 1,
    node: NodeInfo,
) -> Array:
    """Return [.., categories]: 1 at the category that x is, 0 elsewhere.

    Raises
    ------
    ValueError
        x is none of them, and `zeros` is 0.
    """
    given = X if X.dtype.kind in "OU" else X.astype(np.int64)
    names = cats_strings if given.dtype.kind in "OU" else cats_int64s
    categories = list(names or ())
    dtype = node.float_dtype or np.dtype(np.float32)
    check_bytes((*X.shape, len(categories)), dtype)
    places = _looked_up(given, categories, np.arange(len(categories)), -1)
    if not zeros and (places < 0).any():
        raise ValueError(f"{given[places < 0][0]!r} is no category, and zeros is 0")
    chosen: Array = places[..., None] == np.arange(len(categories))
    return chosen.astype(dtype)


@kernel("ZipMap", since=1, domain=DOMAIN)
def zip_map(
    X: Array,
    *,
    classlabels_int64s: Integers = None,
    classlabels_strings: Strings = None,
    node: NodeInfo,
) -> list[dict[Any, float]]:
    """Return a map from label to score for each row."""
    labels = labels_of(classlabels_int64s, classlabels_strings).tolist()
    rows = table(X, node)
    if rows.shape[1] != len(labels):
        raise ValueError(f"{rows.shape[1]} scores in a row, but {len(labels)} labels")
    check_total(rows.size * ENTRY, "the maps")
    return [dict(zip(labels, row, strict=True)) for row in rows.tolist()]
