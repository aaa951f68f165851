"""Conv and ConvTranspose in float64 against slow loops, in float32 against onnxruntime."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .node_case import Case, onnxruntime, plain
from .windows_cases import conv_case, conv_transpose_case
from .windows_oracle import conv_oracle, conv_transpose_oracle

CASES = 60
"""Cases per block; there are ten blocks of each operator."""
MAKE = {"Conv": conv_case, "ConvTranspose": conv_transpose_case}
ORACLE = {"Conv": conv_oracle, "ConvTranspose": conv_transpose_oracle}


def check(case: Case) -> None:
    X, W, B = [*case.inputs, None][:3]
    assert X is not None
    assert W is not None
    (got,) = plain(case)
    wanted = ORACLE[case.op](X, W, B, case.attributes)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12, err_msg=str(case))


@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("op", MAKE)
def test_agrees_with_a_slow_loop(op: str, block: int) -> None:
    rng = np.random.default_rng(block)
    for _ in range(CASES):
        check(MAKE[op](rng))


@given(seed=st.integers(0, 2**32 - 1), op=st.sampled_from(sorted(MAKE)))
@settings(max_examples=100, deadline=None)
def test_agrees_with_a_slow_loop_whatever_the_seed(seed: int, op: str) -> None:
    check(MAKE[op](np.random.default_rng(seed)))


def onnxruntime_agrees(case: Case) -> bool:
    """Whether the case lies outside the disagreements of `test_windows_disagreements`."""
    same = case.attributes.get("auto_pad", "").startswith("SAME")
    if case.op == "Conv":
        return not (same and max(case.attributes.get("dilations", [1])) > 1)
    return not (same and "output_shape" not in case.attributes)


@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("op", MAKE)
def test_agrees_with_onnxruntime(op: str, block: int) -> None:
    pytest.importorskip("onnxruntime")
    rng, compared = np.random.default_rng(block), 0
    for _ in range(CASES):
        case = MAKE[op](rng).astype("float32")
        if not onnxruntime_agrees(case):
            continue
        compared += 1
        (got,), (wanted,) = plain(case), onnxruntime(case)
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-4, err_msg=str(case))
    assert compared > CASES // 2
