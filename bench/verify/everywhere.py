"""The error of every value of a model on a runtime, not of its outputs alone."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...runtime import Runner
from ...runtime.ort.runner import OrtRunner
from ..model.shapes import infer_shapes
from .accuracy import compare
from .lineage import lineage

Arrays = Mapping[str, NDArray[Any]]
ROOM = 2**28
"""Bytes of values that are held at one time."""


def errors_everywhere(
    model: onnx.ModelProto, reference: Runner, runner: Runner, feeds: Arrays, room: int = ROOM
) -> dict[str, float]:
    """Return the relative L2 error of each value between nodes, against the reference.

    Values against zeros, and those that are no numbers, are left out. Asking for a value can
    change what onnxruntime fuses, so that errors differ a little from an untapped run.
    """
    shapes = infer_shapes(model, {name: np.shape(feed) for name, feed in feeds.items()})
    found = {}
    for names in batches(lineage(model.graph).order, shapes, room):
        asked = runner.tapped(names) if isinstance(runner, OrtRunner) else runner
        got, wanted = asked.run(feeds, names), reference.run(feeds, names)
        for name in names:
            error = compare(name, got[name], wanted[name]).rel_l2
            if error is not None:
                found[name] = error
    return found


def batches(
    names: Iterable[str], shapes: Mapping[str, Sequence[int]], room: int
) -> Iterator[list[str]]:
    """Yield names in their order, as many together as `room` bytes hold, but at least one."""
    batch: list[str] = []
    left = room
    for name in names:
        # Eight bytes in float64, and as many at most on the other side.
        need = 16 * math.prod(shapes[name]) if name in shapes else room
        if batch and need > left:
            yield batch
            batch, left = [], room
        batch.append(name)
        left -= need
    if batch:
        yield batch
