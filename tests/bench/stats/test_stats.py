import math

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.stats import (
    Ratio,
    break_even,
    independent_ratio,
    judge,
    median_interval,
    paired_ratio,
    quantile_interval,
    smallest_sample,
    supported_percentiles,
)


@pytest.mark.parametrize(
    ("quantile", "needed"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3688)]
)
def test_an_interval_exists_from_the_smallest_sample_on(quantile: float, needed: int) -> None:
    np.testing.assert_equal(smallest_sample(quantile), needed)
    np.testing.assert_equal(quantile_interval(np.arange(needed - 1), quantile), None)
    assert quantile_interval(np.arange(needed), quantile) is not None


@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_intervals_cover_the_quantile_as_often_as_they_say(quantile: float) -> None:
    random = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        interval = quantile_interval(random.uniform(size=60), quantile)
        assert interval is not None
        hits += interval[0] <= quantile <= interval[1]
    assert 0.94 <= hits / 2000 <= 0.99, hits


def test_median_interval_of_known_ranks() -> None:
    # For n = 20 the ranks are 6 and 15: P(B <= 5) = 0.0207, P(B <= 6) = 0.0577, B ~ Bin(20, 1/2).
    np.testing.assert_equal(median_interval(np.arange(1, 21)), (6.0, 15.0))


def test_a_median_of_five_has_no_interval() -> None:
    with pytest.raises(BenchError, match=r"5 samples support no 95% interval.*needs 6"):
        median_interval([1, 2, 3, 4, 5])


def test_percentiles_only_where_supported() -> None:
    supported = supported_percentiles(np.arange(100))
    np.testing.assert_equal(list(supported), ["p90", "p95"])
    np.testing.assert_allclose(list(supported.values()), [89.1, 94.05])
    np.testing.assert_equal(supported_percentiles(np.arange(35)), {})


def test_ratio_of_exact_multiples_is_exact() -> None:
    ratio = paired_ratio([2, 4, 6], [1, 2, 3])
    np.testing.assert_allclose([ratio.value, ratio.low, ratio.high], 2.0)


def test_half_the_width_is_in_log_units() -> None:
    ratio = paired_ratio([math.e**2] * 3 + [1.0] * 3, [1.0] * 6)
    np.testing.assert_allclose(ratio.half_width, 1.0)


def test_the_smaller_side_counts() -> None:
    ratio = independent_ratio([1.0] * 7, [1.0] * 9)
    np.testing.assert_equal((ratio.value, ratio.pairs), (1.0, 7))


def test_the_shortest_time_is_refused() -> None:
    with pytest.raises(BenchError, match="at least 3 positive times"):
        paired_ratio([1e-100, 2, 3], [1, 2, 3])


def test_the_usual_effect_is_two_per_cent() -> None:
    np.testing.assert_equal(judge(Ratio(1.05, 1.03, 1.07, pairs=10)), "slower")


def test_pairing_removes_what_both_sides_share() -> None:
    random = np.random.default_rng(2)
    shared = np.exp(random.normal(0, 0.2, 12))
    own = np.exp(random.normal(0, 0.01, 12))
    paired, apart = (
        paired_ratio(1.05 * shared * own, shared),
        independent_ratio(1.05 * shared * own, shared),
    )
    assert paired.half_width < 0.02 < apart.half_width
    assert paired.low < 1.05 < paired.high


def test_one_disturbed_process_does_not_move_the_ratio() -> None:
    baseline = np.linspace(1, 1.01, 11)
    times = baseline[::-1].copy()
    times[3] = 9.0
    np.testing.assert_allclose(paired_ratio(times, baseline).value, 1.0, atol=0.01)


@pytest.mark.parametrize(
    ("times", "baseline", "said"),
    [
        ([1, 2], [1, 2], "at least 3 positive times"),
        ([1, 2, 0], [1, 2, 3], "at least 3 positive times"),
        ([1e-310, 2, 3], [1, 2, 3], "at least 3 positive times"),
        ([1, 2, 3, 4], [1, 2, 3], "got 4 and 3"),
        ([1.0] * 2001, [1.0] * 2001, "2000 processes a side at most, got 2001\nrun fewer rounds"),
    ],
)
def test_unfit_times_are_refused(times: list[float], baseline: list[float], said: str) -> None:
    with pytest.raises(BenchError, match=said):
        paired_ratio(times, baseline)


@pytest.mark.parametrize(
    ("low", "high", "pairs", "verdict"),
    [
        (1.021, 1.3, 10, "slower"),
        (1.019, 1.3, 10, "inconclusive"),
        (0.5, 0.98, 10, "faster"),
        (0.5, 0.985, 10, "inconclusive"),
        (0.985, 1.02, 10, "same"),
        (0.9, 1.1, 10, "inconclusive"),
        (1.02, 1.3, 10, "inconclusive"),
        (0.5, 1 / 1.02, 10, "inconclusive"),
        (1 / 1.02, 1.02, 10, "same"),
        (2.0, 3.0, 6, "slower"),
        (2.0, 3.0, 5, "inconclusive"),
    ],
)
def test_verdicts(low: float, high: float, pairs: int, verdict: str) -> None:
    np.testing.assert_equal(judge(Ratio(math.sqrt(low * high), low, high, pairs), 0.02), verdict)


def test_identical_cases_are_seldom_called_different() -> None:
    random = np.random.default_rng(3)
    wrong = 0
    for _ in range(60):
        a, b = np.exp(random.normal(0, 0.021, (2, 10)))
        wrong += judge(paired_ratio(a, b)) in ("faster", "slower")
    assert wrong <= 3, wrong


@pytest.mark.parametrize(
    ("cold", "steady", "expected"),
    [
        (1.0, 0.5, 0),
        (2.0, 0.9, 10),
        (2.0, 1.0, None),
        (2.0, 1.5, None),
        (0.5, 1.0, 0),
        (0.5, 2, None),
    ],
)
def test_break_even(cold: float, steady: float, expected: int | None) -> None:
    np.testing.assert_equal(break_even(cold, steady, 1.0, 1.0), expected)
