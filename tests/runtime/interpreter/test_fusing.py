"""Nodes that the convolution before them computes: the same values, and only where nobody looks."""

from typing import Any

import numpy as np
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter.alive import made
from onnxwright.runtime.interpreter.kernels.convolution import finishing, gathered, prepared
from onnxwright.runtime.interpreter.run_limits import RunLimits

from .node_case import Array

RANDOM = np.random.default_rng(3)
CHANNELS = 12
NORMAL = "BatchNormalization(%s, scale, shift, mean, variance)"
AFTER = {
    "Relu": "y = Relu(c)",
    "Sigmoid": "y = Sigmoid(c)",
    "Tanh": "y = Tanh(c)",
    "LeakyRelu": "y = LeakyRelu(c)",
    "LeakyRelu, its own alpha": "y = LeakyRelu <alpha = 0.3> (c)",
    "HardSigmoid": "y = HardSigmoid(c)",
    "HardSigmoid, its own line": "y = HardSigmoid <alpha = 0.3, beta = 0.4> (c)",
    "HardSwish": "y = HardSwish(c)",
    "Clip": "y = Clip(c, low, high)",
    "normalized": f"y = {NORMAL % 'c'}",
    "normalized by its own epsilon": (
        "y = BatchNormalization <epsilon = 0.5> (c, scale, shift, mean, variance)"
    ),
    "normalized, then clipped": f"n = {NORMAL % 'c'} y = Clip(n, low, high)",
    "normalized twice": f"n = {NORMAL % 'c'} y = {NORMAL % 'n'}",
    "normalized, clipped, normalized": (f"n = {NORMAL % 'c'} r = Relu(n) y = {NORMAL % 'r'}"),
}
LEFT = {
    "an alpha above 1": "y = LeakyRelu <alpha = 2.0> (c)",
    "one bound": "y = Clip(c, low)",
    "bounds that are inputs": "y = Clip(c, given, high)",
    "bounds that are computed": "b = Neg(given) y = Clip(c, b, high)",
    "statistics that are computed": (
        "m = Mul(mean, given) y = BatchNormalization(c, scale, shift, m, variance)"
    ),
    "read twice": "a = Relu(c) y = Add(a, c)",
    "an output": "y = Relu(c) also = Neg(y)",
    "read by a body": (
        "a = Relu(c) y = If <then_branch = t () => (float[k] z) { z = Add(a, c) },"
        " else_branch = e () => (float[k] w) { w = Neg(a) }> (flag)"
    ),
}


def floats(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def weights(kind: str, size: int) -> Array:
    return floats(CHANNELS, 1 if kind == "depthwise" else CHANNELS, size, size)


def built(after: str, W: Array, *, bias: bool, outputs: str = "float[m] y") -> onnx.ModelProto:
    group, pad = CHANNELS // W.shape[1], W.shape[2] // 2
    model = onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 16]>
        g (float[a, b, c, d] x, float given) => ({outputs}) {{
            c = Conv <group = {group}, pads = [{pad}, {pad}, {pad}, {pad}]> (x, W{", B" * bias})
            {after}
        }}"""
    )
    arrays: dict[str, Any] = {
        "W": W,
        "B": floats(CHANNELS),
        "low": np.float32(-0.5),
        "high": np.float32(0.75),
        "flag": np.array(True),
        "variance": 0.5 + np.abs(floats(CHANNELS)),
    } | {name: floats(CHANNELS) for name in ("scale", "shift", "mean")}
    for name, value in arrays.items():
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return model


def steps(runner: NumpyRunner, *outputs: str) -> list[str]:
    return [row.step.node.op_type for row in made(runner._schedule(outputs or ("y",)).rows)]


def check(model: onnx.ModelProto, *shape: int) -> None:
    feeds = {"x": floats(*shape), "given": np.array(-0.25, "float32")}
    (got,) = NumpyRunner(model).run(feeds, outputs=["y"]).values()
    (wanted,) = NumpyRunner(model, dtype="float64").run(feeds, outputs=["y"]).values()
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("bias", [False, True], ids=["plain", "bias"])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("kind", ["dense", "depthwise"])
@pytest.mark.parametrize("after", AFTER)
def test_one_step_computes_the_same(after: str, kind: str, size: int, bias: bool) -> None:
    model = built(AFTER[after], weights(kind, size), bias=bias)
    assert steps(NumpyRunner(model)) == ["Conv"]
    check(model, 2, CHANNELS, 9, 7)


@pytest.mark.parametrize("name", ["SHORT", "BLOCK", "FOLDED"])
@pytest.mark.parametrize("kind", ["dense", "depthwise"])
@pytest.mark.parametrize("size", [1, 3])
def test_in_blocks(name: str, kind: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short blocks, vectors that are not repeated, weights too large to be copied."""
    monkeypatch.setattr(prepared if name == "FOLDED" else finishing, name, 1)
    if name == "BLOCK":
        monkeypatch.setattr(gathered, "BLOCK", 1)
        monkeypatch.setattr(gathered, "LEAST", 5)
        monkeypatch.setattr(gathered, "ROOM", 500)
    for after in AFTER.values():
        check(built(after, weights(kind, size), bias=True), 2, CHANNELS, 5, 6)


@pytest.mark.parametrize("after", LEFT)
def test_what_is_left_alone(after: str) -> None:
    outputs = "float[m] y, float[n] also" if after == "an output" else "float[m] y"
    model = built(LEFT[after], weights("dense", 3), bias=True, outputs=outputs)
    names = ("y", "also") if after == "an output" else ("y",)
    assert len(steps(NumpyRunner(model), *names)) == len(model.graph.node) - (after == "an output")
    check(model, 2, CHANNELS, 5, 6)


def test_who_asks_for_the_values_between_gets_them() -> None:
    model = built(AFTER["normalized, then clipped"], weights("dense", 3), bias=True)
    runner, wide = NumpyRunner(model), NumpyRunner(model, dtype="float64")
    feeds = {"x": floats(1, CHANNELS, 6, 6), "given": np.array(0, "float32")}
    names = ["c", "n", "y"]
    assert steps(runner, *names) == ["Conv", "BatchNormalization", "Clip"]
    assert steps(wide) == ["Conv", "BatchNormalization", "Clip"]
    got, wanted = runner.run(feeds, outputs=names), wide.run(feeds, outputs=names)
    for name in names:
        np.testing.assert_allclose(got[name], wanted[name], rtol=1e-5, atol=2e-5)


def test_a_fault_names_the_convolution() -> None:
    model = built(AFTER["Relu"], weights("dense", 3), bias=True)
    feeds = {"x": floats(1, CHANNELS + 1, 6, 6), "given": np.array(0, "float32")}
    with pytest.raises(Exception, match=r"Conv, opset 16\) in graph 'g': ValueError: with group 1"):
        NumpyRunner(model).run(feeds)


def test_a_limit_holds() -> None:
    model = built(AFTER["Relu"], weights("dense", 1), bias=True)
    runner = NumpyRunner(model, limits=RunLimits(memory=2**20, steps=9))
    feeds = {"x": floats(2, CHANNELS, 128, 128), "given": np.array(0, "float32")}
    with pytest.raises(Exception, match="but the memory limit is 1 MiB for one array"):
        runner.run(feeds)
