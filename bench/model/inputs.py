"""Random inputs that a model can make sense of, the same for the same seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...runtime.runner import TensorInfo
from ...untrusted import element_count
from ..errors import BenchError
from .free_dims import SECOND, Usual, choose_sizes, keys, sizes_given
from .integer_ranges import Shapes, integer_range
from .shapes import infer_shapes

_RATES = ("sr", "sample_rate", "sampling_rate")
_MOST = 2**28
"""Elements in one random input: 2 GiB while they are made, in float64."""


def parse_dims(texts: Sequence[str]) -> dict[str, int]:
    """Read what ``--dim`` was given, each ``NAME=SIZE``.

    >>> parse_dims(["batch=4"])
    {'batch': 4}

    Raises
    ------
    BenchError
        A text has another form.
    """
    sizes = {}
    for text in texts:
        name, _, size = text.partition("=")
        if not (name and size.isascii() and size.isdigit() and len(size) < 10):
            raise BenchError(
                f"--dim {text} gives no size from 0 to 999999999",
                "write --dim NAME=SIZE, as batch=4, or x.0=4 for an unnamed dim",
            )
        sizes[name] = int(size)
    return sizes


def fill_inputs(
    model: onnx.ModelProto,
    inputs: Sequence[TensorInfo],
    given: Mapping[str, NDArray[Any]],
    *,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
    usual: Usual | None = None,
) -> dict[str, NDArray[Any]]:
    """Return `given` and a random array for each of `inputs` that is not in it.

    Floats are standard normal; integers that are lengths or indices stay in their range; a named
    dim has one size everywhere: that of the arrays given, else of `dims`, else a usual one for its
    name (batch 2, time 8, images 224 x 224, sounds a second, others 3). An unnamed dim goes by its
    input and axis, as ``x.0``.

    Raises
    ------
    BenchError
        An input is no tensor, or `dims` contradicts the arrays given or names no dim.
    """
    given = {**given, **typed(inputs, given)}
    sizes = choose_sizes(inputs, sizes_given(inputs, given, dims or {}), usual or Usual())
    shapes = {
        info.name: given[info.name].shape if info.name in given else _shape(info, sizes)
        for info in inputs
    }
    known = infer_shapes(model, shapes)
    random = np.random.default_rng(seed)
    return {
        info.name: given[info.name]
        if info.name in given
        else _random_array(random, info, shapes[info.name], _range(model, info, known))
        for info in inputs
    } | {name: array for name, array in given.items() if name not in shapes}


def typed(
    inputs: Sequence[TensorInfo], given: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return the arrays that have lost their element type, with that of their input.

    NumPy's files have no bfloat16 or float8: an array of them reads back as bytes.

    >>> x = TensorInfo("x", np.dtype("bfloat16"), (2,))
    >>> typed([x], {"x": np.array([16256, 16384], "u2").view("V2")})
    {'x': array([1, 2], dtype=bfloat16)}
    """
    return {
        info.name: given[info.name].view(info.dtype)
        for info in inputs
        if info.name in given
        and given[info.name].dtype.kind == info.dtype.kind == "V"
        and given[info.name].dtype.itemsize == info.dtype.itemsize
    }


def _shape(info: TensorInfo, sizes: Mapping[str, int]) -> tuple[int, ...]:
    if info.dtype == object and info.shape is None:
        raise BenchError(
            f"the input '{info.name}' is no tensor, or has no element type",
            "there are no random values for it: run the model from Python",
        )
    shape = tuple(key if isinstance(key, int) else sizes[key] for key in keys(info))
    if element_count(shape) > _MOST:
        raise BenchError(
            f"the input '{info.name}' would have the shape {list(shape)}, too large for random "
            "values",
            "give smaller sizes with --dim, or the array itself with --input",
        )
    return shape


def _random_array(
    random: np.random.Generator,
    info: TensorInfo,
    shape: tuple[int, ...],
    allowed: tuple[int, int] | None,
) -> NDArray[Any]:
    kind = info.dtype.name
    if kind == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if kind.startswith(("int", "uint")):
        low, high = allowed or _plain_range(info.dtype)
        return random.integers(low, high, shape, endpoint=True).astype(info.dtype)
    if info.dtype == object:
        words = np.array(["alpha", "beta", "gamma", "delta"], dtype=object)
        return words[random.integers(0, len(words), shape)]
    values = random.standard_normal(shape)
    if kind.startswith("complex"):
        values = values + 1j * random.standard_normal(shape)
    return np.asarray(values).astype(info.dtype)


def _range(model: onnx.ModelProto, info: TensorInfo, known: Shapes) -> tuple[int, int] | None:
    """Return the values that an integer may have, None if free; a sound's rate has one."""
    if info.name.lower() in _RATES and info.dtype.name not in ("int8", "uint8"):
        return SECOND, SECOND
    return integer_range(model, info.name, known)


def _plain_range(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return all values of a byte, which is a quantized number; else a few small ones."""
    if dtype.name in ("int8", "uint8"):
        return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    return 0, 1 if dtype.itemsize == 1 else 9
