"""Entries of a state that are called otherwise than PyTorch calls them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    RNNWeights,
)
from onnxwright.graphs.errors import GraphError, WeightError
from onnxwright.graphs.spec import read_network

RANDOM = np.random.default_rng(0)
LSTM_NAMES = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b_x", "bias_hh": "b_h"}


def array(*shape: int) -> Any:
    return RANDOM.random(shape).astype("f4")


def recurrent(blocks: int) -> dict[str, Any]:
    rows = blocks * 4
    return {
        "weight_ih_l0": array(rows, 3),
        "weight_hh_l0": array(rows, 4),
        "bias_ih_l0": array(rows),
        "bias_hh_l0": array(rows),
    }


PLAIN: dict[str, tuple[Any, dict[str, Any]]] = {
    "dense": (DenseWeights, {"weight": array(4, 3), "bias": array(4)}),
    "conv": (ConvWeights, {"weight": array(4, 3, 5), "bias": array(4)}),
    "norm": (
        BatchNormWeights,
        {n: array(4) for n in ("weight", "bias", "running_mean", "running_var")},
    ),
    "rnn": (RNNWeights, recurrent(1)),
    "gru": (GRUWeights, recurrent(3)),
    "lstm": (LSTMWeights, recurrent(4)),
}


@pytest.mark.parametrize("prefix", ["", "enc"])
@pytest.mark.parametrize("name", PLAIN)
def test_every_container_takes_other_names(name: str, prefix: str) -> None:
    kind, state = PLAIN[name]
    other = {f"{prefix}.x{n}" if prefix else f"x{n}": a for n, a in enumerate(state.values())}
    names = {own: f"x{n}" for n, own in enumerate(state)}
    made, wanted = kind.from_torch(other, prefix, names=names), kind.from_torch(state)
    np.testing.assert_equal(made.arrays(), wanted.arrays())


def test_names_without_a_number_and_whole_names() -> None:
    state = PLAIN["lstm"][1]
    other = {"W_x": state["weight_ih_l0"], "W_h": state["weight_hh_l0"]}
    other |= {"b_x": state["bias_ih_l0"], "b_h": state["bias_hh_l0"]}
    made = LSTMWeights.from_torch(other, "encoder", names=LSTM_NAMES)
    np.testing.assert_equal(made.arrays(), LSTMWeights.from_torch(state).arrays())


def test_names_of_the_backward_direction() -> None:
    state = PLAIN["gru"][1]
    both = state | {f"{name}_reverse": value + 1 for name, value in state.items()}
    renamed = {name.replace("_l0", "").replace("_reverse", "_back"): a for name, a in both.items()}
    names = {name: name.replace("_reverse", "_back") for name in BOTH}
    made = GRUWeights.from_torch(renamed, names=names)
    np.testing.assert_equal(made.arrays(), GRUWeights.from_torch(both).arrays())


ENTRIES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
BOTH = [f"{name}{end}" for name in ENTRIES for end in ("", "_reverse")]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            {"kernel": "w"},
            r"names has 'kernel': 'w', needs one of PyTorch's .*\nentries: weight, bias",
        ),
        (
            {"weight": 3},
            r"names has 'weight': 3, needs one of PyTorch's entries and its name in the",
        ),
        ({"weight": "w", "bias": "bb"}, r"there is no array 'fc.bb' among the 2 given\nnear it: "),
        ({"weight": "b"}, r"from_torch: fc.b has shape \[4\], needs \[out, in\]: a Linear"),
    ],
)
def test_names_that_are_wrong_are_told(names: Any, said: str) -> None:
    state = {"fc.w": array(4, 3), "fc.b": array(4)}
    with pytest.raises(WeightError, match=said):
        DenseWeights.from_torch(state, "fc", names=names)


FILE = """
[inputs]
x = "batch 3"

[[layer]]
kind = "dense"
weights = {{ from = "torch", prefix = "fc", names = {names} }}
name = "head"

[outputs]
y = "head"
"""


def read(tmp_path: Path, names: str) -> Any:
    (tmp_path / "net.toml").write_text(FILE.format(names=names))
    return read_network(tmp_path / "net.toml", {"fc.w": array(4, 3), "fc.b": array(4)})


def test_a_network_file_takes_other_names(tmp_path: Path) -> None:
    model = read(tmp_path, '{ weight = "w", bias = "b" }').build()
    np.testing.assert_equal(len(model.graph.initializer), 2)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            '{ weight = "w", bia = "b" }',
            r"net.toml:7: .*names has 'bia': 'b', needs one of PyTorch's",
        ),
        ('"w"', r"net.toml:7: .*key 'names': is 'w', needs a table of text"),
        ("{ weight = 3 }", r"net.toml:7: .*key 'names': is .*, needs a table of text"),
    ],
)
def test_wrong_names_in_a_network_file_are_told(names: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=said):
        read(tmp_path, names)
