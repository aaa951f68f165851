"""CastMap, DictVectorizer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes
from .ensemble import DOMAIN, Integers

TO: dict[str, Any] = {"TO_FLOAT": np.float32, "TO_INT64": np.int64, "TO_STRING": object}


@kernel("CastMap", since=1, domain=DOMAIN)
def cast_map(
    X: Mapping[int, Any],
    *,
    cast_to: str = "TO_FLOAT",
    map_form: str = "DENSE",
    max_map: int = 1,
    node: NodeInfo,
) -> Array:
    """Return [1, values]: a map's values in the order of their keys.

    In the form SPARSE each stands at the place that its key says, of `max_map`, with 0 or "" at the
    others.
    """
    if cast_to not in TO:
        raise ValueError(f"no cast_to {cast_to!r}: it is one of {tuple(TO)}")
    if map_form not in ("DENSE", "SPARSE"):
        raise ValueError(f"no map_form {map_form!r}: it is DENSE or SPARSE")
    keys = sorted(_map(X))
    places = keys if map_form == "SPARSE" else list(range(len(keys)))
    width = max_map if map_form == "SPARSE" else len(keys)
    if places and not 0 <= places[0] <= places[-1] < width:
        raise ValueError(f"keys from {places[0]} to {places[-1]}, but max_map is {width}")
    dtype = (node.float_dtype or np.float32) if cast_to == "TO_FLOAT" else TO[cast_to]
    check_bytes((1, width), dtype)
    found = np.full((1, width), "" if cast_to == "TO_STRING" else 0, dtype)
    found[0, places] = [_as(X[key], cast_to) for key in keys]
    return found


def _as(value: Any, cast_to: str) -> Any:
    """Return a value as what it is cast to; strings are read as numbers, numbers written."""
    if cast_to == "TO_STRING":
        return value if isinstance(value, str) else f"{value:.6f}"
    number = float(value)
    return int(number) if cast_to == "TO_INT64" else number


@kernel("DictVectorizer", since=1, domain=DOMAIN)
def dict_vectorizer(
    X: Mapping[Any, Any],
    *,
    int64_vocabulary: Integers = None,
    string_vocabulary: Sequence[str] | None = None,
    node: NodeInfo,
) -> Array:
    """Return [1, words]: the value of each word of the vocabulary, 0 or "" where X has none."""
    words = list(string_vocabulary or int64_vocabulary or ())
    values = list(_map(X).values())
    text = bool(values) and isinstance(values[0], str)
    whole = bool(values) and isinstance(values[0], (int, np.integer))
    dtype: Any = object if text else np.int64 if whole else node.float_dtype or np.float32
    check_bytes((1, len(words)), dtype)
    return np.array([[X.get(word, "" if text else 0) for word in words]], dtype).reshape(1, -1)


def _map(X: Any) -> Mapping[Any, Any]:
    if not isinstance(X, Mapping):
        raise ValueError(f"X must be a map, got {type(X).__name__}")
    return X
