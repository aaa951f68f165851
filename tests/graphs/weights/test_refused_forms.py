"""Forms of a layer that no array tells, and arrays that fit none."""

from typing import Any

import pytest

from onnxwright.graphs.errors import WeightError
from onnxwright.graphs.weights import DenseWeights, GRUWeights, LSTMWeights
from tests.graphs.weights.test_refusals import a


def test_a_gru_has_no_default_reset_form() -> None:
    with pytest.raises(WeightError, match="reset is not given, which no array tells, needs"):
        GRUWeights(a(1, 12, 3), a(1, 12, 4))


@pytest.mark.parametrize("count", [0, 3])
def test_a_dense_of_keras_is_one_array_or_two(count: int) -> None:
    with pytest.raises(WeightError, match=rf"{count} arrays are given, needs 1 or 2.*\ngive layer"):
        DenseWeights.from_keras([a(2)] * count)


@pytest.mark.parametrize(("peephole", "columns"), [("lecture", r"I\+2H"), (None, r"I\+H")])
def test_a_gate_that_is_no_matrix_is_told_what_it_covers(peephole: Any, columns: str) -> None:
    with pytest.raises(WeightError, match=rf"i has shape \[4\], needs \[H, {columns}\]"):
        LSTMWeights.from_gates(a(4), a(4), a(4), a(4), peephole=peephole)
