from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright.bench.demo.answer import assess
from onnxwright.bench.digits.cases import Case, case

LSTM, TOY = case("lstm"), case("toy_lstm")


def exact(net: Case) -> NDArray[np.float32]:
    return net.expected.copy()


def test_the_recorded_answer_is_right() -> None:
    answer = assess(LSTM, exact(LSTM), exact(LSTM).astype(np.float64))
    np.testing.assert_equal((answer.right, answer.same_classes), (True, 450))
    np.testing.assert_equal(answer.top1, 437 / 450)
    np.testing.assert_equal(answer.judged.max_abs, 0.0)


def test_the_error_is_the_distance_from_the_judge_not_from_the_record() -> None:
    answer = assess(LSTM, exact(LSTM), LSTM.expected.astype(np.float64) + 2e-5)
    np.testing.assert_allclose(np.array(answer.judged.max_abs, float), 2e-5, rtol=1e-3)
    np.testing.assert_equal(answer.recorded.max_abs, 0.0)


@pytest.mark.parametrize(("off", "right"), [(0.9e-4, True), (1.1e-4, False), (np.nan, False)])
def test_one_number_too_far_off_makes_it_wrong(off: float, right: bool) -> None:
    output = exact(LSTM).astype(np.float64)
    output[449, 9] += off
    np.testing.assert_equal(assess(LSTM, output, output).right, right)


def test_another_class_makes_it_wrong_even_within_the_tolerance() -> None:
    expected = np.zeros((2, 10), np.float32)
    expected[:, 3] = 1e-5
    output = expected.copy()
    output[1, 4] = 2e-5
    close = replace(LSTM, expected=expected, labels=np.array([3, 3]))
    answer = assess(close, output, output)
    np.testing.assert_equal((answer.recorded.passed, answer.same_classes), (True, 1))
    np.testing.assert_equal((answer.right, answer.top1), (False, 0.5))


@pytest.mark.parametrize(("off", "right"), [(0.9e-3, True), (1.1e-3, False)])
def test_the_toy_has_no_classes_and_a_tolerance_of_its_own(off: float, right: bool) -> None:
    answer = assess(TOY, TOY.expected + np.float32(off), TOY.expected)
    np.testing.assert_equal((answer.right, answer.top1, answer.same_classes), (right, None, None))


def test_a_batch_repeats_the_inputs_where_they_are_too_few() -> None:
    np.testing.assert_equal(TOY.batch(3)["x"].shape, (3, 9, 3))
    np.testing.assert_array_equal(LSTM.batch(2)["x"], LSTM.x[:2])
