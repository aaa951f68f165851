"""The notation of dims, and what two shapes give together."""

from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.errors import ValueMismatchError
from onnxwright.graphs.values import Value, broadcast, compatible, format_dims, parse_dims


def value(dims: str) -> Value:
    return Value("x", np.dtype("float32"), parse_dims(dims), None)


@pytest.mark.parametrize(
    ("given", "dims", "text"),
    [
        ("batch time 40", ("batch", "time", 40), "batch time 40"),
        ("  batch\t40 ", ("batch", 40), "batch 40"),
        ("", (), "scalar"),
        ([], (), "scalar"),
        ("? 0", (None, 0), "? 0"),
        (["batch", None, "?", 8], ("batch", None, None, 8), "batch ? ? 8"),
        ((np.int64(3), "7"), (3, 7), "3 7"),
    ],
)
def test_dims_are_read_and_written(given: Any, dims: Any, text: str) -> None:
    np.testing.assert_equal(parse_dims(given), dims)
    np.testing.assert_equal(format_dims(parse_dims(given)), text)


@pytest.mark.parametrize("word", ["-1", "1.5", "a-b", "2x", "²"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(ValueMismatchError, match=f"^input 'x': dims 'b {word}': '{word}' is not"):
        parse_dims(f"b {word}", "input 'x'")


@pytest.mark.parametrize(
    ("a", "b", "fit"), [(3, 3, True), (3, 4, False), (3, "n", True), (None, 4, True), (1, 2, False)]
)
def test_fixed_dims_must_agree(a: Any, b: Any, fit: bool) -> None:
    np.testing.assert_equal((compatible(a, b), compatible(b, a)), (fit, fit))


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        ("2 3", "2 3", "2 3"),
        ("2 3", "3", "2 3"),
        ("batch 1", "1 4", "batch 4"),
        ("batch 3", "batch 1", "batch 3"),
        ("batch 3", "other 3", "? 3"),
        ("batch", "5", "5"),
        ("?", "?", "?"),
        ("?", "1", "?"),
        ("", "2 2", "2 2"),
    ],
)
def test_dims_are_stretched_as_numpy_does(a: str, b: str, both: str) -> None:
    np.testing.assert_equal(format_dims(broadcast(value(a), value(b), "add")), both)
    np.testing.assert_equal(format_dims(broadcast(value(b), value(a), "add")), both)


def test_a_value_says_what_it_is() -> None:
    np.testing.assert_equal(str(value("batch ? 3")), "'x' (batch ? 3, float32)")
    np.testing.assert_equal(value("batch ? 3").rank, 3)
