"""Nodes of bytes with constant weights or without, and bytes at the ends of their range."""

from typing import Any

import numpy as np
from onnx import numpy_helper

from onnxwright import runtime

from .node_case import Array, Case

KINDS: list[tuple[Any, Any]] = [(a, b) for a in (np.uint8, np.int8) for b in (np.uint8, np.int8)]
RANDOM = np.random.default_rng(11)


def run(case: Case, constants: tuple[str, ...], on: str = "numpy", **options: Any) -> Array:
    """Run the node with the inputs named in `constants` as initializers."""
    model, feeds = case.model(), case.feeds()
    model.graph.initializer.extend(numpy_helper.from_array(feeds[name], name) for name in constants)
    kept = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    given = {value.name: feeds[value.name] for value in kept}
    (y,) = runtime.load(model, on=on, **options).run(given).values()
    return y


def numbers(kind: Any, *shape: int, ends: bool) -> Array:
    """Return bytes from the whole range; with `ends` half of them the one farthest from 0."""
    info = np.iinfo(kind)
    values = RANDOM.integers(info.min, info.max, shape, endpoint=True)
    extreme = info.min if info.min else info.max
    return np.where(ends & (RANDOM.random(shape) < 0.9), extreme, values).astype(kind)
