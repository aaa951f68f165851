import numpy as np
import pytest
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper

from onnxwright.graphs.targets.states import StatePair, state_pairs, swapped_when_sorted


def graph(nodes: list[NodeProto], inputs: list[str], outputs: list[str]) -> GraphProto:
    def info(name: str) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 2])

    return helper.make_graph(nodes, "g", [info(n) for n in inputs], [info(n) for n in outputs])


def test_states_are_found_through_a_recurrent_node() -> None:
    nodes = [
        helper.make_node("Transpose", ["h0"], ["h"]),
        helper.make_node("LSTM", ["x", "W", "R", "", "", "h", "c0"], ["y", "yh", "cn"]),
        helper.make_node("Squeeze", ["yh", "axes"], ["hn"]),
    ]
    found = state_pairs(graph(nodes, ["x", "h0", "c0"], ["y", "hn", "cn"]))
    np.testing.assert_equal(found, (StatePair("c0", "cn"), StatePair("h0", "hn")))


@pytest.mark.parametrize("op", ["RNN", "GRU"])
def test_the_state_of_a_cell_with_one_is_found(op: str) -> None:
    node = helper.make_node(op, ["x", "W", "R", "", "", "h0"], ["y", "hn"])
    found = state_pairs(graph([node], ["x", "h0"], ["y", "hn"]))
    np.testing.assert_equal(found, (StatePair("h0", "hn"),))


def test_states_are_found_by_their_names() -> None:
    found = state_pairs(graph([], ["x", "a_in", "b_in", "c"], ["y", "a_out", "c_out"]))
    np.testing.assert_equal(found, (StatePair("a_in", "a_out"),))


def test_a_circle_and_a_node_without_inputs_end_the_way_back() -> None:
    circle = [helper.make_node("Identity", [a], [b]) for a, b in ("pq", "qp")]
    bare = helper.make_node("Transpose", [], ["h"])
    lstm = helper.make_node("LSTM", ["x", "W", "R", "", "", "p", "h"], ["y", "hn", "cn"])
    np.testing.assert_equal(state_pairs(graph([*circle, bare, lstm], ["x"], ["hn", "cn", "q"])), ())


def test_of_two_outputs_of_one_state_the_first_is_its_next_value() -> None:
    nodes = [
        helper.make_node("GRU", ["x", "W", "R", "", "", "h0"], ["y", "h"]),
        *(helper.make_node("Identity", ["h"], [f"copy_{number}"]) for number in range(9)),
    ]
    copies = [f"copy_{number}" for number in (4, 7, 0, 8, 1, 2, 3, 5, 6)]
    found = state_pairs(graph(nodes, ["x", "h0"], copies))
    np.testing.assert_equal(found, (StatePair("h0", "copy_4"),))


@pytest.mark.parametrize(
    ("pairs", "swapped"),
    [
        ([("h_in", "h_out"), ("h_k_in", "h_k_out")], 2),
        ([("state_0_in", "state_0_out"), ("state_1_in", "state_1_out")], 0),
        ([("state_2_in", "state_2_out"), ("state_10_in", "state_10_out")], 0),
        ([("h0", "hn"), ("c0", "cn")], 0),
        ([("a", "z"), ("b", "y"), ("c", "zz")], 2),
    ],
)
def test_swapped_when_sorted(pairs: list[tuple[str, str]], swapped: int) -> None:
    given = tuple(StatePair(*pair) for pair in pairs)
    np.testing.assert_equal(len(swapped_when_sorted(given)), swapped)
