"""Scaler, Normalizer, Binarizer, Imputer, FeatureVectorizer, ArrayFeatureExtractor."""

from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import NodeInfo, kernel
from ...run_limits import check_bytes, check_total
from .ensemble import DOMAIN, Floats, Integers
from .transforms import rounded, table

NORMS = ("MAX", "L1", "L2")


def _per_feature(values: Any, X: Array, name: str) -> Array:
    """Return one value, or one for each feature.

    Raises
    ------
    ValueError
        There are more or fewer.
    """
    array = np.asarray(() if values is None else values)
    if X.ndim == 0 or len(array) not in (1, X.shape[-1]):
        raise ValueError(f"{name} has {len(array)} entries for X {list(X.shape)}")
    return array


@kernel("Scaler", since=1, domain=DOMAIN, growth="bounded")
def scaler(X: Array, *, offset: Floats = None, scale: Floats = None, node: NodeInfo) -> Array:
    """Return (x - offset) * scale, with one number or one for each feature."""
    moved = X - _per_feature(offset, X, "offset").astype(np.float64)
    return rounded(moved * _per_feature(scale, X, "scale"), node)


@kernel("Normalizer", since=1, domain=DOMAIN, growth="bounded")
def normalizer(X: Array, *, norm: str = "MAX", node: NodeInfo) -> Array:
    """Return each row divided by its norm: the largest element, sum of |x|, or sqrt(sum of x^2).

    A row whose norm is 0 stays as it is.
    """
    rows = X.astype(np.float64)
    if norm not in NORMS:
        raise ValueError(f"no norm {norm!r}: it is one of {NORMS}")
    if norm == "MAX":
        size = rows.max(axis=-1, keepdims=True, initial=-np.inf)
    elif norm == "L1":
        size = np.abs(rows).sum(axis=-1, keepdims=True)
    else:
        size = np.sqrt((rows * rows).sum(axis=-1, keepdims=True))
    return rounded(rows / np.where(size == 0, 1, size), node)


@kernel("Binarizer", since=1, domain=DOMAIN, growth="bounded")
def binarizer(X: Array, *, threshold: float = 0.0) -> Array:
    """Return 1 where x is above the threshold, else 0, in the type of X."""
    return np.greater(X, threshold).astype(X.dtype)


@kernel("Imputer", since=1, domain=DOMAIN, growth="bounded")
def imputer(
    X: Array,
    *,
    imputed_value_floats: Floats = None,
    imputed_value_int64s: Integers = None,
    replaced_value_float: float = 0.0,
    replaced_value_int64: int = 0,
) -> Array:
    """Return X with one value, which may be NaN, replaced by another, or by one per feature."""
    if X.dtype.kind == "f":
        values, replaced = imputed_value_floats, replaced_value_float
    else:
        values, replaced = imputed_value_int64s, replaced_value_int64
    missing = np.isnan(X) if np.isnan(replaced) else replaced == X
    return np.where(missing, _per_feature(values, X, "imputed_value").astype(X.dtype), X)


@kernel("FeatureVectorizer", since=1, domain=DOMAIN)
def feature_vectorizer(*X: Array, inputdimensions: Integers = None, node: NodeInfo) -> Array:
    """Return [rows, all features]: each input cut, or filled with 0, to its number of features."""
    widths = list(inputdimensions or ())
    tables = [table(x, node) for x in X]
    if len(widths) != len(X) or min(widths, default=0) < 0:
        raise ValueError(f"inputdimensions are {widths[:8]} for {len(X)} inputs")
    check_bytes((len(tables[0]), sum(widths)), np.float64)
    found = np.zeros((len(tables[0]), sum(widths)))
    start = 0
    for part, width in zip(tables, widths, strict=True):
        kept = part[:, :width]
        found[:, start : start + kept.shape[1]] = kept
        start += width
    return rounded(found, node)


@kernel("ArrayFeatureExtractor", since=1, domain=DOMAIN, growth="product")
def array_feature_extractor(X: Array, Y: Array) -> Array:
    """Return the elements of the last axis of X at the indices Y; a vector counts as one row."""
    rows = X.reshape(1, -1) if X.ndim == 1 else X
    check_total(rows.nbytes // max(1, rows.shape[-1]) * Y.size, "the result")
    return rows[..., Y.reshape(-1)]
