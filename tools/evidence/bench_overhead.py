"""What the timing loop adds to a call: the worker's loop against a bare loop over the same call.

Both time a call that does nothing, the bare one as many at once as the worker takes in one sample.
Exits with 1 where the difference is above one microsecond a call.

    python -m tools.evidence.bench_overhead
"""

import functools
import sys
import time
from statistics import median

from onnxwright.bench.measure.sampling import Call, calibrate, timed

REPEATS = 400
ALLOWED_S = 1e-6


def nothing(outputs: object, feeds: object) -> None:
    """Stand for a session's run."""


def bare(call: Call, loops: int) -> float:
    """Return the seconds a call takes in a loop with nothing around it but two clock readings."""
    start = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - start) / loops


def main() -> None:
    """Print what the loop adds for short and for long calls."""
    call = functools.partial(nothing, None, {})
    worst = 0.0
    for loops in (1, calibrate(call)):
        # A single call is as short as a sample can be: reading the clock weighs most there.
        reference = median(bare(call, 1 << 12) for _ in range(REPEATS))
        measured = median(timed(call, loops) for _ in range(REPEATS))
        added = measured - reference
        worst = max(worst, added)
        said = f"{added * 1e9:+.0f} ns a call (bare {reference * 1e9:.0f} ns)"
        print(f"{loops:5d} calls a sample: {said}")
    sys.exit(0 if worst <= ALLOWED_S else 1)


if __name__ == "__main__":
    main()
