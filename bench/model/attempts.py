"""Inputs that a model really runs on: other sizes are tried where the first ones fail."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import onnx
from numpy.typing import NDArray

from ...runtime.errors import NodeError
from ...runtime.runner import TensorInfo
from ...untrusted import element_count
from .free_dims import Usual, batch_key, choose_sizes, free_dims, keys, sizes_given
from .inputs import fill_inputs

LADDER = (32, 64, 224, 512, 1024, 4096, 16_000)
"""Sizes that are tried, all free dims at once: short sounds, small images and long texts."""
MOST = 2**24
"""Elements of all inputs together that are tried."""
BUDGET_S = 30.0
"""Seconds after which no further sizes are tried."""
Result = TypeVar("Result")
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Chosen(Generic[Result]):
    """Inputs on which a model ran, and what it gave."""

    feeds: Arrays
    result: Result
    note: str
    """The sizes, where the usual ones failed; else ""."""


def run_chosen(
    model: onnx.ModelProto,
    inputs: Sequence[TensorInfo],
    given: Mapping[str, NDArray[Any]],
    run: Callable[[Arrays], Result],
    *,
    dims: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Chosen[Result]:
    """Fill the inputs as :func:`~.inputs.fill_inputs` does, and run.

    Where a node fails, other sizes are tried for the dims that neither `given` nor `dims` bind.

    Raises
    ------
    NodeError
        No sizes work: that of the first ones.
    """
    first: NodeError | None = None
    deadline = time.monotonic() + BUDGET_S
    for sizes in attempts(inputs, sizes_given(inputs, given, dims or {}), Usual()):
        feeds = fill_inputs(model, inputs, given, dims=sizes, seed=seed)
        try:
            return Chosen(feeds, run(feeds), _told(sizes) if first else "")
        except NodeError as error:
            first = first or error
        if time.monotonic() > deadline:
            break
    assert first is not None
    raise first


def _told(sizes: Mapping[str, int]) -> str:
    said = " ".join(f"--dim {key}={size}" for key, size in sizes.items())
    return f"smaller inputs fail, so the sizes are {said}"


def has_open_dims(inputs: Sequence[TensorInfo], bound: Mapping[str, int]) -> bool:
    """Say whether a dim other than the batch has no size yet, so that one has to be chosen."""
    return any(key not in bound and key != batch_key(inputs) for key in free_dims(inputs))


def attempts(
    inputs: Sequence[TensorInfo], bound: Mapping[str, int], usual: Usual
) -> Iterator[dict[str, int]]:
    """Yield sizes for all free dims, those of `bound` as they are: the usual ones come first.

    Then follow the sizes of the ladder for every other dim but the batch, and a batch of 1.
    """
    seen: list[dict[str, int]] = []
    batch = batch_key(inputs)
    open_dims = [key for key in free_dims(inputs) if key not in bound and key != batch]
    single = {batch: 1} if isinstance(batch, str) and batch not in bound else {}
    for known in (bound, {**bound, **single}):
        for size in (None, *LADDER):
            tried = {} if size is None else dict.fromkeys(open_dims, size)
            sizes = choose_sizes(inputs, {**known, **tried}, usual)
            if sizes in seen or (seen and _elements(inputs, sizes) > MOST):
                continue
            seen.append(sizes)
            yield sizes


def _elements(inputs: Sequence[TensorInfo], sizes: Mapping[str, int]) -> int:
    shapes = [[sizes[key] if isinstance(key, str) else key for key in keys(x)] for x in inputs]
    return sum(map(element_count, shapes))
