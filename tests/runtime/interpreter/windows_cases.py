"""Generated single-node cases of convolution and pooling, over all their options."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .node_case import Case

Array = NDArray[Any]

CONV_OPSETS = (7, 11, 22)
POOL_OPSETS = {
    "MaxPool": (8, 10, 11, 12, 22),
    "AveragePool": (7, 10, 11, 19, 22),
    "LpPool": (2, 11, 18, 22),
}
MODES = ("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


def _ints(rng: np.random.Generator, low: int, high: int, count: int) -> list[int]:
    return [int(n) for n in rng.integers(low, high + 1, count)]


def windowing(
    rng: np.random.Generator, rank: int, *, ceil: bool, dilated: bool
) -> tuple[dict[str, Any], list[int], list[int]]:
    """Return attributes, a kernel, and an input's spatial size that at least one window fits."""
    kernel = _ints(rng, 1, 3 if rank > 1 else 5, rank)
    options: dict[str, Any] = {}
    if rng.random() < 0.7:
        options["strides"] = _ints(rng, 1, 3, rank)
    if dilated and rng.random() < 0.5:
        options["dilations"] = _ints(rng, 1, 2, rank)
    if ceil and rng.random() < 0.5:
        options["ceil_mode"] = 1
    dilations = options.get("dilations", [1] * rank)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    mode = str(rng.choice(MODES))
    if mode != "NOTSET":
        options["auto_pad"] = mode
    elif rng.random() < 0.7:
        # Below the kernel's size: onnxruntime refuses windows that lie wholly in the padding.
        options["pads"] = [int(rng.integers(0, k)) for k in [*kernel, *kernel]]
    spatial = [span + int(rng.integers(0, 4)) for span in spans]
    return options, kernel, spatial


def conv_case(rng: np.random.Generator) -> Case:
    """Return a random Conv of one to three spatial axes."""
    rank, group = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    options, kernel, spatial = windowing(rng, rank, ceil=False, dilated=True)
    batch, each, features = _ints(rng, 1, 3, 3)
    options |= {"group": group} if group > 1 or rng.random() < 0.3 else {}
    options |= {"kernel_shape": kernel} if rng.random() < 0.5 else {}
    inputs: list[Array | None] = [
        rng.standard_normal((batch, each * group, *spatial)),
        rng.standard_normal((features * group, each, *kernel)),
    ]
    if rng.random() < 0.5:
        inputs.append(rng.standard_normal(features * group))
    return Case("Conv", int(rng.choice(CONV_OPSETS)), options, inputs)


def conv_transpose_case(rng: np.random.Generator) -> Case:
    """Return a random ConvTranspose of one to three spatial axes."""
    rank, group = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    kernel, spatial = _ints(rng, 1, 3, rank), _ints(rng, 1, 4, rank)
    strides, dilations = _ints(rng, 1, 3, rank), _ints(rng, 1, 2, rank)
    options: dict[str, Any] = {"strides": strides, "dilations": dilations}
    options |= {"group": group} if group > 1 else {}
    extra = [int(rng.integers(0, s)) for s in strides]
    if rng.random() < 0.5:
        options["output_padding"] = extra
    padded = options.get("output_padding", [0] * rank)
    full = [
        s * (n - 1) + e + (k - 1) * d + 1
        for s, n, e, k, d in zip(strides, spatial, padded, kernel, dilations, strict=True)
    ]
    choice = rng.random()
    if choice < 0.3:
        options["pads"] = [int(rng.integers(0, (n - 1) // 2 + 1)) for n in [*full, *full]]
    elif choice < 0.5:
        options["output_shape"] = [int(rng.integers(max(1, n - 3), n + 1)) for n in full]
    elif choice < 0.8:
        options["auto_pad"] = str(rng.choice(["VALID", "SAME_UPPER", "SAME_LOWER"]))
    batch, each, features = _ints(rng, 1, 2, 3)
    inputs: list[Array | None] = [
        rng.standard_normal((batch, each * group, *spatial)),
        rng.standard_normal((each * group, features, *kernel)),
    ]
    if rng.random() < 0.5:
        inputs.append(rng.standard_normal(features * group))
    return Case("ConvTranspose", int(rng.choice(CONV_OPSETS)), options, inputs)


def pool_case(rng: np.random.Generator, op: str) -> Case:
    """Return a random MaxPool, AveragePool or LpPool of one to three spatial axes."""
    rank, opset = int(rng.integers(1, 4)), int(rng.choice(POOL_OPSETS[op]))
    ceil = opset >= {"MaxPool": 10, "AveragePool": 10, "LpPool": 18}[op]
    dilated = opset >= {"MaxPool": 10, "AveragePool": 19, "LpPool": 18}[op]
    options, kernel, spatial = windowing(rng, rank, ceil=ceil, dilated=dilated)
    options["kernel_shape"] = kernel
    if op == "AveragePool" and rng.random() < 0.5:
        options["count_include_pad"] = 1
    if op == "MaxPool" and rng.random() < 0.3:
        options["storage_order"] = 1
    if op == "LpPool" and rng.random() < 0.7:
        options["p"] = int(rng.integers(1, 4))
    batch, channels = _ints(rng, 1, 2, 2)
    # Small integers, so that equal maxima happen.
    x = rng.integers(-4, 5, (batch, channels, *spatial)).astype("float64")
    return Case(op, opset, options, [x])
