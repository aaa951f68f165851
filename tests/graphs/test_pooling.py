"""Pools whose windows reach over the end: the same with fixed dims, open dims and by the loops."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import Network
from onnxwright.graphs.builder.opsets import NEWEST_OPSET

from .test_forms import TOLERANCES

SIZES = ((9, 8), (5, 6))
CASES = [
    (layer, size, {"kernel": kernel, "strides": strides, "pads": pads, "ceil": True, **more})
    for size, kernel, strides, pads in product(SIZES, (2, 3), (2, 3), (0, 1))
    for layer, more in (
        ("max_pool", {}),
        ("max_pool", {"dilations": 2}),
        ("average_pool", {}),
        ("average_pool", {"count_include_pad": True}),
    )
]


def pooled(
    layer: str, size: tuple[int, int], options: dict[str, Any], dims: Any, opset: int, on: str
) -> Any:
    net = Network("net", opset=opset)
    net.output("y", getattr(net, layer)(net.input("x", dims), **options))
    x = np.random.default_rng(0).normal(size=(2, 3, *size)).astype(np.float32)
    return runtime.load(net.build(), on=on).run({"x": x})["y"]


@pytest.mark.parametrize("opset", [13, NEWEST_OPSET])
@pytest.mark.parametrize("on", TOLERANCES)
@pytest.mark.parametrize(("layer", "size", "options"), CASES)
def test_fixed_dims_give_what_open_ones_do(
    layer: str, size: tuple[int, int], options: dict[str, Any], opset: int, on: str
) -> None:
    fixed = pooled(layer, size, options, ("batch", 3, *size), opset, on)
    opened = pooled(layer, size, options, "batch 3 h w", opset, "numpy:float64")
    np.testing.assert_allclose(fixed, opened, rtol=0, atol=TOLERANCES[on])
