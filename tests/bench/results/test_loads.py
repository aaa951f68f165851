"""One row per load: throughput, and latencies pooled over the processes."""

from dataclasses import replace

import numpy as np
import pytest

from onnxwright.bench.results.elements import Loaded
from onnxwright.bench.results.load_row import LoadRow, Saturation
from onnxwright.bench.results.loads import load_rows, saturation
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


@pytest.mark.parametrize(("wall_s", "behind"), [(1.9, False), (4.0, True)])
def test_a_slow_call_at_the_end_is_no_falling_behind(wall_s: float, behind: bool) -> None:
    slow = Loaded(latencies_s=(0.5, 0.6), requests=2, wall_s=wall_s)
    (row,) = load_rows("c", [replace(RUN, rate=2.0, result=slow)])
    np.testing.assert_equal(row.overloaded, behind)


def test_a_load_that_crashed_says_so() -> None:
    (row,) = load_rows("c", [replace(RUN, load="closed=1", status="crash", result=None)])
    np.testing.assert_equal((row.status, row.processes), ("crash", 0))


def test_rows_count_failed_requests() -> None:
    few = Loaded(latencies_s=(0.001,), requests=1, wall_s=1.0)
    good = replace(RUN, load="closed=1", rate=None, result=few)
    bad = replace(good, result=replace(few, errors=2, first_error="busy"))
    (row,) = load_rows("c", [good, bad])
    np.testing.assert_equal((row.errors, row.first_error, row.overloaded), (2, "busy", None))


def test_the_mean_is_over_all_requests_also_those_that_were_left_out() -> None:
    told = replace(RUN, result=replace(RESULT, mean_s=0.01))
    (row,) = load_rows("c", [told, replace(told, result=replace(RESULT, mean_s=0.02))])
    np.testing.assert_allclose(row.mean_s or 0, 0.015)
    (row,) = load_rows("c", [RUN])  # as of earlier versions
    np.testing.assert_allclose(row.mean_s or 0, 0.00125)


def test_clients_of_earlier_versions_are_in_the_name() -> None:
    closed = replace(RUN, load="closed=4", rate=None)
    rows = load_rows("c", [closed, replace(closed, load="processes=2", clients=2)])
    np.testing.assert_equal([row.clients for row in rows], [4, 2])


@pytest.mark.parametrize(
    ("rates", "clients", "grows"),
    [
        ({1: 100.0, 2: 190.0, 4: 195.0, 8: 170.0}, 2, False),
        ({1: 100.0, 2: 190.0, 4: 350.0}, 4, True),
        ({1: 100.0, 2: 90.0}, 1, False),
        ({2: 90.0}, None, None),
    ],
)
def test_throughput_stops_growing_somewhere(
    rates: dict[int, float], clients: int | None, grows: bool | None
) -> None:
    rows = [
        LoadRow(load="x", status="ok", processes=1, clients=count, throughput_per_s=rate)
        for count, rate in rates.items()
    ]
    rows.append(replace(rows[0], clients=9, throughput_per_s=1e6, overloaded=False))
    found = saturation([*rows, replace(rows[0], clients_are="processes")])
    expected = (
        ()
        if clients is None
        else (
            Saturation(
                clients_are="threads",
                clients=clients,
                throughput_per_s=rates[clients],
                still_grows=bool(grows),
            ),
        )
    )
    np.testing.assert_equal(found, expected)
