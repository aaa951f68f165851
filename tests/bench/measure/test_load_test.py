import functools
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure import load_test_worker
from onnxwright.bench.measure.load_test import Load, parse_loads


def test_arrivals_are_a_poisson_process() -> None:
    times = np.array(load_test_worker.arrivals(1000.0, 20.0, seed=1))
    gaps = np.diff(times)
    np.testing.assert_allclose(times.size, 20_000, rtol=0.03)
    np.testing.assert_allclose([gaps.mean(), gaps.std()], 1e-3, rtol=0.03)
    np.testing.assert_equal(
        load_test_worker.arrivals(50.0, 1.0, 7), load_test_worker.arrivals(50.0, 1.0, 7)
    )


def test_clients_of_a_closed_loop_work_side_by_side() -> None:
    meeting = threading.Barrier(4)  # opens only if all four are in their first call at once
    first = [True] * 4

    def call(client: int) -> None:
        if first[client]:
            first[client] = False
            meeting.wait(timeout=100)
        time.sleep(0.02)

    clients: list[Callable[[], Any]] = [functools.partial(call, client) for client in range(4)]
    loaded = load_test_worker.closed_loop(clients, seconds=0.3)
    np.testing.assert_equal((loaded.errors, first), (0, [False] * 4))
    assert min(loaded.latencies_s) >= 0.02


def test_latency_under_an_open_loop_counts_from_the_scheduled_time() -> None:
    # One server takes 20 ms a request and 100 arrive a second: each waits longer than the last.
    loaded = load_test_worker.open_loop([lambda: time.sleep(0.02)], rate=100.0, seconds=0.5, seed=3)
    due = load_test_worker.arrivals(100.0, 0.5, 3)
    np.testing.assert_equal(len(loaded.latencies_s), len(due))
    expected = 0.02 * len(due) - due[-1]
    assert loaded.latencies_s[-1] >= 0.9 * expected > 0.1


def test_loads_are_parsed() -> None:
    np.testing.assert_equal(
        parse_loads(["closed=4", "processes=2", "poisson=2.5"], servers=3),
        (
            Load("closed=4", 4, None),
            Load("processes=2", 2, None, processes=True),
            Load("poisson=2.5", 3, 2.5),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "closed=0",
        "closed=1.5",
        "processes=65",
        "processes=nan",
        "poisson=0",
        "poisson=x",
        "burst=3",
    ],
)
def test_loads_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(BenchError, match=f"--load '{text}' is no kind of load"):
        parse_loads([text])


@pytest.mark.parametrize("kind", ["closed", "open"])
def test_requests_that_fail_are_counted_and_the_others_go_on(kind: str) -> None:
    calls = iter(range(10**6))

    def flaky() -> None:
        time.sleep(0.001)
        if next(calls) % 2:
            raise RuntimeError("server\nbusy")

    if kind == "closed":
        loaded = load_test_worker.closed_loop([flaky], seconds=0.5)
    else:
        loaded = load_test_worker.open_loop([flaky], rate=200.0, seconds=0.2, seed=1)
    np.testing.assert_equal(loaded.first_error, "server busy")
    assert abs(len(loaded.latencies_s) - loaded.errors) <= 1 < loaded.errors
