"""Arguments of a wrong kind are refused at the call, never taken or met by a TypeError."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GraphError,
    LSTMWeights,
    Network,
    read,
)

JUNK: tuple[Any, ...] = (
    *(3.5, [1.5], ["a"], {"a": 1}, b"x", object(), float("nan"), 2**70, set(), ()),
    *(np.array([1.5, 2.5]), np.array(1.5), "\ud800", "no such thing"),
)
ONES = np.ones((2, 8, 3), np.float32)
LSTM = LSTMWeights(ONES, ONES[..., :2])
METHODS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "dense": ("batch 3", {"weights": DenseWeights(ONES[0])}, ("weights", "activation", "name")),
    "lstm": (
        "batch 4 3",
        {"weights": LSTM},
        (
            *("weights", "activations", "lengths", "initial_state", "direction", "clip", "coupled"),
            *("merge", "lowering", "streaming", "name"),
        ),
    ),
    "conv": (
        "batch 3 8",
        {"weights": ConvWeights(np.ones((2, 3, 3), np.float32))},
        ("strides", "pads", "dilations", "groups"),
    ),
    "average_pool": (
        "batch 3 8",
        {"kernel": 2},
        ("kernel", "strides", "pads", "ceil", "count_include_pad"),
    ),
    "batch_norm": (
        "batch 3 8",
        {"weights": BatchNormWeights.from_keras([np.ones(3, np.float32)] * 4)},
        ("weights",),
    ),
    "flatten": ("batch 3 8", {}, ("axis", "channels_last")),
    "reshape": ("batch 3 8", {}, ("dims",)),
    "transpose": ("batch 3 8", {}, ("perm",)),
    "pad": ("batch 3 8", {"pads": [1, 1], "axes": -1}, ("pads", "axes", "mode")),
    "softmax": ("batch 3 8", {}, ("axis",)),
}
# what a text says in place of the argument's name
ALSO = {
    "weights": r"takes \w+Weights, got ",
    "pads": "a pad is ",
    "axes": "axis is |there is no dim 120 ",
}
CASES = [
    pytest.param(method, argument, junk, id=f"{method}-{argument}-{number}")
    for method, (_, _, arguments) in METHODS.items()
    for argument in arguments
    for number, junk in enumerate(JUNK)
    if not (argument == "dims" and isinstance(junk, list | tuple))
]
TAKEN = {("dense", "name", "no such thing"), ("lstm", "name", "no such thing")}
NUMBERS = {("lstm", "clip", 3.5), ("lstm", "clip", 2**70)}
FLOAT32 = np.finfo(np.float32)


@pytest.mark.parametrize(("method", "argument", "junk"), CASES)
def test_a_layer_refuses_it(method: str, argument: str, junk: Any) -> None:
    dims, rest, _ = METHODS[method]
    net = Network("net")
    x = net.input("x", dims)
    if isinstance(junk, str | int | float) and (method, argument, junk) in TAKEN | NUMBERS:
        getattr(net, method)(x, **{**rest, argument: junk})
        return
    named = rf"{argument}|{ALSO.get(argument, argument)}"
    with pytest.raises(GraphError, match=named) as caught:
        getattr(net, method)(x, **{**rest, argument: junk})
    np.testing.assert_equal(len(str(caught.value)) < 800, True)


@pytest.mark.parametrize("clip", [float(FLOAT32.smallest_subnormal), float(FLOAT32.max)])
def test_a_clip_may_be_any_number_of_float32(clip: float) -> None:
    net = Network("net")
    dims, rest, _ = METHODS["lstm"]
    net.output("y", net.lstm(net.input("x", dims), **rest, clip=clip).last)
    (found,) = [node for node in net.build().graph.node if node.op_type == "LSTM"]
    np.testing.assert_equal([a.f for a in found.attribute if a.name == "clip"], [clip])


OF_NETWORK = {
    "name": "^the network's name is .*, (needs a text|which UTF-8 cannot write)",
    "opset": "^network 'net': opset .* is not one of 13 to",
    "dtype": "^network 'net': dtype .* is no float type of ONNX",
    "target": "^target (is a .*, needs a name|.* is not known)",
    "streaming": "^network 'net': streaming is ",
    "doc": "^network 'net': doc is .*, (needs a text|which UTF-8 cannot write)",
}


@pytest.mark.parametrize("junk", JUNK[:-1])
@pytest.mark.parametrize("argument", OF_NETWORK)
def test_a_network_refuses_it(argument: str, junk: Any) -> None:
    given: dict[str, Any] = {"name": "net", argument: junk}
    with pytest.raises(GraphError, match=OF_NETWORK[argument]):
        Network(**given)


SAID = {
    "input": "the input's name .* is no text, empty or padded",
    "dtype": "input 'other': dtype .* is not known",
    "dims": "input 'other': dims .* (are neither a text nor a sequence|is not a dim)",
    "output": "an output's name is .*, (needs a text|which UTF-8 cannot write)",
    "op": "op 'op': op_type is .*, (needs a text|which UTF-8 cannot write)",
    "outputs": "op 'op': outputs is .*, needs a whole number of at most",
}
SAY: dict[str, Callable[[Network, Any], Any]] = {
    "input": lambda net, junk: net.input(junk, "batch 3"),
    "dtype": lambda net, junk: net.input("other", "batch 3", dtype=junk),
    "dims": lambda net, junk: net.input("other", junk),
    "output": lambda net, junk: net.output(junk, net.inputs["x"]),
    "op": lambda net, junk: net.op(junk, net.inputs["x"]),
    "attribute": lambda net, junk: net.op("LeakyRelu", net.inputs["x"], alpha=junk),
    "outputs": lambda net, junk: net.op_many("Split", net.inputs["x"], outputs=junk),
    "save": lambda net, junk: net.save(junk),
    "read": lambda net, junk: read(junk),
}


@pytest.mark.parametrize("junk", [3, 977, [1], ["a b"], {"a": 1}, object(), 2**70, "\ud800"])
@pytest.mark.parametrize("say", sorted(set(SAY) - {"attribute", "save", "read"}))
def test_a_call_refuses_it(say: str, junk: Any) -> None:
    net = Network("net")
    net.input("x", "batch 3")
    if (say, junk) in (("outputs", 3), ("outputs", 977)) or (say == "dims" and junk == [1]):
        return
    with pytest.raises(GraphError, match=SAID[say]):
        SAY[say](net, junk)


@pytest.mark.parametrize("junk", [[{}], object(), 2**70, "\ud800", {"a": 1}])
def test_an_attribute_refuses_it(junk: Any) -> None:
    net = Network("net")
    net.input("x", "batch 3")
    with pytest.raises(GraphError, match=r"attribute 'alpha' cannot be |Mismatched attribute type"):
        SAY["attribute"](net, junk)


@pytest.mark.parametrize("junk", [3, None, [1], 1.5, object()])
@pytest.mark.parametrize("say", ["save", "read"])
def test_no_path_refuses_it(say: str, junk: Any) -> None:
    net = Network("net")
    net.output("y", net.activation(net.input("x", "batch 3"), "relu"))
    with pytest.raises(GraphError, match=r"cannot be (saved to|read from)"):
        SAY[say](net, junk)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "x"])
def test_a_parameter_of_an_activation_is_finite(number: str) -> None:
    net = Network("net")
    with pytest.raises(GraphError, match=rf"elu': alpha='{number}' is not a finite number"):
        net.activation(net.input("x", "batch 3"), f"elu(alpha={number})")


def test_a_dim_of_0_is_named_as_what_it_is() -> None:
    net = Network("net")
    with pytest.raises(
        GraphError, match=r"takes 3 at dim 2 .*, got 0 in 'x' \(batch time 0, float"
    ):
        net.lstm(net.input("x", "batch time 0"), LSTM)


def test_a_number_of_thousands_of_digits_is_refused_and_not_written_out() -> None:
    net = Network("net")
    with pytest.raises(
        GraphError, match="strides holds an int, too long to show, needs whole numbers"
    ):
        net.max_pool(net.input("x", "batch 3 8"), 2, strides=10**5000)
