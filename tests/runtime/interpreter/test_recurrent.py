"""What the grid leaves out of RNN, GRU and LSTM: choices, dtypes, edges and errors."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import onnxwright.runtime.interpreter.kernels  # noqa: F401 (registers the kernels)
from onnxwright.runtime.interpreter.registry import NodeInfo, find, find_specializer

Array = NDArray[Any]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
OPS = list(GATES)


def weights(op: str, dtype: Any = "float64", batch: int = 3, steps: int = 4) -> list[Array]:
    """Return X, W, R, B for 2 inputs and 5 units."""
    rng, rows = np.random.default_rng(3), GATES[op] * 5
    shapes = [(steps, batch, 2), (1, rows, 2), (1, rows, 5), (1, 2 * rows)]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def run(op: str, *inputs: Array | None, **attributes: Any) -> tuple[Array, ...]:
    kernel = find("", op, 22)
    assert kernel is not None
    result: tuple[Array, ...] = kernel(*inputs, **attributes)
    return result


@pytest.mark.parametrize("op", OPS)
def test_an_empty_row_ends_in_its_initial_state(op: str) -> None:
    initial = np.random.default_rng(5).standard_normal((1, 3, 5))
    states = [initial] * (2 if op == "LSTM" else 1)
    Y, *finals = run(op, *weights(op), np.array([0, 4, 0], "int32"), *states)
    np.testing.assert_array_equal(Y[:, :, [0, 2]], 0)
    for final in finals:
        np.testing.assert_array_equal(final[0, [0, 2]], initial[0, [0, 2]])


@pytest.mark.parametrize("op", OPS)
def test_padding_may_hold_anything(op: str) -> None:
    X, *rest = weights(op)
    clean = run(op, X, *rest, np.array([2, 4, 1], "int32"))
    X[2:, 0] = X[1:, 2] = np.nan
    for got, wanted in zip(run(op, X, *rest, np.array([2, 4, 1], "int32")), clean, strict=True):
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 1e-3), (ml_dtypes.bfloat16, 1e-2)])
def test_small_floats_are_computed_in_float32(op: str, dtype: Any, tolerance: float) -> None:
    small = weights(op, dtype)
    wide = run(op, *[array.astype("float64") for array in small])
    for got, wanted in zip(run(op, *small), wide, strict=True):
        assert got.dtype == np.dtype(dtype)
        np.testing.assert_allclose(got.astype("float64"), wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("op", OPS)
def test_no_steps_give_the_initial_state(op: str) -> None:
    Y, *finals = run(op, *weights(op, steps=0))
    assert Y.shape == (0, 1, 3, 5)
    for final in finals:
        np.testing.assert_array_equal(final, np.zeros((1, 3, 5)))


@pytest.mark.parametrize("op", OPS)
def test_an_empty_batch_gives_empty_arrays(op: str) -> None:
    Y, *finals = run(op, *weights(op, batch=0))
    assert [Y.shape, *(final.shape for final in finals)][:2] == [(4, 1, 0, 5), (1, 0, 5)]


@pytest.mark.parametrize("op", OPS)
def test_a_long_sequence_is_cut_into_spans(op: str) -> None:
    """Input products are computed ahead in spans; the result must not show where they end."""
    X, *rest = weights(op, batch=70, steps=90)
    hidden = 40
    rng, rows = np.random.default_rng(4), GATES[op] * hidden
    rest = [0.2 * rng.standard_normal(s) for s in ((1, rows, 2), (1, rows, hidden), (1, 2 * rows))]
    lens = rng.integers(0, 91, 70).astype("int32")
    Y, *finals = run(op, X, *rest, lens)
    row = int(np.argmax(lens))
    alone = run(op, X[:, row : row + 1], *rest, lens[row : row + 1])
    np.testing.assert_allclose(Y[:, :, row], alone[0][:, :, 0], rtol=1e-12, atol=1e-12)
    for final, value in zip(finals, alone[1:], strict=True):
        np.testing.assert_allclose(final[:, row], value[:, 0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", OPS)
def test_inputs_are_left_alone(op: str) -> None:
    initial = [np.ones((1, 3, 5))] * (2 if op == "LSTM" else 1)
    inputs = [*weights(op), None, *initial]
    before = [None if array is None else array.copy() for array in inputs]
    run(op, *inputs)
    for now, then in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_clip_of_zero_is_obeyed() -> None:
    Y, _ = run("RNN", *weights("RNN"), clip=0.0)
    np.testing.assert_array_equal(Y, np.zeros_like(Y))


def test_a_bias_that_is_no_constant_is_used() -> None:
    inputs = weights("LSTM")
    specialize = find_specializer("", "LSTM", 22)
    assert specialize is not None
    kernel = specialize(NodeInfo("LSTM", "", "n", 22, ("Y",), {}), [None, *inputs[1:3], None])
    assert kernel is not None
    for got, wanted in zip(kernel(*inputs), run("LSTM", *inputs), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_weights_that_are_no_constants_are_not_prepared() -> None:
    specialize = find_specializer("", "GRU", 22)
    assert specialize is not None
    assert specialize(NodeInfo("GRU", "", "n", 22, ("Y",), {}), [None] * 3) is None


def test_wrong_weights_wait_for_the_run_to_be_refused() -> None:
    specialize = find_specializer("", "GRU", 22)
    assert specialize is not None
    node = NodeInfo("GRU", "", "n", 22, ("Y",), {"hidden_size": 4})
    assert specialize(node, [None, *weights("GRU")[1:]]) is None


REFUSED = {
    "negative length": (
        {"lens": [-1, 1, 1]},
        r"sequence_lens must lie in 0\.\.4, got \[-1, 1, 1\]",
    ),
    "length too great": ({"lens": [5, 1, 1]}, r"sequence_lens must lie in 0\.\.4"),
    "number of lengths": ({"lens": [1, 1]}, r"sequence_lens must be \[3\], got \[2\]"),
    "direction": ({"direction": "both"}, "direction must be forward, reverse or bidirectional"),
    "directions of W": ({"direction": "bidirectional"}, r"W must be \[2, "),
    "hidden_size": ({"hidden_size": 6}, r"W must be \[1, "),
    "activation": ({"activations": ["Tan"] * 3}, "unknown activation 'Tan', known are affine"),
    "clip": ({"clip": -1.0}, "clip must not be negative, got -1.0"),
    "activations": ({"activations": ["Tanh"] * 7}, "forward needs . activations"),
    "initial state": ({"initial_h": np.ones((1, 2, 5))}, r"initial state must be \[1, 3, 5\]"),
    "input size": ({"X": np.ones((4, 3, 7))}, r"X must be \[.., .., 2\], as W is"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("op", OPS)
def test_refuses(op: str, change: dict[str, Any], message: str) -> None:
    X, W, R, B = weights(op)
    options = dict(change)
    X, lens = options.pop("X", X), options.pop("lens", None)
    initial = options.pop("initial_h", None)
    if "activations" in options and len(options["activations"]) == 3:
        options["activations"] = options["activations"][: {"RNN": 1, "GRU": 2, "LSTM": 3}[op]]
    lengths = None if lens is None else np.array(lens, "int32")
    with pytest.raises(ValueError, match=message):
        run(op, X, W, R, B, lengths, initial, **options)
