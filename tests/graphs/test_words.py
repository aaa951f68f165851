"""The words of other programs are answered with the names here, in Python and in network files."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import DenseWeights, GraphError, LSTMWeights, Network
from onnxwright.graphs.errors import SpecError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.spec.layers import layer_kinds
from onnxwright.graphs.words import ARGUMENTS, LAYERS, NAMES, WAYS

WORDS = [
    ("linear", "`linear` is called `dense` here"),
    ("conv2d", "`conv2d` is called `conv` here"),
    ("MaxPool2d", "`MaxPool2d` is called `max_pool` here"),
    ("relu", r"`relu` is an activation: activation\(x, 'relu'\)"),
    ("unsqueeze", "reshape with a dim of 1"),
    ("dropout", "leave it out"),
    ("lsmt", r"did you mean 'lstm'\?"),
    ("zzz", "layers: activation, add, average_pool"),
]
KEYS = [
    ("hidden_size", "4", "`hidden_size` comes from the weights: leave it out; known: "),
    ("return_sequences", "true", r"the result has .sequence and .last"),
    ("stateful", "true", "`stateful` is called 'streaming' here"),
    ("batch_first", "true", r"sequences are \[batch, time, features\]"),
    ("nonlinearity", "'tanh'", "is called 'activations' here"),
    ("lenghts", "'x'", r"did you mean 'lengths'\?"),
]


def net() -> Network:
    made = Network("n")
    made.input("x", "batch time 4")
    return made


@pytest.mark.parametrize(("word", "told"), WORDS)
def test_a_layer_of_another_name_in_python(word: str, told: str) -> None:
    with pytest.raises(
        GraphError, match=f"network 'n' has no layer and no method '{word}'\n{told}"
    ):
        getattr(net(), word)


@pytest.mark.parametrize(("word", "told"), WORDS[:-1])
def test_a_kind_of_another_name_in_a_file(word: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(f'inputs.x = "batch 4"\noutputs.y = "a"\n[[layer]]\nkind = "{word}"\n')
    with pytest.raises(SpecError, match=f"'{word}', not a kind of layer\n{told}"):
        read_network(path, {})


def lstm() -> LSTMWeights:
    return LSTMWeights(np.ones((1, 12, 4), np.float32), np.ones((1, 12, 3), np.float32))


@pytest.mark.parametrize(("key", "value", "told"), KEYS)
def test_an_argument_of_another_name_in_python(key: str, value: Any, told: str) -> None:
    made: Any = net()
    with pytest.raises(GraphError, match=rf"lstm: has no argument '{key}'\n.*{told}"):
        made.lstm(made.inputs["x"], lstm(), **{key: value})


@pytest.mark.parametrize(("key", "value", "told"), KEYS)
def test_a_key_of_another_name_in_a_file(key: str, value: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    layer = f'[[layer]]\nkind = "lstm"\nname = "a"\n{key} = {value}\n'
    path.write_text(f'inputs.x = "batch time 4"\noutputs.y = "a"\n{layer}')
    with pytest.raises(SpecError, match=rf"key '{key}': is not known here\n.*{told}"):
        read_network(path, {})


def test_names_and_attributes_that_python_asks_for_are_not_answered() -> None:
    np.testing.assert_equal(hasattr(net(), "__array__"), False)
    np.testing.assert_equal(hasattr(net(), "linear"), False)


def test_every_name_stands_for_a_layer_that_is_there() -> None:
    kinds = layer_kinds()
    np.testing.assert_equal(set(LAYERS) - set(kinds), set())
    np.testing.assert_equal((set(NAMES) | set(WAYS)) & set(kinds), set())


def test_every_named_argument_is_there() -> None:
    known = {name for kind in layer_kinds().values() for name in inspect.signature(kind).parameters}
    named = {told.split("'")[1] for told in ARGUMENTS.values() if told.startswith("is called '")}
    np.testing.assert_equal(named - known, set())


def test_the_signatures_stay_what_they_were() -> None:
    np.testing.assert_equal(
        list(inspect.signature(Network.dense).parameters)[1:3], ["x", "weights"]
    )
    made = Network("n")
    y = made.dense(made.input("x", "batch 4"), DenseWeights(np.ones((2, 4))), activation="relu")
    np.testing.assert_equal(y.dims, ("batch", 2))


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_recurrent_layer_documents_its_arguments_and_the_parts_of_its_result(kind: str) -> None:
    told = inspect.getdoc(getattr(Network, kind)) or ""
    for name in inspect.signature(getattr(Network, kind)).parameters:
        if name not in ("self", "coupled"):
            assert f"\n{name}\n" in told, name
    for part in ("sequence", "last", "state"):
        assert f"`{part}`" in told, part


@pytest.mark.parametrize(
    ("layer", "word", "said"),
    [
        ("layer_norm", "eps", "`eps` is called 'epsilon' here"),
        ("batch_norm", "eps", "`eps` belongs to the weights"),
        ("dense", "nonlinearity", "`nonlinearity` is called 'activation' here"),
        ("layer_norm", "normalized_shape", "`normalized_shape` is called 'axes' here"),
        ("flatten", "start_dim", "`start_dim` is called 'axis' here"),
        ("softmax", "dim", "`dim` is called 'axis' here"),
        ("pad", "dim", "`dim` is called 'axes' here"),
    ],
)
def test_a_word_is_answered_with_what_the_layer_has(layer: str, word: str, said: str) -> None:
    made = net()
    with pytest.raises(GraphError, match=said):
        getattr(made, layer)(made.inputs["x"], **{word: 1})


def test_too_many_arguments_by_place_are_told() -> None:
    made: Any = net()
    with pytest.raises(GraphError, match=r"transpose: 3 arguments are given by place, needs at mo"):
        made.transpose(made.inputs["x"], 1, 2)
