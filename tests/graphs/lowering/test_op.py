"""The operator's node has the inputs that the layer has, and none behind them."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import graphs


def weights(kind: str, **more: Any) -> Any:
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    ones = np.ones((1, gates * 2, 3), np.float32)
    given: dict[str, Any] = {name: np.ones(shape, np.float32) for name, shape in more.items()}
    given |= {"reset": "after"} if kind == "GRU" else {}
    return getattr(graphs, f"{kind}Weights")(ones, ones[:, :, :2], **given)


def node_of(kind: str, held: Any, *, lengths: bool = False, states: int = 0) -> onnx.NodeProto:
    net = graphs.Network("net")
    given: dict[str, Any] = {}
    if lengths:
        given["lengths"] = net.input("n", "batch", dtype="int32")
    if states:
        given["initial_state"] = tuple(net.input(f"s{k}", "batch 2") for k in range(states))
    layer = getattr(net, kind.lower())
    net.output("y", layer(net.input("x", "batch 5 3"), held, name="a", lowering="op", **given).last)
    nodes: list[onnx.NodeProto] = [n for n in net.build().graph.node if n.op_type == kind]
    np.testing.assert_equal(len(nodes), 1)
    return nodes[0]


@pytest.mark.parametrize(
    ("kind", "more", "lengths", "states", "roles"),
    [
        ("RNN", {}, False, 0, "W R"),
        ("LSTM", {}, False, 0, "W R"),
        ("GRU", {}, False, 0, "W R"),
        ("RNN", {"b": (1, 4)}, False, 0, "W R B"),
        ("LSTM", {"b": (1, 16)}, True, 0, "W R B n"),
        ("GRU", {}, True, 0, "W R - n"),
        ("GRU", {}, False, 1, "W R - - s"),
        ("LSTM", {}, True, 2, "W R - n s s"),
        ("LSTM", {"p": (1, 6)}, False, 0, "W R - - - - P"),
        ("LSTM", {"b": (1, 16), "p": (1, 6)}, True, 2, "W R B n s s P"),
    ],
)
def test_inputs(kind: str, more: dict[str, Any], lengths: bool, states: int, roles: str) -> None:
    found = list(node_of(kind, weights(kind, **more), lengths=lengths, states=states).input)[1:]
    wanted = {"W": "a.W", "R": "a.R", "B": "a.B", "P": "a.P", "n": "n", "-": ""}
    for name, role in zip(found, roles.split(), strict=True):
        if role == "s":
            assert name
        else:
            np.testing.assert_equal(name, wanted[role])
