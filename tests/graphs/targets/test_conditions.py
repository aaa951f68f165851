from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.targets import TargetError
from onnxwright.graphs.targets.conditions import compare, every, holds
from onnxwright.graphs.targets.node import NodeFacts, ValueFacts, formal_names, schema_of

NODE = NodeFacts(
    "LSTM",
    22,
    attributes={"clip": 0.5, "activations": ["Sigmoid", "Tanh", "Tanh", "Sigmoid", "Relu", "Tanh"]},
    inputs={
        "X": ValueFacts("x", "float", (None, 2, 3)),
        "W": ValueFacts("w", "float", (1, 4, 3), constant=True),
        "P": ValueFacts("p"),
        "sequence_lens": ValueFacts("n", "int32", (2,), constant=True, numbers=(4, 1)),
    },
    outputs=frozenset({"Y"}),
)


@pytest.mark.parametrize(
    ("when", "answer"),
    [
        ({}, True),
        ({"opset": ">=22"}, True),
        ({"opset": "<22"}, False),
        ({"since": "=22"}, True),
        ({"attributes": {"clip": "present"}}, True),
        ({"attributes": {"clip": "absent"}}, False),
        ({"attributes": {"hidden_size": "absent"}}, True),
        ({"attributes": {"clip": {"above": 0.4}}}, True),
        ({"attributes": {"clip": {"above": 0.5}}}, False),
        ({"attributes": {"clip": {"in": [0.5, 1.0]}}}, True),
        ({"attributes": {"input_forget": {"is": 0}}}, True),
        ({"attributes": {"input_forget": {"not": 0}}}, False),
        ({"attributes": {"direction": {"is": "forward"}}}, True),
        ({"attributes": {"no_such": {"not": 1}}}, False),
        ({"attributes": {"no_such": {"above": 1}}}, False),
        ({"inputs": {"sequence_lens": "may be 0"}}, False),
        ({"inputs": {"B": "may be 0"}}, False),
        ({"inputs": {"P": "may be 0"}}, True),
        ({"inputs": {"sequence_lens": "negative"}}, False),
        ({"inputs": {"P": "negative"}}, None),
        ({"activations": "other than default"}, True),
        ({"activations": "differ by direction"}, True),
        ({"activations": {"outside": ["Sigmoid", "Tanh"]}}, True),
        ({"activations": {"outside": ["Sigmoid", "Tanh", "Relu"]}}, False),
        ({"activations": {"inside": ["Relu"]}}, True),
        ({"activations": {"inside": ["Affine"]}}, False),
        ({"inputs": {"P": "present"}}, True),
        ({"inputs": {"B": "absent"}}, True),
        ({"inputs": {"B": "constant"}}, False),
        ({"inputs": {"W": "constant"}}, True),
        ({"inputs": {"W": "computed"}}, False),
        ({"inputs": {"X": "open dims"}}, True),
        ({"inputs": {"W": "open dims"}}, False),
        ({"inputs": {"P": "open dims"}}, None),
        ({"outputs": {"Y": "present", "Y_h": "absent"}}, True),
        ({"rank": {"X": "=3"}}, True),
        ({"rank": {"P": "=3"}}, None),
        ({"sizes": [["X", 2, "above 2"], ["X", 2, "multiple of 3"]]}, True),
        ({"sizes": [["X", 2, "no multiple of 3"]]}, False),
        ({"sizes": [["X", 0, "above 2"]]}, None),
        ({"sizes": [["X", 7, "above 2"]]}, False),
        ({"sizes": [["P", 0, "above 2"]]}, None),
        ({"fed": "by the model's inputs"}, False),
        ({"dtype": ["float"]}, True),
        ({"dtype": ["double"]}, False),
        ({"dtype": ["float"], "opset": "<22"}, False),
        ({"rank": {"P": "=3"}, "opset": "<22"}, False),
    ],
)
def test_holds(when: dict[str, Any], answer: bool | None) -> None:
    assert holds(when, NODE) is answer


@pytest.mark.parametrize(
    ("numbers", "dims", "layout", "answer"),
    [
        ((4, 4), (4, 2, 3), 0, False),
        ((4, 3), (4, 2, 3), 0, True),
        ((4, 4), (2, 4, 3), 1, False),
        ((4, 4), (4, 2, 3), 1, True),
        ((4, 4), (None, 2, 3), 0, True),
        ((4, 4), None, 0, True),
        (None, (4, 2, 3), 0, True),
        ((), (4, 0, 3), 0, False),
    ],
)
def test_lengths_that_may_be_short(
    numbers: tuple[int, ...] | None, dims: Any, layout: int, answer: bool
) -> None:
    inputs = {"X": ValueFacts("x", dims=dims), "sequence_lens": ValueFacts("n", numbers=numbers)}
    node = NodeFacts("LSTM", 17, attributes={"layout": layout}, inputs=inputs)
    assert holds({"inputs": {"sequence_lens": "may be short"}}, node) is answer


@pytest.mark.parametrize(
    ("attributes", "answer"),
    [
        ({}, False),
        ({"clip": 0.0}, False),
        ({"clip": 0.1}, True),
        ({"clip": 19.9}, True),
        ({"clip": 20.0}, False),
        ({"clip": 20.0, "activations": ["Sigmoid", "Sigmoid", "Tanh"]}, False),
        ({"clip": 20.0, "activations": ["Sigmoid", "Relu", "Tanh"]}, True),
        ({"clip": "far"}, False),
    ],
)
def test_a_clip_that_is_felt(attributes: dict[str, Any], answer: bool) -> None:
    assert holds({"clip": "felt"}, NodeFacts("LSTM", 17, attributes=attributes)) is answer


def test_an_unknown_type_is_no_answer() -> None:
    assert holds({"dtype": ["double"]}, NodeFacts("Relu", 17)) is None
    assert holds({"since": ">1"}, NodeFacts("Relu", 17, domain="own")) is None


@pytest.mark.parametrize(
    ("answers", "together"),
    [([], True), ([True, None], None), ([None, False], False), ([True, True], True)],
)
def test_every(answers: list[bool | None], together: bool | None) -> None:
    assert every(answers) is together


@pytest.mark.parametrize("comparison", ["22", "~1", ">=x"])
def test_a_malformed_comparison_is_refused(comparison: str) -> None:
    with pytest.raises(TargetError, match='write it like ">=22"'):
        compare(1, comparison)


def test_an_unknown_question_is_refused() -> None:
    with pytest.raises(TargetError, match="a rule's condition asks for 'colour'"):
        holds({"colour": "red"}, NODE)


def test_formal_names_number_a_variadic_input() -> None:
    np.testing.assert_equal(formal_names(["a", "b", "c"], ["inputs"])[1:], ["inputs_1", "inputs_2"])
    np.testing.assert_equal(formal_names(["a", "b"], []), ["value_0", "value_1"])
    assert schema_of("NoSuchOperator", 17) is None
