"""One row per load: throughput, and latencies pooled over the processes."""

from dataclasses import replace

import numpy as np

from onnxwright.bench.results.elements import Loaded
from onnxwright.bench.results.loads import load_rows
from onnxwright.bench.results.measured import LoadRun

RESULT = Loaded(latencies_s=(0.001,) * 300 + (0.002,) * 100, requests=400, wall_s=1.0)
RUN = LoadRun(case="c", load="poisson=400", rate=400.0, seconds=1.0, status="ok", result=RESULT)


def test_rows_pool_the_requests_of_all_processes() -> None:
    slow = replace(RUN, result=replace(RESULT, wall_s=3.0))
    (row,) = load_rows("c", [RUN, slow, replace(RUN, case="other")])
    np.testing.assert_equal((row.requests, row.throughput_per_s), (800, 200.0))
    np.testing.assert_equal((row.median_s, row.overloaded), (0.001, True))
    np.testing.assert_equal(list(row.percentiles_s or ()), ["p90", "p95", "p99"])


def test_a_load_that_kept_up_is_not_overloaded() -> None:
    (row,) = load_rows("c", [RUN])
    np.testing.assert_equal(row.overloaded, False)


def test_a_load_that_crashed_says_so() -> None:
    (row,) = load_rows("c", [replace(RUN, load="closed=1", status="crash", result=None)])
    np.testing.assert_equal((row.status, row.processes), ("crash", 0))


def test_rows_count_failed_requests() -> None:
    few = Loaded(latencies_s=(0.001,), requests=1, wall_s=1.0)
    good = replace(RUN, load="closed=1", rate=None, result=few)
    bad = replace(good, result=replace(few, errors=2, first_error="busy"))
    (row,) = load_rows("c", [good, bad])
    np.testing.assert_equal((row.errors, row.first_error, row.overloaded), (2, "busy", None))
