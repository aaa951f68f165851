"""NumPy's own peaks in one process, which `start` began."""

import functools
import importlib
import time
from collections.abc import Callable
from typing import Any

from . import answering
from .wire import PeaksRequest, Rates

REPEATS = 7
"""The fastest of so many is the peak."""
READS = tuple(1 << power for power in range(16, 27, 2))
"""Bytes of matrices that are read again and again: they lie in one cache or another, or in none."""


def measure(request: PeaksRequest, say: answering.Say) -> Rates:
    """Return the rates of matrix products in FLOP/s and of memory in bytes/s."""
    say("import")
    numpy: Any = importlib.import_module("numpy")
    size, rates = request.size, {}
    say("peaks")
    for dtype in ("float32", "float64"):
        rates[f"gemm {dtype}"] = max(product(numpy, dtype, each) for each in (size, size // 2))
    source = numpy.ones(1 << 24, numpy.float32)
    target = numpy.empty_like(source)
    rates["memory"] = (
        2.0 * source.nbytes / fastest(functools.partial(numpy.negative, source, target))
    )
    for size in READS:
        matrix = numpy.ones((size // 4096, 1024), numpy.float32)
        vector, out = numpy.ones(len(matrix), numpy.float32), numpy.empty(1024, numpy.float32)
        seconds = fastest(functools.partial(numpy.dot, vector, matrix, out))
        rates[f"read {size}"] = matrix.nbytes / seconds
    return Rates(rates)


def product(numpy: Any, dtype: str, size: int) -> float:
    """Return the operations a second of a matrix product."""
    a = numpy.full((size, size), 0.5, dtype)
    out = numpy.empty_like(a)
    return float(2.0 * size**3 / fastest(functools.partial(numpy.matmul, a, a, out)))


def fastest(call: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of some calls, after one that does not count."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Answer the request on stdin."""
    answering.answer(PeaksRequest, measure)
