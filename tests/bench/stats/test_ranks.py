import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright.bench.stats import Ratio, independent_ratio, paired_ratio
from onnxwright.bench.stats.ranks import (
    _Law,
    _rank_sum_law,
    _signed_rank_law,
    centre,
    shift,
)


def chances(law: _Law) -> NDArray[np.float64]:
    assert law.below is not None
    return law.below


def test_the_signed_rank_law_is_that_of_all_signs() -> None:
    sums = [
        sum(rank for rank, up in enumerate(signs, 1) if up)
        for signs in itertools.product((False, True), repeat=7)
    ]
    expected = np.cumsum(np.bincount(sums)) / len(sums)
    np.testing.assert_allclose(chances(_signed_rank_law(7)), expected, rtol=1e-15)


def test_the_rank_sum_law_is_that_of_all_arrangements() -> None:
    ranks = range(7)  # four of the one side, three of the other
    values = [
        sum(rank > other for rank in mine for other in ranks if other not in mine)
        for mine in itertools.combinations(ranks, 4)
    ]
    expected = np.cumsum(np.bincount(values)) / len(values)
    np.testing.assert_allclose(chances(_rank_sum_law(4, 3)), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("law", "sizes", "rank"),
    [  # one more than the critical values in the book's tables, for 2.5 % on a side
        (_signed_rank_law, (5,), 0),
        (_signed_rank_law, (6,), 1),
        (_signed_rank_law, (10,), 9),
        (_signed_rank_law, (20,), 53),
        (_rank_sum_law, (3, 3), 0),
        (_rank_sum_law, (6, 6), 6),
        (_rank_sum_law, (10, 10), 24),
        (_rank_sum_law, (6, 20), 28),
    ],
)
def test_ranks_are_those_of_the_tables(
    law: Callable[..., _Law], sizes: tuple[int, ...], rank: int
) -> None:
    np.testing.assert_equal(law(*sizes).rank(0.025), rank)


@pytest.mark.parametrize(("law", "sizes"), [(_signed_rank_law, (60,)), (_rank_sum_law, (60, 60))])
def test_the_normal_law_gives_the_same_ranks_where_it_takes_over(
    law: Callable[..., _Law], sizes: tuple[int, ...]
) -> None:
    exact = law(*sizes)
    assert exact.below is not None
    np.testing.assert_equal(exact._replace(below=None).rank(0.025), exact.rank(0.025))
    np.testing.assert_equal(law(*(size + 1 for size in sizes)).below, None)
    np.testing.assert_equal(law(*sizes[1:], sizes[0] + 1).below, None)


def test_the_interval_is_of_95_per_cent() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])
    np.testing.assert_equal(centre(values), centre(values, 0.95))
    np.testing.assert_equal(shift(values, -values), shift(values, -values, 0.95))
    assert centre(values) != centre(values, 0.8)


def test_few_values_give_the_least_and_the_greatest() -> None:
    np.testing.assert_equal(centre(np.array([1.0, 2.0, 9.0])), (3.5, 1.0, 9.0))
    np.testing.assert_equal(shift(np.array([1.0, 2.0, 9.0]), np.zeros(3)), (2.0, 1.0, 9.0))


@pytest.mark.parametrize("size", [6, 10, 20])
@pytest.mark.parametrize("ratio", [paired_ratio, independent_ratio])
def test_intervals_cover_the_ratio_as_often_as_they_say(
    ratio: Callable[..., Ratio], size: int
) -> None:
    """Skewed noise, since that is where a bootstrap's interval is too narrow."""
    random, held = np.random.default_rng(4), 0
    for _ in range(1500):
        new, old = np.exp(random.exponential(0.02, (2, size)))
        found = ratio(1.05 * new, old)
        held += found.low <= 1.05 <= found.high
    assert 0.94 <= held / 1500 <= 0.99, held


def test_many_processes_take_little_time_and_memory() -> None:
    random = np.random.default_rng(5)
    new, old = np.exp(random.normal(0, 0.02, (2, 2000)))
    assert paired_ratio(new, old).half_width < 0.003
    assert independent_ratio(new, old).half_width < 0.003
