"""One model that is served: what it takes, what it gives, and a request from check to answer."""

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FeedError, ProviderError
from ..feeds import check_feeds
from ..protocol.datatypes import DATATYPES, datatype_of
from ..protocol.sequences import Step, state_pairs
from ..runner import Runner, TensorInfo
from .batching import Arrays, check_batches
from .failures import RequestError, bad
from .scheduler import Scheduler
from .sequences import Kept, Sequences, first_states
from .settings import Batching, Limits, SequenceLimits
from .statistics import Statistics


@dataclass(frozen=True)
class Spec:
    """A model to serve."""

    name: str
    version: str
    runners: tuple[Runner, ...]
    """One for each request that may run at the same time."""
    batching: Batching = field(default_factory=Batching)
    sequences: SequenceLimits | None = None
    """Keep the states of the model here, per sequence; None leaves them to the clients."""


@dataclass(frozen=True)
class Request:
    """An inference request, whichever way it came."""

    id: str
    inputs: Mapping[str, NDArray[Any]]
    outputs: tuple[str, ...]
    """Empty for all of them."""
    sequence: Step | None


class ServedModel:
    """A model under way; made within the event loop that serves it."""

    def __init__(self, spec: Spec, limits: Limits) -> None:
        """Check that the protocol can carry the model.

        Raises
        ------
        ProviderError
            It cannot, or the model cannot be batched or its states not be kept as asked.
        """
        self.name, self.version = spec.name, spec.version
        first = spec.runners[0]
        for info in (*first.inputs, *first.outputs):
            _check_carried(spec.name, info)
        self.platform = f"onnxwright_{first.on.split(':')[0]}"
        self._pairs = state_pairs(first.inputs, first.outputs) if spec.sequences else {}
        if spec.sequences and not self._pairs:
            raise ProviderError(
                f"the model '{spec.name}' has no states that go in as NAME_in and come out as "
                "NAME_out",
                "build it with streaming=True, or serve it without --states server",
            )
        if spec.batching.most > 1:
            check_batches(spec.name, (*first.inputs, *first.outputs))
        hidden = {*self._pairs, *self._pairs.values()}
        self.inputs = tuple(info for info in first.inputs if info.name not in hidden)
        self.outputs = tuple(info for info in first.outputs if info.name not in hidden)
        self.statistics = Statistics()
        self._limits = limits
        self._batch = next((_first_dim(info) for info in self.inputs), None)
        states = tuple(info for info in first.inputs if info.name in self._pairs)
        self._sequences = (
            None
            if spec.sequences is None
            else Sequences(first_states(spec.name, states), spec.sequences)
        )
        runs = [runner.run for runner in spec.runners]
        self._scheduler = Scheduler(spec.name, runs, spec.batching, limits.queue, self.statistics)

    def metadata(self, versions: Sequence[str]) -> dict[str, Any]:
        """Return the model's description in the protocol's form."""
        return {
            "name": self.name,
            "versions": list(versions),
            "platform": self.platform,
            "inputs": [_described(info) for info in self.inputs],
            "outputs": [_described(info) for info in self.outputs],
        }

    def stop(self) -> None:
        """Take no more requests."""
        self._scheduler.stop()

    async def infer(self, request: Request) -> dict[str, NDArray[Any]]:
        """Carry out one request.

        Raises
        ------
        RequestError, RunnerError
            It is refused, or the model failed.
        """
        began = time.perf_counter_ns()
        try:
            outputs = request.outputs or tuple(info.name for info in self.outputs)
            self._check(request, outputs)
        except (RequestError, FeedError):
            self.statistics.failed(time.perf_counter_ns() - began)
            raise
        async with self._held(request.sequence) as kept:
            if kept is None:
                found = await self._scheduler.run(request.inputs, outputs)
            else:
                found = await self._scheduler.run(
                    {**request.inputs, **kept.states}, (*outputs, *self._pairs.values())
                )
                kept.states = {entered: found[left] for entered, left in self._pairs.items()}
        for name in outputs:
            if found[name].nbytes > self._limits.answer_bytes:
                raise _too_large(name, self._limits.answer_bytes)
        return {name: found[name] for name in outputs}

    def _check(self, request: Request, outputs: Sequence[str]) -> None:
        known = {info.name for info in self.outputs}
        for name in outputs:
            if name not in known:
                raise bad(f"the model has no output {name[:99]!r}: it has {', '.join(known)}")
        check_feeds(self.inputs, request.inputs)
        _check_answer(self.inputs, self.outputs, request.inputs, self._limits.answer_bytes)
        if self._sequences is None and request.sequence is not None:
            raise bad("this server keeps no states for the model: leave out sequence_id")
        if self._sequences is not None:
            if request.sequence is None:
                raise bad("the model needs a sequence_id, other than 0: its states are kept here")
            self._check_single(request.inputs)

    def _check_single(self, feeds: Arrays) -> None:
        for info in self.inputs:
            shape = feeds[info.name].shape
            if info.shape and info.shape[0] == self._batch and shape[:1] != (1,):
                raise bad(f"a sequence has a batch of 1, '{info.name}' has the shape {list(shape)}")

    def _held(self, step: Step | None) -> AbstractAsyncContextManager[Kept | None]:
        if self._sequences is None or step is None:
            return nullcontext()
        return self._sequences.step(step)


def _first_dim(info: TensorInfo) -> int | str | None:
    return info.shape[0] if info.shape else None


def _check_carried(model: str, info: TensorInfo) -> None:
    if info.shape is None or info.dtype not in DATATYPES.values():
        raise ProviderError(
            f"the model '{model}' cannot be served: the protocol has no form for '{info}'",
            "it carries tensors of bool, integers of 8 to 64 bits, float16 to float64, bfloat16 "
            "and strings",
        )


def _described(info: TensorInfo) -> dict[str, Any]:
    shape = [dim if isinstance(dim, int) else -1 for dim in info.shape or ()]
    return {"name": info.name, "datatype": datatype_of(info.dtype), "shape": shape}


def _check_answer(
    inputs: Sequence[TensorInfo], outputs: Sequence[TensorInfo], feeds: Arrays, most: int
) -> None:
    """Refuse a request whose answer would be too large, as far as the names of dims tell."""
    sizes: dict[str, int] = {}
    for info in inputs:
        dims = zip(info.shape or (), np.shape(feeds[info.name]), strict=True)
        sizes |= {dim: size for dim, size in dims if isinstance(dim, str)}
    for info in outputs:
        known = (sizes.get(dim, 1) if isinstance(dim, str) else dim for dim in info.shape or ())
        if math.prod(1 if dim is None else dim for dim in known) * info.dtype.itemsize > most:
            raise _too_large(info.name, most)


def _too_large(name: str, most: int) -> RequestError:
    return RequestError(413, f"output '{name}' would have more than {most} bytes")
