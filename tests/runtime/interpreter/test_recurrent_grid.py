"""RNN, GRU and LSTM in float64 against a slow loop, over a grid of all their options."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .node_case import Case, plain, prepared
from .recurrent_cases import DIRECTIONS, LENGTHS, OPS, grid, random_case
from .recurrent_oracle import recurrent_oracle

SEEDS = 6
"""Random cases per combination: 3024 cases in all."""


def check(case: Case) -> None:
    expected = recurrent_oracle(case.op, case.inputs, case.attributes)
    for run in (plain, prepared):
        for got, wanted in zip(run(case), expected, strict=True):
            assert got.dtype == np.float64
            np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12, err_msg=str(case))


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("op", OPS)
def test_agrees_with_a_slow_loop(op: str, direction: str, lengths: str) -> None:
    for case in grid(op, direction, lengths, SEEDS):
        check(case)


@given(
    seed=st.integers(0, 2**32 - 1),
    op=st.sampled_from(OPS),
    direction=st.sampled_from(DIRECTIONS),
    lengths=st.sampled_from(LENGTHS),
    layout=st.sampled_from([0, 1]),
    clip=st.one_of(st.none(), st.floats(0, 5, width=32)),
    custom=st.booleans(),
    peephole=st.booleans(),
    flag=st.sampled_from([0, 1]),
)
@settings(max_examples=200, deadline=None)
def test_agrees_with_a_slow_loop_whatever_the_options(seed: int, op: str, **options: Any) -> None:
    check(random_case(np.random.default_rng(seed), op, **options))
