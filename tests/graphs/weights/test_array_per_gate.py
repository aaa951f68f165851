"""One array for each gate, as many sources have them, in place of one joined array."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.graphs import GRUWeights, Layout, LSTMWeights, Network
from onnxwright.graphs.errors import SpecError, WeightError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.weights.arrays import Array

I, H = 3, 4  # noqa: E741
OUTPUT = '[outputs]\ny = "h"\n'
RNG = np.random.default_rng(5)


def of_gates(count: int, *shape: int) -> list[Array]:
    return [RNG.normal(size=shape) for _ in range(count)]


@pytest.mark.parametrize("input_first", [False, True])
def test_arrays_of_gates_are_joined_in_the_layouts_order(input_first: bool) -> None:
    w, r, b, p = of_gates(4, H, I), of_gates(4, H, H), of_gates(4, H), of_gates(3, H)
    turned = [[one.T for one in matrices] if input_first else matrices for matrices in (w, r)]
    layout = Layout("g f i o", input_first=input_first)
    read = LSTMWeights.from_layout(layout, turned[0], turned[1], b, p=p)
    g, f, i, o = range(4)
    order = [i, o, f, g]  # ONNX's
    np.testing.assert_array_equal(read.w[0], np.concatenate([w[k] for k in order]))
    np.testing.assert_array_equal(read.r[0], np.concatenate([r[k] for k in order]))
    assert read.b is not None
    assert read.p is not None
    np.testing.assert_array_equal(read.b[0, : 4 * H], np.concatenate([b[k] for k in order]))
    np.testing.assert_array_equal(read.p[0], np.concatenate([p[1], p[2], p[0]]))  # f i o -> i o f


def test_arrays_of_a_grus_gates_with_two_biases() -> None:
    arrays: dict[str, Any] = {"w": of_gates(3, H, I), "r": of_gates(3, H, H), "b": of_gates(3, H)}
    arrays["rb"] = of_gates(3, H)
    joined = {name: np.concatenate(gates) for name, gates in arrays.items()}
    layout = Layout("r z n", biases=2)
    read = GRUWeights.from_layout(layout, **arrays, reset="after")
    same = GRUWeights.from_layout(layout, **joined, reset="after")
    for name, array in same.arrays().items():
        np.testing.assert_array_equal(read.arrays()[name], array)


def test_a_joined_array_may_be_a_list_of_rows() -> None:
    w, r, b = RNG.normal(size=(4 * H, I)), RNG.normal(size=(4 * H, H)), RNG.normal(size=4 * H)
    read = LSTMWeights.from_layout("i o f c", list(w), r.tolist(), b.tolist())
    same = LSTMWeights.from_layout("i o f c", w, r, b)
    for name, array in same.arrays().items():
        np.testing.assert_array_equal(read.arrays()[name], array)


def test_a_network_file_names_the_array_of_each_gate(tmp_path: Path) -> None:
    arrays = {f"W{g}": RNG.normal(size=(H, I)) for g in "ifgo"}
    arrays |= {f"R{g}": RNG.normal(size=(H, H)) for g in "ifgo"}
    text = """
[inputs]
x = "batch time 3"
[[layer]]
kind = "lstm"
name = "h"
[layer.weights]
from = "layout"
layout = "i f g o"
w = ["Wi", "Wf", "Wg", "Wo"]
r = ["Ri", "Rf", "Rg", "Ro"]
"""
    path = tmp_path / "net.toml"
    path.write_text(text + OUTPUT)
    w, r = (np.concatenate([arrays[name + gate] for gate in "iofg"])[None] for name in "WR")
    net = Network("joined")
    net.output("y", net.lstm(net.input("x", "batch time 3"), LSTMWeights(w, r)).sequence)
    feeds = {"x": RNG.normal(size=(2, 5, I)).astype("float32")}
    given, expected = (
        runtime.load(one.build(), on="numpy").run(feeds)["y"]
        for one in (read_network(path, arrays), net)
    )
    np.testing.assert_array_equal(given, expected)
    path.write_text(text.replace('"Wg"', '"Wx"') + OUTPUT)
    with pytest.raises(SpecError, match=r"no array 'Wx' in the weights"):
        read_network(path, arrays)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"w": of_gates(3, H, I)}, r"w has 3 arrays, needs 4: one for each gate"),
        (
            {"w": [*of_gates(3, H, I), np.ones((H, I + 1))]},
            r"w\[3\] has shape \[4, 4\], needs \[4, 3\]",
        ),
        ({"w": [1.0, 2.0, 3.0, 4.0]}, r"w has shape \[4\], needs \[4H, I\]"),
        ({"p": of_gates(4, H)}, r"p has 4 arrays, needs 3"),
    ],
)
def test_arrays_of_gates_that_do_not_fit(given: dict[str, Any], said: str) -> None:
    arrays = {"w": of_gates(4, H, I), "r": of_gates(4, H, H)} | given
    with pytest.raises(WeightError, match=said):
        LSTMWeights.from_layout("i f o g", **arrays)
