"""Where onnxruntime (CPU, 1.32) and onnx.reference (1.23) leave Conv and pooling as specified.

Every row of the tables is a fact that is asserted: a test fails when the other side is mended,
and the row can go.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from .node_case import Case, onnxruntime, plain, reference

pytest.importorskip("onnxruntime")


def make(op: str, *shapes: tuple[int, ...], **attributes: Any) -> Case:
    rng = np.random.default_rng(1)
    return Case(op, 22, attributes, [rng.standard_normal(s).astype("float32") for s in shapes])


def pool(op: str, *spatial: int, batch: int = 1, **attributes: Any) -> Case:
    return make(op, (batch, 1, *spatial), **attributes)


def conv_transpose(**attributes: Any) -> Case:
    return make("ConvTranspose", (1, 2, 4), (2, 1, 2), **attributes)


REFUSED_BY_ONNXRUNTIME = {
    "Conv dilations with SAME": make(
        "Conv", (1, 1, 5), (1, 1, 2), auto_pad="SAME_UPPER", dilations=[2]
    ),
    # The padding that gives ceil(in / stride) windows is below 0; 0 is meant.
    "AveragePool-11 strides beyond the kernel with SAME": replace(
        pool("AveragePool", 6, kernel_shape=[1], strides=[3], auto_pad="SAME_UPPER"), opset=11
    ),
}
WRONG_IN_ONNXRUNTIME = {
    # The output is said to be input * stride; onnxruntime stops where the full result ends.
    "ConvTranspose SAME beyond the full result": conv_transpose(strides=[3], auto_pad="SAME_UPPER"),
    # The formula for VALID with ceil_mode gives the number of windows that fit.
    "AveragePool VALID with ceil_mode": pool(
        "AveragePool", 4, kernel_shape=[3], strides=[2], auto_pad="VALID", ceil_mode=1
    ),
    # The dilation does not enter the padding.
    "MaxPool dilations with SAME": pool(
        "MaxPool", 5, kernel_shape=[2], dilations=[2], auto_pad="SAME_UPPER"
    ),
    "LpPool strides beyond the kernel with SAME": pool(
        "LpPool", 6, kernel_shape=[1], strides=[3], auto_pad="SAME_UPPER"
    ),
}
REFUSED_BY_REFERENCE = {
    "AveragePool ceil_mode with VALID": pool(
        "AveragePool", 5, kernel_shape=[2], auto_pad="VALID", ceil_mode=1
    ),
    "ConvTranspose group": make("ConvTranspose", (2, 4, 1), (4, 1, 2), group=2),
    "MaxPool one padded axis": pool("MaxPool", 6, kernel_shape=[3], pads=[2, 0]),
    "LpPool strides beyond the kernel with SAME": pool(
        "LpPool", 6, kernel_shape=[1], strides=[3], auto_pad="SAME_UPPER"
    ),
}
WRONG_IN_REFERENCE = {
    # The indices do not count the planes before.
    "MaxPool indices of a second plane": pool("MaxPool", 4, batch=2, kernel_shape=[2]),
    "LpPool dilations with VALID": pool(
        "LpPool", 9, kernel_shape=[4], strides=[3], dilations=[2], auto_pad="VALID"
    ),
    "LpPool ceil_mode": pool("LpPool", 5, kernel_shape=[2], strides=[2], ceil_mode=1),
    "ConvTranspose output_padding with output_shape": make(
        "ConvTranspose", (2, 2, 2), (2, 1, 2), strides=[2], output_padding=[1], output_shape=[4]
    ),
}


def agree(case: Case, others: list[Any]) -> bool:
    pairs = list(zip(plain(case), others, strict=True))
    return all(a.shape == b.shape and np.allclose(a, b, atol=1e-4) for a, b in pairs)


@pytest.mark.parametrize("case", REFUSED_BY_ONNXRUNTIME.values(), ids=REFUSED_BY_ONNXRUNTIME)
def test_onnxruntime_refuses(case: Case) -> None:
    plain(case)
    with pytest.raises(Exception, match="ONNXRuntimeError"):
        onnxruntime(case)


@pytest.mark.parametrize("case", WRONG_IN_ONNXRUNTIME.values(), ids=WRONG_IN_ONNXRUNTIME)
def test_onnxruntime_computes_something_else(case: Case) -> None:
    assert not agree(case, onnxruntime(case))


@pytest.mark.parametrize("case", REFUSED_BY_REFERENCE.values(), ids=REFUSED_BY_REFERENCE)
def test_reference_refuses(case: Case) -> None:
    plain(case)
    reasons = "not supported with auto_pad|cannot reshape|out of bounds|negative values"
    with pytest.raises((AssertionError, ValueError, IndexError), match=reasons):
        reference(case)


@pytest.mark.parametrize("case", WRONG_IN_REFERENCE.values(), ids=WRONG_IN_REFERENCE)
def test_reference_computes_something_else(case: Case) -> None:
    assert not agree(case, reference(case))


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool", "LpPool"])
def test_all_agree_on_a_plain_pooling(op: str) -> None:
    case = pool(op, 6, 6, kernel_shape=[2, 2], strides=[2, 2])
    assert agree(case, onnxruntime(case))
    assert agree(case, reference(case))
