"""How a call is timed, on a clock that only moves when the call takes time."""

import numpy as np
import pytest

from onnxwright.bench.measure import sampling


class Clock:
    """A clock that only moves when a call takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def perf_counter_ns(self) -> int:
        return round(self.now * 1e9)

    def process_time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(sampling, "time", fake)
    return fake


def taking(clock: Clock, times: list[float]) -> sampling.Call:
    """Return a call that takes the given times in turn, the last one for ever."""

    def call() -> None:
        clock.now += times.pop(0) if len(times) > 1 else times[0]

    return call


@pytest.mark.parametrize(
    ("times", "window", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], 2, 0),
        ([5.0, 4.0, 1.0, 1.0, 1.0, 1.0], 2, 2),
        ([1.0, 1.0, 1.021, 1.021], 2, None),
        ([1.0, 1.0, 1.019, 1.019], 2, 0),
        ([1.0, 1.0, 1.0], 2, None),
        ([], 2, None),
    ],
)
def test_steady_from(times: list[float], window: int, expected: int | None) -> None:
    np.testing.assert_equal(sampling.steady_from(times, window), expected)


@pytest.mark.parametrize(("seconds", "loops"), [(1.0, 1), (1e-4, 1), (6e-5, 2), (1e-6, 128)])
def test_a_sample_is_long_enough_for_the_clock(clock: Clock, seconds: float, loops: int) -> None:
    np.testing.assert_equal(sampling.calibrate(taking(clock, [seconds])), loops)


def test_timed_is_the_mean_of_its_calls(clock: Clock) -> None:
    np.testing.assert_allclose(sampling.timed(taking(clock, [1.0, 2.0, 6.0]), 3), 3.0)


def test_warm_up_waits_for_steadiness(clock: Clock) -> None:
    falling = [float(x) for x in np.geomspace(1e-3, 1e-4, 60)]
    warm = sampling.warm_up(taking(clock, [*falling, 1e-4]), 1, limit_s=1.0)
    assert warm.steady
    assert warm.calls_until_steady is not None
    assert 50 <= warm.calls_until_steady <= 70


def test_warm_up_gives_up_when_it_never_gets_steady(clock: Clock) -> None:
    growing = [1e-3 * 1.02**n for n in range(400)]
    warm = sampling.warm_up(taking(clock, growing), 1, limit_s=0.3)
    assert not warm.steady
    np.testing.assert_equal(warm.calls_until_steady, None)


def test_sampling_stops_by_time_and_by_number(clock: Clock) -> None:
    fast = sampling.sample(taking(clock, [1e-3]), 0.3, 0.05)
    assert len(fast.samples_s) in (50, 51)
    few = sampling.sample(taking(clock, [1e-3]), 0.3, 0.05, 7)
    np.testing.assert_equal(len(few.samples_s), 7)
    slow = sampling.sample(taking(clock, [2.0]), 0.3, 0.05)
    np.testing.assert_equal(len(slow.samples_s), 3)
    np.testing.assert_allclose(slow.median_s, 2.0)


@pytest.mark.parametrize("loops", [1, 2, 100])
def test_the_clock_is_read_before_the_calls_and_after_them(clock: Clock, loops: int) -> None:
    """Nothing but calls stands between; ``tools/evidence/bench_overhead.py`` has the rest."""
    read: list[float] = []

    def reading() -> int:
        read.append(clock.now)
        return round(clock.now * 1e9)

    clock.perf_counter_ns = reading  # type: ignore[method-assign]
    sampling.timed(taking(clock, [0.5]), loops)
    np.testing.assert_equal(read, [0.0, 0.5 * loops])
