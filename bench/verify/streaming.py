"""Proof that a net fed in chunks, its states handed on, gives what it gives for the whole."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...runtime import Runner
from ...runtime.protocol.sequences import state_pairs
from ...runtime.remote.runner import RemoteRunner
from ..errors import BenchError
from .verification import Tolerances

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class StreamCheck:
    """How far feeding in chunks is from feeding the whole.

    `errors` holds the largest absolute difference of each output, the final states included.
    """

    on: str
    chunks: tuple[int, ...]
    errors: Mapping[str, float]

    @property
    def exact(self) -> bool:
        """Whether not one bit differs (but for the sign of a zero)."""
        return not any(self.errors.values())

    def within(self, limits: Tolerances) -> bool:
        """Whether every output stays within the absolute tolerance for float32."""
        return max(self.errors.values()) <= limits.tolerance(np.dtype(np.float32)).atol

    def describe(self) -> str:
        """Say in one line how far chunks are from the whole."""
        steps = ", ".join(map(str, self.chunks))
        if self.exact:
            return f"fed in chunks of {steps} steps: the same to the last bit"
        worst = max(self.errors, key=lambda name: self.errors[name])
        return f"fed in chunks of {steps} steps: {worst} differs by up to {self.errors[worst]:.3g}"

    def as_json(self) -> dict[str, Any]:
        """Return the check for a program."""
        return {"chunks": list(self.chunks), "exact": self.exact, "errors": dict(self.errors)}


def check_streaming(
    streamed: Runner, feeds: Arrays, chunks: Sequence[int], *, whole: Runner | None = None
) -> StreamCheck:
    """Feed sequences whole and in chunks, both from zero states, and compare every output.

    An output with as many steps as its chunk is joined along time; of any other, such as a last
    step or a state, the one of the last chunk counts.

    Parameters
    ----------
    streamed
        A model whose states are inputs ``NAME_in`` and outputs ``NAME_out``.
    feeds
        Its other inputs, each ``[batch, time, ...]``.
    chunks
        The number of steps of each chunk; they add up to the time dim.
    whole
        The model that takes the whole sequences; `streamed` itself when None. A model of single
        steps needs another one here.

    Raises
    ------
    BenchError
        The model has no states, or the chunks do not add up.
    """
    if not state_names(streamed) and not _kept(streamed):
        raise BenchError(
            "the model has no states that go in as NAME_in and come out as NAME_out",
            "build it with streaming=True",
        )
    steps = {name: feed.shape[1] for name, feed in feeds.items()}
    if any(count != sum(chunks) for count in steps.values()):
        raise BenchError(
            f"chunks of {list(chunks)} steps do not add up to the steps of {steps}",
            "give chunks whose sum is the time dim of every sequence",
        )
    expected = _run(whole or streamed, feeds, [sum(chunks)])
    actual = _run(streamed, feeds, chunks)
    shared = [name for name in actual if name in expected]
    errors = {name: _distance(actual[name], expected[name]) for name in shared}
    return StreamCheck(streamed.on, tuple(chunks), errors)


def state_names(runner: Runner) -> dict[str, str]:
    """Return the output that each state comes out of, by the input that it goes into."""
    return state_pairs(runner.inputs, runner.outputs)


def _kept(runner: Runner) -> bool:
    """Say whether a server keeps the states."""
    return isinstance(runner, RemoteRunner) and runner.sequences


def _run(runner: Runner, feeds: Arrays, chunks: Sequence[int]) -> dict[str, NDArray[Any]]:
    """Feed the chunks one after the other; return the joined outputs."""
    if isinstance(runner, RemoteRunner) and runner.sequences:
        return _run_there(runner, feeds, chunks)
    pairs = state_names(runner)
    batch = next(iter(feeds.values())).shape[0]
    states = {info.name: _zeros(info, batch) for info in runner.inputs if info.name in pairs}
    parts: list[dict[str, NDArray[Any]]] = []
    start = 0
    for count in chunks:
        now = {name: feed[:, start : start + count] for name, feed in feeds.items()}
        parts.append(runner.run({**now, **states}))
        states = {entered: parts[-1][left] for entered, left in pairs.items()}
        start += count
    return {name: _join([part[name] for part in parts], chunks) for name in parts[-1]}


def _run_there(
    runner: RemoteRunner, feeds: Arrays, chunks: Sequence[int]
) -> dict[str, NDArray[Any]]:
    """Feed the chunks to a server that keeps the states."""
    sequence, ends = runner.sequence(), list(itertools.accumulate(chunks))
    parts = [
        sequence.run(
            {name: feed[:, end - count : end] for name, feed in feeds.items()}, last=end == ends[-1]
        )
        for count, end in zip(chunks, ends, strict=True)
    ]
    return {name: _join([part[name] for part in parts], chunks) for name in parts[-1]}


def _zeros(info: Any, batch: int) -> NDArray[Any]:
    """Return a state of zeros for the batch at hand."""
    return np.zeros([dim if isinstance(dim, int) else batch for dim in info.shape], info.dtype)


def _join(parts: Sequence[NDArray[Any]], chunks: Sequence[int]) -> NDArray[Any]:
    """Join what has a time dim; take the last of what has none."""
    timed = all(
        part.ndim >= 3 and part.shape[1] == count for part, count in zip(parts, chunks, strict=True)
    )
    return np.concatenate(parts, axis=1) if timed else parts[-1]


def _distance(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the largest absolute difference, 0 of nothing."""
    wide = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return float(wide.max(initial=0.0))
