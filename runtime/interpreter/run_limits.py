"""What a model may ask of the machine: the bytes of one array, and the steps of its loops.

A small file can name any size: a ConstantOfShape of 2**40 elements, a Loop of 2**62 trips. Kernels
whose result is not bounded by their inputs ask here before they take memory, and those that repeat
something count their steps. What is allowed stands in a context variable, which a runner sets for
the time of a run (and while it folds constants): every thread has its own, and a kernel that never
asks pays nothing.

The limit is for each array: a run may hold several, and all that it holds at one time may take
twice as much (see :mod:`.alive`). A dim of zero counts as one, because an empty
array of absurd dims becomes an absurd one when it is reduced. Functions of one input are not
checked, nor are Add, Less and the like on small results (see :mod:`.broadcasting`) or on what the
graph was given: the check would take longer than the work. There NumPy asks the system for the
whole result at once, and its refusal is the node's error.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .memory import available, in_words

Array = NDArray[Any]

STEPS = 10_000_000
"""Steps of all loops in one run, by default. A body of two small nodes
makes so many in about 20 seconds; ten minutes of sound, sample by sample, need fewer."""
LEAST = 1 << 20
"""The least memory limit, in bytes: what is surely smaller is not asked about."""
SHARE = 2
"""By default an array may take this part of the memory that is available when the model is loaded:
an operator's result and one input then fit together."""
LARGE = 8
"""By default, an array of more than this part of the limit must also fit what is free just then."""
FOLDED = 4
"""What is computed when the model is loaded, and kept, may take this part of the memory limit."""
RANK = 64
"""The most dims that NumPy's arrays have."""


class LimitError(Exception):
    """The model asks for more than it is allowed; the runner makes a NodeError of it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


@dataclass(frozen=True)
class RunLimits:
    """What one model may take."""

    memory: float
    """Bytes of one array."""
    steps: float
    """Steps of all Loops, Scans and SequenceMaps in one run."""
    free: Callable[[], float] | None = None
    """Gives the bytes that are free now, which large arrays must fit too; None asks nothing."""


class _Allowance:
    """What is left of the limits in one run."""

    __slots__ = ("limits", "memory", "steps")

    def __init__(self, limits: RunLimits) -> None:
        self.limits, self.memory, self.steps = limits, limits.memory, limits.steps


UNLIMITED = RunLimits(math.inf, math.inf)
_allowance = ContextVar("allowance", default=_Allowance(UNLIMITED))  # noqa: B039 (never used up)


def default_limits(memory: int | None = None, steps: int | None = None) -> RunLimits:
    """Return the limits asked for, and the defaults of this machine now for those that are None."""
    most = STEPS if steps is None else steps
    if memory is not None:
        return RunLimits(memory, most)
    return RunLimits(max(LEAST, available() // SHARE), most, available)


def allow(limits: RunLimits) -> Token[_Allowance]:
    """Allow the kernels of this thread no more than `limits`, until `allow_again`."""
    return _allowance.set(_Allowance(limits))


allow_again = _allowance.reset
"""Take what `allow` returned, and restore what was allowed before."""


@contextmanager
def within(limits: RunLimits) -> Iterator[None]:
    """Allow the kernels called inside the ``with`` block no more than `limits`."""
    token = allow(limits)
    try:
        yield
    finally:
        allow_again(token)


def folding(limits: RunLimits) -> AbstractContextManager[None]:
    """Allow all constants computed at load, together, a part of the limit for one array."""
    return within(replace(limits, memory=limits.memory / FOLDED))


def check_bytes(shape: Iterable[int], dtype: Any) -> None:
    """Refuse an array of `shape` that is larger than a run may make.

    Raises
    ------
    LimitError
        It is larger.

    Examples
    --------
    >>> with within(RunLimits(memory=2**20, steps=9)):
    ...     check_bytes((2**10, 2**10), np.float32)
    Traceback (most recent call last):
    onnxwright.runtime.interpreter.run_limits.LimitError: float32 [1024, 1024] takes 4 MiB, but \
the memory limit is 1 MiB for one array
    """
    dims, kind = tuple(shape), np.dtype(dtype)
    if len(dims) > RANK:  # The product of thousands of large dims takes quadratic time.
        raise ValueError(f"{len(dims)} dims, but an array has at most {RANK}")
    size = math.prod([abs(dim) or 1 for dim in dims]) * kind.itemsize
    if size * LARGE > _allowance.get().memory:  # The text takes longer than the question.
        check_total(size, f"{kind if kind.kind != 'V' else 'an array'} {list(dims)}")


def check_total(size: int, what: str) -> None:
    """Refuse `what`, of `size` bytes, where that is more than a run may take for one array."""
    allowed = _allowance.get()
    if size * LARGE <= allowed.memory:
        return
    if size > allowed.memory:
        raise LimitError(
            f"{what} takes {in_words(size)}, but the memory limit is "
            f"{in_words(allowed.memory)} for one array",
            "if the size is meant, raise the limit: "
            'runtime.load(..., on="numpy", memory_limit="64G")',
        )
    free = allowed.limits.free
    if free is not None and size > (left := free()):
        raise LimitError(
            f"{what} takes {in_words(size)}, but only {in_words(left)} of memory are free",
            "free some memory, or set the limit yourself: "
            'runtime.load(..., on="numpy", memory_limit="64G")',
        )


def check_alive(size: int, exactly: Callable[[], int]) -> None:
    """Refuse values that together take more than `SHARE` times what one array may.

    Where `size` counts some memory twice, `exactly` tells what they really take.
    """
    most = _allowance.get().limits.memory * SHARE
    if size > most and (real := exactly()) > most:
        raise LimitError(
            f"the values that are alive take {in_words(real)}, but the memory limit is "
            f"{in_words(most)} for all arrays at one time",
            "if so many are meant, raise the limit, which is half of this: "
            'runtime.load(..., on="numpy", memory_limit="64G")',
        )


def check_joined(arrays: Iterable[Array]) -> None:
    """Refuse to join `arrays` to one that is larger than a run may make."""
    size = 0
    for array in arrays:  # half the time of a sum
        size += array.nbytes
    if size > LEAST:
        check_total(size, "the result")


def count_steps(steps: int) -> None:
    """Count steps of the run's loops.

    Raises
    ------
    LimitError
        There are more than the run may make.
    """
    allowed = _allowance.get()
    allowed.steps -= steps
    if allowed.steps < 0:
        raise _too_many(allowed)


def counted_steps(most: int | None) -> Iterator[int]:
    """Yield 0, 1, ... below `most`, without end if it is None, and count each as a step.

    Raises
    ------
    LimitError
        There are more than the run may make.
    """
    allowed, step = _allowance.get(), 0
    while most is None or step < most:
        allowed.steps -= 1
        if allowed.steps < 0:
            raise _too_many(allowed)
        yield step
        step += 1


def _too_many(allowed: _Allowance) -> LimitError:
    return LimitError(
        f"more than {allowed.limits.steps} steps of Loop, Scan, SequenceMap and the reference "
        "kernels in one run",
        'if it is meant to take so long: runtime.load(..., on="numpy", max_steps=...)',
    )


def keep(size: int) -> bool:
    """Take `size` bytes off the limit for good; return whether so many were left."""
    allowed = _allowance.get()
    if size > allowed.memory:
        return False
    allowed.memory -= size
    return True


def integers(values: Array) -> list[int]:
    """Return an input of dims, axes or pads as Python numbers: at most two for each axis.

    Raises
    ------
    ValueError
        It holds more, which must not become Python numbers: they take several times its size.
    """
    if values.size > 2 * RANK:
        raise ValueError(f"{values.size} integers where at most {2 * RANK} make sense")
    found: list[int] = values.tolist()
    return found
