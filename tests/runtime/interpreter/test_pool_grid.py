"""MaxPool, AveragePool and LpPool in float64 against slow loops, in float32 against onnxruntime."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .node_case import Case, onnxruntime, plain
from .windows_cases import POOL_OPSETS, pool_case
from .windows_oracle import pool_oracle

CASES = 60
"""Cases per block; there are ten blocks of each operator."""
OPS = sorted(POOL_OPSETS)


def check(case: Case) -> None:
    X = case.inputs[0]
    assert X is not None
    for got, wanted in zip(plain(case), pool_oracle(case.op, X, case.attributes), strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12, err_msg=str(case))


@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("op", OPS)
def test_agrees_with_a_slow_loop(op: str, block: int) -> None:
    rng = np.random.default_rng(block)
    for _ in range(CASES):
        check(pool_case(rng, op))


@given(seed=st.integers(0, 2**32 - 1), op=st.sampled_from(OPS))
@settings(max_examples=100, deadline=None)
def test_agrees_with_a_slow_loop_whatever_the_seed(seed: int, op: str) -> None:
    check(pool_case(np.random.default_rng(seed), op))


def onnxruntime_agrees(case: Case) -> bool:
    """Whether the case lies outside the disagreements of `test_windows_disagreements`."""
    mode, options = case.attributes.get("auto_pad", "NOTSET"), case.attributes
    kernel = options["kernel_shape"]
    if mode == "VALID":
        return not options.get("ceil_mode")
    if mode == "NOTSET":
        return True
    strides = options.get("strides", [1])
    return bool(max(options.get("dilations", [1])) == 1 and max(strides) <= min(kernel))


@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("op", OPS)
def test_agrees_with_onnxruntime(op: str, block: int) -> None:
    pytest.importorskip("onnxruntime")
    rng, compared = np.random.default_rng(block), 0
    for _ in range(CASES):
        case = pool_case(rng, op).astype("float32")
        if not onnxruntime_agrees(case):
            continue
        compared += 1
        for got, wanted in zip(plain(case), onnxruntime(case), strict=True):
            assert got.dtype == wanted.dtype
            np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-4, err_msg=str(case))
    assert compared > CASES // 2
