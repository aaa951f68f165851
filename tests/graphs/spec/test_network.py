"""Network files: the same model as the calls they stand for, and errors at line and key."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs
from onnxwright.graphs.errors import NonFiniteWarning, SpecError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.weights import Layout
from onnxwright.graphs.weights.arrays import Array

H, I = 4, 3  # noqa: E741


def random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


STATE: dict[str, Array] = {
    "enc.weight_ih_l0": random(4 * H, I),
    "enc.weight_hh_l0": random(4 * H, H),
    "enc.bias_ih_l0": random(4 * H),
    "enc.bias_hh_l0": random(4 * H),
    "head.weight": random(2, H),
    "head.bias": random(2),
    "dynet_w": random(4 * H, I),
    "dynet_r": random(4 * H, H),
    "dynet_b": random(4 * H),
    "kernel": random(I, 3 * H),
    "recurrent": random(H, 3 * H),
    "bias": random(2, 3 * H),
    "table": random(7, I),
}

TAGGER = """\
[network]
name = "tagger"
opset = 17

[inputs]
x = "batch time 3"
lengths = { dims = "batch", dtype = "int32" }

[[layer]]
kind = "lstm"
name = "encoder"
lengths = "lengths"
weights = { from = "torch", prefix = "enc", layer = 0 }

[[layer]]
kind = "dense"
name = "head"
activation = "softmax"
weights = { from = "torch", prefix = "head" }

[outputs]
probs = "head"
last = { value = "encoder.last", dims = "batch 4" }
cell = "encoder.state.1"

[metadata]
licence = "none"
"""


def read(tmp_path: Path, text: str, weights: Mapping[str, Array] = STATE, **more: Any) -> Any:
    (tmp_path / "tagger.toml").write_text(text)
    return read_network(tmp_path / "tagger.toml", weights, **more)


def test_the_file_gives_the_model_of_the_calls(tmp_path: Path) -> None:
    net = graphs.Network("tagger", opset=17)
    x = net.input("x", "batch time 3")
    lengths = net.input("lengths", "batch", dtype="int32")
    weights = graphs.LSTMWeights.from_torch(STATE, "enc", layer=0)
    encoder = net.lstm(x, weights, lengths=lengths, name="encoder")
    head = graphs.DenseWeights.from_torch(STATE, "head")
    y = net.dense(encoder.sequence, head, activation="softmax", name="head")
    net.output("probs", y)
    net.output("last", encoder.last, "batch 4")
    net.output("cell", encoder.state[1])
    net.metadata["licence"] = "none"
    made = read(tmp_path, TAGGER).build()
    np.testing.assert_equal(made == net.build(), True)


def test_overrides_take_the_place_of_the_file(tmp_path: Path) -> None:
    net = read(tmp_path, TAGGER, opset=20, dtype="float64")
    np.testing.assert_equal((net.opset, net.dtype), (20, np.float64))


def wrap(*layers: str, x: str = "batch time 3", output: str = "y") -> str:
    tables = "\n".join(f"[[layer]]\n{layer}\n" for layer in layers)
    return f'[inputs]\nx = "{x}"\n{tables}[outputs]\ny = "{output}"\n'


FORMS: list[tuple[str, str, Callable[[graphs.Network, Any], Any]]] = [
    (
        "batch time 3",
        'kind = "lstm"\nname = "y"\nweights = {from = "layout", layout = {order = "i f o g", '
        'forget_bias = 1}, w = "dynet_w", r = "dynet_r", b = "dynet_b"}',
        lambda net, x: (
            net.lstm(
                x,
                graphs.LSTMWeights.from_layout(
                    Layout("i f o g", forget_bias=1.0),
                    STATE["dynet_w"],
                    STATE["dynet_r"],
                    STATE["dynet_b"],
                ),
                name="y",
            ).sequence
        ),
    ),
    (
        "batch time 3",
        'kind = "gru"\nname = "y"\nmerge = "sum"\nweights = {from = "keras", arrays = ["kernel", '
        '"recurrent", "bias"], finite = true, backward = {arrays = ["kernel", "recurrent", '
        '"bias"]}}',
        lambda net, x: (
            net.gru(
                x,
                graphs.GRUWeights.from_keras(
                    [STATE[n] for n in ("kernel", "recurrent", "bias")] * 2
                ),
                merge="sum",
                name="y",
            ).sequence
        ),
    ),
    (
        "batch 5",
        'kind = "op"\nname = "y"\nop_type = "Concat"\ninputs = ["x", "x"]\nattributes = {axis = 1}',
        lambda net, x: net.op("Concat", x, x, axis=1, name="y"),
    ),
    (
        "batch 5",
        'kind = "op"\nname = "y"\nop_type = "Relu"',
        lambda net, x: net.op("Relu", x, name="y"),
    ),
    (
        "batch 5",
        'kind = "op"\nname = "y"\nop_type = "Clip"\ninputs = ["x", "", 6.0]',
        lambda net, x: net.op("Clip", x, None, 6.0, name="y"),
    ),
    (
        "batch 2",
        'kind = "op"\nname = "y"\nop_type = "Add"\ninputs = ["x", "head.bias"]',
        lambda net, x: net.op("Add", x, STATE["head.bias"], name="y"),
    ),
    (
        "batch 5",
        'kind = "op"\nname = "y"\nop_type = "ReduceSum"\ninputs = ["x", [1]]',
        lambda net, x: net.op("ReduceSum", x, [1], name="y"),
    ),
    (
        "batch 5",
        'kind = "concat"\nname = "y"\nvalues = ["x", "x"]',
        lambda net, x: net.concat([x, x], name="y"),
    ),
    (
        "batch 1 8 8",
        'kind = "max_pool"\nname = "y"\nkernel = [2, 4]\nstrides = 2',
        lambda net, x: net.max_pool(x, [2, 4], strides=2, name="y"),
    ),
    (
        "batch 2 3",
        'kind = "transpose"\nname = "y"\nperm = [0, 2, 1]',
        lambda net, x: net.transpose(x, [0, 2, 1], name="y"),
    ),
    (
        "batch 6",
        'kind = "reshape"\nname = "y"\ndims = "batch 2 3"',
        lambda net, x: net.reshape(x, "batch 2 3", name="y"),
    ),
]


@pytest.mark.parametrize(("dims", "layer", "call"), FORMS)
def test_every_form_of_argument(
    tmp_path: Path, dims: str, layer: str, call: Callable[[graphs.Network, Any], Any]
) -> None:
    net = graphs.Network("tagger")
    net.output("y", call(net, net.input("x", dims)))
    made = read(tmp_path, wrap(layer, x=dims)).build()
    np.testing.assert_equal(made == net.build(), True)


def test_embedding_takes_an_array_and_add_the_layer_before(tmp_path: Path) -> None:
    text = wrap(
        'kind = "embedding"\nname = "words"\ntable = "table"',
        'kind = "constant"\nname = "two"\narray = [[2.0]]',
        'kind = "add"\nname = "y"\nb = "words"',
    ).replace('x = "batch time 3"', 'x = {dims = "batch time", dtype = "int64"}')
    net = graphs.Network("tagger")
    ids = net.input("x", "batch time", dtype="int64")
    words = net.embedding(ids, STATE["table"], name="words")
    two = net.constant([[2.0]], name="two")
    net.output("y", net.add(two, words, name="y"))
    made = read(tmp_path, text).build()
    np.testing.assert_equal(made == net.build(), True)


def test_a_name_with_a_point_is_found_before_a_part(tmp_path: Path) -> None:
    text = wrap(
        'kind = "lstm"\nname = "enc"\nweights = {from = "torch", prefix = "enc"}',
        'kind = "activation"\nname = "enc.last"\nactivation = "relu"',
        output="enc.last",
    )
    dims = [
        dim.dim_param
        for dim in read(tmp_path, text).build().graph.output[0].type.tensor_type.shape.dim
    ]
    np.testing.assert_equal(dims, ["batch", "time", ""])  # the sequence, not the part .last


def test_finite_refuses_nan(tmp_path: Path) -> None:
    state = STATE | {"head.bias": np.array([0, np.nan], np.float32)}
    with pytest.warns(NonFiniteWarning, match="'head.b' holds 1 of 2"):
        read(tmp_path, TAGGER, state)
    text = changed('prefix = "head"', 'prefix = "head", finite = true')
    with pytest.raises(
        SpecError, match=r"tagger.toml:19: layer 'head', weights: DenseWeights: b holds 1 of"
    ):
        read(tmp_path, text, state)


def changed(old: str, new: str) -> str:
    assert old in TAGGER
    return TAGGER.replace(old, new)


WRONG: list[tuple[str, str]] = [
    (
        changed(
            '[[layer]]\nkind = "dense"',
            '[[layer]]\nkind = "concat"\nvalues = "x"\n[[layer]]\nkind = "dense"',
        ),
        "{}:17: layer 2, key 'values': is 'x', needs a list of names\nwrite [",
    ),
    # the file as a whole
    ("[inputs\n", "{}: not valid TOML: "),
    ('x = "a"\nx = "b"\n', "{}: not valid TOML: Cannot overwrite a value (at line 2"),
    ("", "{}: there is no [inputs]\nadd it; see onnxwright/pages/network-file.md"),
    (TAGGER + "[layers]\n", "{}:28: 'layers' is not known here\ndid you mean [[layer]]?"),
    ("inputs = 3\n", "{}:1: 'inputs' is 3\nwrite [inputs]"),
    ("layer = [1]\n", "{}:1: 'layer' is [1]\nwrite [[layer]]"),
    # network, inputs, outputs, metadata
    (
        changed("opset = 17", "opsett = 17"),
        "{}:3: network, key 'opsett': is not known here\ndid you mean 'opset'?",
    ),
    (
        changed("opset = 17", 'opset = "17"'),
        "{}:3: network, key 'opset': is '17', needs an integer",
    ),
    (changed("opset = 17", "opset = 3"), "{}:1: network: "),
    (
        changed('"batch time 3"', '"batch -time 3"'),
        "{}:6: input 'x': dims 'batch -time 3': '-time' is not",
    ),
    (
        changed('"batch time 3"', "3.5"),
        "{}:6: input 'x', key 'dims': is 3.5, needs text, or a list of",
    ),
    (
        changed('dtype = "int32"', 'dtyp = "int32"'),
        "{}:7: input 'lengths', key 'dtyp': is not known here",
    ),
    (changed('{ dims = "batch", ', "{ "), "{}:7: input 'lengths', key 'dims': is missing"),
    (
        changed('probs = "head"', 'probs = "heads"'),
        "{}:22: output 'probs', key 'probs': there is no input and no layer 'heads'",
    ),
    (
        changed('"encoder.last"', '"encoder.first"'),
        "{}:23: output 'last', key 'value': 'encoder.first' has no part 'first'\nit has: "
        "sequence, last, state",
    ),
    (changed('"batch 4"', '"batch 5"'), "{}:23: output 'last': dims batch 5 contradict"),
    (changed('licence = "none"', "licence = 3"), "{}:27: metadata 'licence' is 3, needs text"),
    # layers
    (
        changed('kind = "dense"', 'kind = "dens"'),
        "{}:16: layer 'head', key 'kind': is 'dens', not a kind of layer\ndid you mean 'dense'?",
    ),
    (changed('kind = "dense"\n', ""), "{}:15: layer 'head', key 'kind': is missing"),
    (
        changed('name = "head"', 'name = "encoder"'),
        "{}:17: layer 'encoder', key 'name': 'encoder' is taken",
    ),
    (
        changed('activation = "softmax"', "activation = 3"),
        "{}:18: layer 'head', key 'activation': is 3, needs text",
    ),
    (changed('activation = "softmax"', 'activation = "smax"'), "{}:18: layer 'head': "),
    (
        changed('activation = "softmax"', 'activaton = "softmax"'),
        "{}:18: layer 'head', key 'activaton': is not known here\ndid you mean 'activation'?",
    ),
    (
        changed('lengths = "lengths"', 'lengths = "length"'),
        "{}:12: layer 'encoder', key 'lengths': there is no input and no layer 'length' above "
        "this one\ndefined so far: x, lengths",
    ),
    (
        changed('lengths = "lengths"', 'lowering = "magic"'),
        "{}:12: layer 'encoder', key 'lowering': is 'magic', needs 'auto' or 'op'",
    ),
    (
        changed('weights = { from = "torch", prefix = "head" }\n', ""),
        "{}:15: layer 'head', key 'weights': is missing",
    ),
    (changed('name = "head"', "name = [1]"), "{}:17: layer 2, key 'name': is [1], needs text"),
    (
        changed('kind = "dense"', "kind = {}"),
        "{}:16: layer 'head', key 'kind': is {{}}, not a kind",
    ),
    # weights
    (
        changed('from = "torch", prefix = "head"', "from = []"),
        "{}:19: layer 'head', weights, key 'from': is [], needs one of arrays",
    ),
    (
        changed('{ from = "torch", prefix = "head" }', '"head"'),
        "{}:19: layer 'head', key 'weights': is 'head', needs a table",
    ),
    (
        changed('{ from = "torch", prefix = "head" }', '{ prefix = "head" }'),
        "{}:19: layer 'head', weights, key 'from': is missing",
    ),
    (
        changed('from = "torch", prefix = "head"', 'from = "tf"'),
        "{}:19: layer 'head', weights, key 'from': is 'tf', needs one of arrays, keras, onnx, "
        "torch",
    ),
    (
        changed('prefix = "head"', 'prefx = "head"'),
        "{}:19: layer 'head', weights, key 'prefx': is not known here\ndid you mean 'prefix'?",
    ),
    (
        changed('prefix = "head"', 'prefix = "heads"'),
        "{}:19: layer 'head', weights: DenseWeights.from_torch: there is no array 'heads.weight'",
    ),
    (
        changed('prefix = "head"', "prefix = 1"),
        "{}:19: layer 'head', weights, key 'prefix': is 1, needs text",
    ),
    (
        changed('from = "torch", prefix = "head"', 'from = "arrays", w = "head"'),
        "{}:19: layer 'head', weights, key 'w': there is no array 'head' in the weights\nnear "
        "it: head.bias, head.weight",
    ),
    (
        changed('from = "torch", prefix = "head"', 'from = "arrays", b = "head.bias"'),
        "{}:19: layer 'head', weights, key 'w': is missing\nfrom = 'arrays' needs w",
    ),
    (
        changed(
            'from = "torch", prefix = "head"', 'from = "arrays", w = "head.weight", b = "bias"'
        ),
        "{}:19: layer 'head', weights: DenseWeights: b has shape [2, 12], needs [out=2]",
    ),
    (
        changed('prefix = "head"', 'prefix = "head", finite = 1.5'),
        "{}:19: layer 'head', weights, key 'finite': needs true or false",
    ),
    (
        changed('prefix = "head"', 'prefix = "head", backward = {}'),
        "{}:19: layer 'head', weights, key 'backward': needs a table, in the weights of a "
        "recurrent",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_errors_point_at_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    expected = message.format(tmp_path / "tagger.toml")
    with pytest.raises(SpecError, match=f"^{re.escape(expected)}"):
        read(tmp_path, text)
