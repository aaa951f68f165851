"""Limits for single reference kernels, where shape inference does not tell what they cost."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx

from .run_limits import check_total, count_steps

PER_STEP = 8
"""Points or elements that count as one step."""
LETTER = 4
"""Bytes of a letter in NumPy's own strings, which are all as wide as the longest of an array."""
PART = 64
"""Bytes that a short text takes as an object of its own, with the reference to it."""
Inputs = Mapping[str, Any]


def guard(node: onnx.NodeProto, inputs: Inputs) -> None:
    """Refuse to run `node` on `inputs` where it would take enormous time or memory.

    Raises
    ------
    LimitError
        It would.
    ValueError
        The inputs do not fit, and would be read as something enormous.
    """
    for array in inputs.values():
        if isinstance(array, np.ndarray) and array.dtype == object:
            check_total(array.size * longest(array) * LETTER, "the text")
    check = _GUARDS.get(node.op_type)
    given = [inputs.get(name) for name in node.input]
    if check is not None and node.domain == "" and all(x is not None for x in given[:2]):
        check({attribute.name: attribute for attribute in node.attribute}, *given)


def longest(texts: Any) -> int:
    """Return the letters of the longest text of an array of objects."""
    return max((len(text) for text in texts.flat if isinstance(text, (str, bytes))), default=0)


def _concat(given: Mapping[str, Any], x: Any, y: Any) -> None:
    """Each text of x is joined with one of y, and all are made as wide as the longest."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    check_total(math.prod(shape) * (longest(x) + longest(y)) * LETTER, "the joined text")


def _split(given: Mapping[str, Any], x: Any) -> None:
    """Each text is cut, and all get as many parts as the one with the most."""
    delimiter = given["delimiter"].s.decode() if "delimiter" in given else ""
    most = max((_parts(text, delimiter) for text in x.flat), default=0)
    check_total(x.size * most * PART, "the parts of the text")


def _parts(text: Any, delimiter: str) -> int:
    """Return the parts of a text; where white space cuts it, at most every second letter."""
    return str(text).count(delimiter) + 1 if delimiter else len(str(text)) // 2 + 1


def _regions(given: Mapping[str, Any], X: Any, rois: Any, *_: Any) -> None:
    """RoiAlign reads ratio x ratio points of one channel for each output cell.

    Without a ratio it reads about as many as a region has cells.
    """
    if X.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 4:
        raise ValueError(
            f"X must be [batch, channels, height, width] and rois [regions, 4], got "
            f"{list(X.shape)} and {list(rois.shape)}"
        )
    count_steps(_samples(given, rois) // PER_STEP)


def _samples(given: Mapping[str, Any], rois: Any) -> int:
    ratio = given["sampling_ratio"].i if "sampling_ratio" in given else 0
    if ratio > 0:
        cells = [
            given[name].i if name in given else 1 for name in ("output_height", "output_width")
        ]
        points: int = len(rois) * abs(math.prod(cells)) * ratio**2
        return points
    scale = given["spatial_scale"].f if "spatial_scale" in given else 1.0
    extents = np.abs(rois[:, 2:].astype(np.float64) - rois[:, :2]) * abs(scale) + 1
    return int(np.nan_to_num(extents.prod(axis=1), posinf=1e300).sum())


_GUARDS: dict[str, Callable[..., None]] = {
    "RoiAlign": _regions,
    "StringConcat": _concat,
    "StringSplit": _split,
}
