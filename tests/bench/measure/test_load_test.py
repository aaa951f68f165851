import functools
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure import load_test_worker
from onnxwright.bench.measure.load_test import Load, parse_loads, with_rate
from onnxwright.bench.measure.matrix import run_matrix

from ..conftest import Bench


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


def test_one_server_answers_in_the_order_of_arrival_without_waiting_twice() -> None:
    began: list[float] = []
    threads: set[int] = set()

    def call() -> None:
        began.append(time.perf_counter())
        threads.add(threading.get_ident())

    loaded = load_test_worker.open_loop([call], rate=200.0, seconds=0.5, seed=5)
    due = np.array(load_test_worker.arrivals(200.0, 0.5, 5))
    np.testing.assert_equal((len(loaded.latencies_s), threads), (due.size, {threading.get_ident()}))
    gaps = np.array(began) - began[0] - (due - due[0])
    np.testing.assert_array_less(-loaded.latencies_s[0] - 1e-9, gaps)  # none before it was due
    assert min(loaded.latencies_s) >= 0


def test_a_share_is_of_what_the_slowest_manages(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench({"numpy": 4e-3, "cpu": 1e-3}, rounds=3, max_rounds=3)
    bench.noise = 0.0
    journal, groups = bench.journal(), bench.groups()
    (load,) = parse_loads(["poisson=50%"], servers=2)
    np.testing.assert_equal(with_rate(load, groups[0], journal.entries).rate, None)
    run_matrix(groups, bench.settings, journal, bench.context())
    found = with_rate(load, groups[0], journal.entries)
    np.testing.assert_allclose(found.rate or 0.0, 0.5 * 2 / 4e-3)
    np.testing.assert_equal(found.name, "poisson=50%")


def test_loads_are_parsed() -> None:
    np.testing.assert_equal(
        parse_loads(["closed=4", "processes=2", "poisson=2.5", "poisson=12.5%"], servers=3),
        (
            Load("closed=4", 4, None),
            Load("processes=2", 2, None, processes=True),
            Load("poisson=2.5", 3, 2.5),
            Load("poisson=12.5%", 3, None, share=0.125),
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
        "poisson=0%",
        "poisson=100%",
        "poisson=nan%",
        "closed=4%",
        "poisson=%",
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
