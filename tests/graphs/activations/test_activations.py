"""Every activation at every opset, with its defaults and with other parameters."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs import Network
from onnxwright.graphs.activations.notation import CELL_OPS, PARAMETERS, parse_activation
from onnxwright.graphs.builder.opsets import NEWEST_OPSET

from ..oracle import FUNCTIONS, function

OPSETS = range(13, NEWEST_OPSET + 1)
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    # The defaults of the ONNX operators; Clip has none, Affine and ScaledTanh are as in cells.
    "affine": {"alpha": 1, "beta": 0},
    "celu": {"alpha": 1},
    "clip": {"min": 0, "max": 1},
    "elu": {"alpha": 1},
    "hard_sigmoid": {"alpha": float(np.float32(0.2)), "beta": 0.5},
    "leaky_relu": {"alpha": float(np.float32(0.01))},
    "scaled_tanh": {"alpha": 1, "beta": 1},
    "selu": {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875},
    "thresholded_relu": {"alpha": 1},
}
CHANGED: Mapping[str, Mapping[str, float]] = {
    "affine": {"alpha": -0.5, "beta": 0.25},
    "celu": {"alpha": 2.5},
    "clip": {"min": -0.5, "max": 1.5},
    "elu": {"alpha": 0.25},
    "hard_sigmoid": {"alpha": 0.125, "beta": 0.25},
    "leaky_relu": {"alpha": 0.375},
    "scaled_tanh": {"alpha": 1.75, "beta": 0.625},
    "selu": {"alpha": 1.5, "gamma": 1.25},
    "thresholded_relu": {"alpha": 0.5},
}
X = np.linspace(-7, 7, 64).reshape(8, 8).astype(np.float32)
TOLERANCES = {"numpy:float64": 1e-6} | ({"cpu": 1e-5} if find_spec("onnxruntime") else {})
"""Constants such as sqrt(2/pi) are float32 in a float32 net, which float64 cannot make good."""


def written(name: str, parameters: Mapping[str, float]) -> str:
    inner = ", ".join(f"{key} = {value}" for key, value in parameters.items())
    return f"{name}({inner})" if inner else name


@cache
def run(opset: int, on: str) -> dict[str, NDArray[np.float64]]:
    net = Network("activations", opset=opset)
    x = net.input("x", "8 8")
    for name in PARAMETERS:
        net.output(name, net.activation(x, name))
    for name, parameters in CHANGED.items():
        net.output(f"{name}_changed", net.activation(x, written(name, parameters)))
    return runtime.load(net.build(), on=on).run({"x": X})


def test_the_oracle_knows_every_activation() -> None:
    np.testing.assert_equal(sorted(PARAMETERS), sorted(FUNCTIONS))
    np.testing.assert_equal(sorted(DEFAULTS), sorted(k for k, v in PARAMETERS.items() if v))
    np.testing.assert_equal(sorted(CHANGED), sorted(DEFAULTS))


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", PARAMETERS)
def test_an_activation_meets_its_formula(name: str, opset: int) -> None:
    for on, tolerance in TOLERANCES.items():
        for suffix, table in (("", DEFAULTS), ("_changed", CHANGED)):
            if suffix and name not in table:
                continue
            wanted = function(name, **table.get(name, {}))(X.astype(float))
            got = run(opset, on)[name + suffix]
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance, err_msg=on)


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("relu", "relu", {}),
        ("linear", "identity", {}),
        (" tanh ", "tanh", {}),
        ("elu()", "elu", {"alpha": 1.0}),
        ("hard_sigmoid( alpha=.25 ,beta = 1e-1,)", "hard_sigmoid", {"alpha": 0.25, "beta": 0.1}),
        ("hard_sigmoid(beta=1)", "hard_sigmoid", {"alpha": 0.2, "beta": 1.0}),
    ],
)
def test_the_notation(text: str, name: str, parameters: Mapping[str, float]) -> None:
    activation = parse_activation(text)
    np.testing.assert_equal((activation.name, activation.parameters), (name, parameters))
    np.testing.assert_equal(parse_activation(str(activation)), activation)


def test_cell_operators_are_activations() -> None:
    np.testing.assert_equal(sorted(CELL_OPS.keys() - PARAMETERS.keys()), [])


@pytest.mark.skipif(
    not find_spec("onnxruntime"), reason="no onnxruntime: pip install onnxwright[cpu]"
)
@pytest.mark.parametrize(("name", "fused"), [("gelu", "Gelu"), ("gelu_tanh", "FastGelu")])
def test_onnxruntime_makes_one_operator_of_gelu(name: str, fused: str, tmp_path: Path) -> None:
    import onnxruntime

    net = Network("n", opset=17)
    x = net.input("x", "batch 8")
    net.output("y", net.activation(net.activation(x, name), "relu"))
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    model = net.build().SerializeToString()
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    nodes = onnx.load(tmp_path / "optimized.onnx").graph.node
    np.testing.assert_equal([node.op_type for node in nodes], [fused, "Relu"])
