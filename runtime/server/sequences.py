"""Sequences whose states the server keeps between requests."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ProviderError
from ..protocol.sequences import Step
from ..runner import TensorInfo
from .failures import bad, busy
from .settings import SequenceLimits

Id = int | str


@dataclass(eq=False)
class Kept:
    """One sequence under way."""

    states: dict[str, NDArray[Any]]
    """What the next step reads, by the input's name."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Steps of one sequence run in the order of their arrival."""
    used: float = field(default_factory=time.monotonic)
    over: bool = False


def first_states(model: str, inputs: tuple[TensorInfo, ...]) -> dict[str, NDArray[Any]]:
    """Return states of zeros for a batch of 1.

    Raises
    ------
    ProviderError
        A state has a dim besides the first whose size is not known.
    """
    states = {}
    for info in inputs:
        dims = info.shape or ()
        if not dims or not all(isinstance(dim, int) for dim in dims[1:]):
            raise ProviderError(
                f"the states of the model '{model}' cannot be kept: '{info}' has no fixed size",
                "let the clients keep them: --states client",
            )
        states[info.name] = np.zeros([d if isinstance(d, int) else 1 for d in dims], info.dtype)
    return states


class Sequences:
    """The sequences of one model, those that were used last at the end."""

    def __init__(self, first: Mapping[str, NDArray[Any]], limits: SequenceLimits) -> None:
        self._first = dict(first)
        self._limits = limits
        self._kept: OrderedDict[Id, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @asynccontextmanager
    async def step(self, step: Step) -> AsyncIterator[Kept]:
        """Hold one sequence for one request; what it puts into ``states`` is for the next.

        Raises
        ------
        RequestError
            The sequence has not begun or is over, or there are too many.
        """
        kept = self._begun(step.id) if step.start else self._found(step.id)
        async with kept.lock:
            if kept.over:
                raise bad(f"the sequence {step.id} has ended")
            if step.start:
                kept.states = dict(self._first)
            done = False
            try:
                yield kept
                done = True
            finally:
                kept.used = time.monotonic()
                if (step.end and done) or (step.start and not done):
                    kept.over = True
                    self._kept.pop(step.id, None)

    def _begun(self, name: Id) -> Kept:
        self._forget()
        if name not in self._kept and len(self._kept) >= self._limits.most:
            raise busy(f"{self._limits.most} sequences are under way already")
        kept = self._kept.setdefault(name, Kept({}))
        self._kept.move_to_end(name)
        return kept

    def _found(self, name: Id) -> Kept:
        self._forget()
        kept = self._kept.get(name)
        if kept is None:
            raise bad(
                f"no sequence {name} is under way: the first request needs sequence_start, and one "
                f"is forgotten after {self._limits.idle_s:g} s without a request"
            )
        kept.used = time.monotonic()
        self._kept.move_to_end(name)
        return kept

    def _forget(self) -> None:
        """Drop those that nobody has used for long."""
        oldest = time.monotonic() - self._limits.idle_s
        while self._kept:
            name, kept = next(iter(self._kept.items()))
            if kept.used > oldest or kept.lock.locked():
                return
            kept.over = True
            del self._kept[name]
