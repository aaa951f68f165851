"""Checking the arrays given to ``run`` before anything runs, the same way in every runtime."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .errors import FeedError
from .runner import TensorInfo


def check_feeds(
    inputs: Sequence[TensorInfo],
    feeds: Mapping[str, Any],
    *,
    optional: Collection[TensorInfo] = (),
    also: Collection[np.dtype[Any]] = (),
) -> None:
    """Check names, dtypes, ranks, fixed dims, and that a named dim is the same everywhere.

    Parameters
    ----------
    inputs
        What the model needs. Of a dtype of object (strings, sequences) only the kind of
        value is checked.
    feeds
        Name to array.
    optional
        What the model takes besides.
    also
        Dtypes that stand for one another: a feed of one is taken for an input of another.

    Raises
    ------
    FeedError
        Something does not fit, or `feeds` is no mapping.

    Examples
    --------
    >>> x = TensorInfo("x", np.dtype("float32"), ("batch", 3))
    >>> check_feeds([x], {"x": np.zeros((2, 3), "float32")})
    >>> check_feeds([x], {"x": np.zeros((2, 4), "float32")})
    Traceback (most recent call last):
    onnxwright.runtime.errors.FeedError: input 'x': dim 1 is 4, but the model fixes it at 3
    give an array of shape [batch, 3]
    """
    known = {info.name: info for info in (*inputs, *optional)}
    if not isinstance(feeds, (dict, Mapping)):  # asking about a dict first saves time
        raise FeedError(
            f"the feeds are a {type(feeds).__name__}, not a mapping of names to arrays",
            f"give a dict; the model's inputs are {_listed(known)}",
        )
    _check_names([info.name for info in inputs], known, feeds)
    sizes: dict[str, tuple[int, str]] = {}
    for name, info in known.items():
        if name not in feeds:
            continue
        if info.dtype.kind == "O":
            _check_object(info, feeds[name])
            if info.shape is not None:
                _check_shape(info, _text(info, feeds[name]).shape, sizes)
        else:
            _check_dtype(info, feeds[name], also)
            _check_shape(info, feeds[name].shape, sizes)


Kinds = list[tuple[str, np.dtype[Any], tuple[int, ...]]]
"""Name, dtype and shape of every feed."""


class FeedChecker:
    """`check_feeds` for a model that runs often: what fitted the last time still fits."""

    def __init__(
        self,
        inputs: Sequence[TensorInfo],
        optional: Collection[TensorInfo] = (),
        also: Collection[np.dtype[Any]] = (),
    ) -> None:
        self._inputs, self._optional, self._also = inputs, optional, also
        self._fitted: Kinds | None = None

    def __call__(self, feeds: Mapping[str, Any]) -> Kinds | None:
        """Check `feeds`; return names, dtypes and shapes, None where there is more to them.

        Raises
        ------
        FeedError
            As `check_feeds`.
        """
        kinds = _kinds(feeds)
        if kinds is None or kinds != self._fitted:
            check_feeds(self._inputs, feeds, optional=self._optional, also=self._also)
            self._fitted = kinds
        return kinds


def _kinds(feeds: Any) -> Kinds | None:
    """Return all that is checked of `feeds`; None where there is more than plain arrays."""
    if type(feeds) is not dict:
        return None
    kinds = []
    for name, value in feeds.items():
        if type(value) is not np.ndarray:
            return None
        kinds.append((name, value.dtype, value.shape))
    return kinds


def _check_names(
    needed: Sequence[str], known: Mapping[str, TensorInfo], feeds: Mapping[str, Any]
) -> None:
    missing = [name for name in needed if name not in feeds]
    unknown = [name for name in feeds if name not in known]
    if unknown:
        raise FeedError(
            f"the model has no input {unknown[0]!r}",
            f"its inputs are {_listed(known)}",
        )
    if missing:
        raise FeedError(
            f"input {missing[0]!r} is missing",
            f"the model needs {_listed(needed)}",
        )


def _listed(names: Collection[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none at all"


def _check_plain(info: TensorInfo, value: Any) -> None:
    """Refuse hidden numbers: a runtime would compute with them."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        hidden = np.count_nonzero(np.ma.getmaskarray(value))
        raise FeedError(
            f"input {info.name!r}: a masked array that hides {hidden} of its {value.size} numbers",
            "fill them first: array.filled(0.0)",
        )


def _check_object(info: TensorInfo, value: Any) -> None:
    """Take an array, a map, None (an empty optional), or a list of such (a sequence)."""
    if isinstance(value, (list, tuple)):
        for item in value:
            _check_object(info, item)
    elif isinstance(value, dict) and info.shape is None:
        _check_map(info, value)
    elif value is not None and not isinstance(value, (np.ndarray, np.generic)):
        raise FeedError(
            f"input {info.name!r}: a {type(value).__name__}, not an array",
            "give an array (of dtype object for strings), or a list of arrays for a sequence",
        )
    elif type(value) is not np.ndarray:
        _check_plain(info, value)


def _check_map(info: TensorInfo, value: Mapping[Any, Any]) -> None:
    """Take what a map of ONNX can hold: one type of keys, one of values."""
    keys, values = ({type(one) for one in side} for side in (value, value.values()))
    one_type = len(keys) <= 1 and len(values) <= 1
    if not (one_type and keys <= {str, int} and values <= {str, int, float}):
        raise FeedError(
            f"input {info.name!r}: a map whose keys or values are not of one type",
            "keys are all texts or all whole numbers; values are all texts or all numbers",
        )


def _text(info: TensorInfo, value: Any) -> Any:
    """Return an array of strings, which alone is a tensor of objects."""
    if not isinstance(value, (np.ndarray, np.generic)):
        raise FeedError(
            f"input {info.name!r}: a {type(value).__name__}, not an array",
            "give numpy.array(texts, dtype=object)",
        )
    return value


def _check_dtype(info: TensorInfo, value: Any, also: Collection[np.dtype[Any]]) -> None:
    if not isinstance(value, (np.ndarray, np.generic)):
        raise FeedError(
            f"input {info.name!r}: a {type(value).__name__}, not an array",
            f"give numpy.asarray(value, dtype={info.dtype.name!r})",
        )
    if value.dtype != info.dtype and not (value.dtype in also and info.dtype in also):
        raise FeedError(
            f"input {info.name!r}: dtype is {value.dtype}, but the model takes {info.dtype}",
            f"give x.astype({info.dtype.name!r}) if that keeps its meaning",
        )
    if type(value) is not np.ndarray:
        _check_plain(info, value)


def output_names(outputs: Sequence[str] | None, usual: Iterable[str]) -> tuple[str, ...]:
    """Return the outputs asked for, `usual` when None.

    >>> output_names(None, ["y"])
    ('y',)

    Raises
    ------
    FeedError
        It is no list of names; the letters of a single text would be taken for names.
    """
    if outputs is None:
        return tuple(usual)
    if isinstance(outputs, str):
        raise FeedError(
            f"outputs is the text {outputs!r}, not a list of names",
            f"write outputs=[{outputs!r}]",
        )
    if not isinstance(outputs, Iterable) or not all(isinstance(name, str) for name in outputs):
        raise FeedError(
            f"outputs is a {type(outputs).__name__} that is no list of names",
            "write outputs=['NAME'], or leave it out for all of them",
        )
    return tuple(outputs)


def _check_shape(
    info: TensorInfo, shape: tuple[int, ...], sizes: dict[str, tuple[int, str]]
) -> None:
    if info.shape is None:
        return
    if len(shape) != len(info.shape):
        raise FeedError(
            f"input {info.name!r}: rank is {len(shape)} (shape {list(shape)}), "
            f"but the model takes rank {len(info.shape)}",
            _wanted(info.shape),
        )
    for axis, (size, dim) in enumerate(zip(shape, info.shape, strict=True)):
        if isinstance(dim, int) and size != dim:
            raise FeedError(
                f"input {info.name!r}: dim {axis} is {size}, but the model fixes it at {dim}",
                _wanted(info.shape),
            )
        if isinstance(dim, str) and sizes.setdefault(dim, (size, info.name))[0] != size:
            other, where = sizes[dim]
            raise FeedError(
                f"input {info.name!r}: dim {axis} ({dim}) is {size}, but {other} in {where!r}",
                f"give arrays with one size for {dim}",
            )


def _wanted(shape: tuple[int | str | None, ...]) -> str:
    dims = ", ".join("?" if dim is None else str(dim) for dim in shape)
    return f"give an array of shape [{dims}]"
