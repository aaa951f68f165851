"""Parts of a tensor in a functional model: ``x[:, -1, :]``."""

from typing import Any

import numpy as np

from ...values import Dim, Value
from ..registry import Call, keras_layer
from ..tensor import Tensor

LARGEST = (1 << 63) - 1
FULL = slice(None)


@keras_layer("ops.GetItem", masking="own")
def get_item(call: Call) -> Tensor:
    """Return the part of a tensor that indices and slices choose."""
    operands = call.keywords.get("operands", [])
    if len(operands) != 2 or not isinstance(operands[0], Tensor):
        raise call.refuse("takes a tensor and indices")
    x = operands[0].keras(call.ops)
    given = operands[1] if isinstance(operands[1], list) else [operands[1]]
    chosen = [_index(call, one) for one in given]
    if len(chosen) > x.rank:
        raise call.refuse(f"has {len(chosen)} indices for {x.rank} dims")
    y = _sliced(call, x, [(axis, s) for axis, s in enumerate(chosen) if isinstance(s, slice)])
    for axis in reversed(range(len(chosen))):
        index = chosen[axis]
        if not isinstance(index, slice):
            y = _taken(call, y, axis, index)
    return Tensor(y)


def _index(call: Call, given: Any) -> int | slice:
    """Return a number, or a slice from the table in which Keras writes it."""
    if _is_number(given):
        return int(given)
    kind = given.get("class_name") if isinstance(given, dict) else None
    config = given.get("config") if isinstance(given, dict) else None
    if kind == "__slice__" and isinstance(config, dict):
        parts = [config.get(key) for key in ("start", "stop", "step")]
        if all(part is None or _is_number(part) for part in parts) and parts[2] != 0:
            return slice(*parts)
    raise call.refuse(f"has the index {given!r:.60}: numbers and slices of numbers are converted")


def _is_number(given: Any) -> bool:
    return type(given) is int and abs(given) < LARGEST


def _sliced(call: Call, x: Value, slices: list[tuple[int, slice]]) -> Value:
    slices = [(axis, one) for axis, one in slices if one != FULL]
    if not slices:
        return x
    dims = list(x.dims)
    limits: list[tuple[int, int, int]] = []
    for axis, one in slices:
        step = 1 if one.step is None else one.step
        first, last = (0, LARGEST) if step > 0 else (LARGEST, -LARGEST)
        limits.append(
            (
                first if one.start is None else one.start,
                last if one.stop is None else one.stop,
                step,
            )
        )
        dims[axis] = _size(x.dims[axis], one)
    starts, ends, steps = (call.net.indices(*numbers) for numbers in zip(*limits, strict=True))
    axes = call.net.indices(*(axis for axis, _ in slices))
    return call.net.emit("Slice", x, starts, ends, axes, steps, layer=call.layer, dims=tuple(dims))


def _size(dim: Dim, one: slice) -> Dim:
    return len(range(*one.indices(dim))) if isinstance(dim, int) else None


def _taken(call: Call, x: Value, axis: int, index: int) -> Value:
    chosen = call.net.initializer(f"{call.layer}/index", np.array(index, np.int64))
    dims = (*x.dims[:axis], *x.dims[axis + 1 :])
    return call.net.emit("Gather", x, chosen, layer=call.layer, dims=dims, axis=axis)
