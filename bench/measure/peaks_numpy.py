"""NumPy's own peaks in one process; JSON request on stdin, one JSON line on stdout.

A script like the worker: it sets the thread count before NumPy is imported.
"""

import functools
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

REPEATS = 7
"""The fastest of so many is the peak."""


def main() -> None:
    """Answer the request: rates of matrix products in FLOP/s and of memory in bytes/s."""
    request = json.load(sys.stdin)
    sys.path[:] = [p for p in sys.path if os.path.abspath(p) != os.path.dirname(__file__)]
    for name in ("OMP", "OPENBLAS", "MKL") if request.get("threads") else ():
        os.environ[f"{name}_NUM_THREADS"] = str(request["threads"])
    numpy: Any = importlib.import_module("numpy")
    size = request["size"]
    rates = {}
    for dtype in ("float32", "float64"):
        a = numpy.full((size, size), 0.5, dtype)
        out = numpy.empty_like(a)
        rates[f"gemm {dtype}"] = 2.0 * size**3 / fastest(functools.partial(numpy.matmul, a, a, out))
    source = numpy.ones(1 << 24, numpy.float32)
    target = numpy.empty_like(source)
    rates["memory"] = (
        2.0 * source.nbytes / fastest(functools.partial(numpy.negative, source, target))
    )
    print(json.dumps({"result": rates}))


def fastest(call: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of some calls, after one that does not count."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
