"""Proof, before a model is served, that its requests can share a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...files import read_model
from ...runtime import Runner, RunnerError
from ...runtime.server.batching import Arrays, check_batches, joined, parted
from ..errors import BenchError
from ..model.inputs import fill_inputs

CLOSE = 1e-3
"""Part of the largest number by which a row may differ alone and beside another: sums round in
another order."""


def check_joining(name: str, path: Path, runner: Runner) -> None:
    """Run two random rows alone and as one batch, and hold the answers against each other.

    A model that takes no random rows is not refused: its requests that fail together run alone.

    Raises
    ------
    ProviderError
        The model's tensors do not all begin with one named dim.
    BenchError
        A row's answer depends on the other rows.
    """
    check_batches(name, (*runner.inputs, *runner.outputs))
    model = read_model(path, embedded=False)
    batch = str((runner.inputs[0].shape or ("",))[0])
    try:
        rows = [
            fill_inputs(model, runner.inputs, {}, dims={batch: 1}, seed=seed) for seed in (0, 1)
        ]
        alone = [runner.run(row) for row in rows]
        together = parted(runner.run(joined(rows)), [1, 1])
    except (BenchError, RunnerError):
        return
    if together is None or not _same(alone, together):
        raise BenchError(
            f"requests to the model '{name}' cannot be joined: what a row gives depends on the "
            "rows beside it",
            "leave out --max-batch",
        )


def _same(alone: Sequence[Arrays], together: Sequence[Arrays]) -> bool:
    return all(
        _close(one[name], other[name])
        for one, other in zip(alone, together, strict=True)
        for name in one
    )


def _close(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape or one.dtype.kind not in "fV":
        return one.shape == other.shape and bool(np.all(one == other))
    wide, beside = one.astype(np.float64), other.astype(np.float64)
    most = CLOSE * float(np.abs(wide).max(initial=0.0))
    return bool(np.allclose(wide, beside, rtol=CLOSE, atol=most, equal_nan=True))
