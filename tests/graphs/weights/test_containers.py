"""What containers keep, and what they accept."""

import sys
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from onnxwright.graphs.weights import ConvWeights, DenseWeights, GRUWeights, Layout, LSTMWeights
from onnxwright.graphs.weights.arrays import Array


def ones(*shape: int) -> Array:
    return np.ones(shape, np.float32)


def test_arrays_are_views_that_cannot_be_written() -> None:
    w = ones(3, 4)
    weights = DenseWeights(w)
    np.testing.assert_equal(np.shares_memory(weights.w, w), True)
    np.testing.assert_equal((weights.w.flags.writeable, w.flags.writeable), (False, True))


def test_a_strided_array_is_copied_once_and_the_given_one_kept() -> None:
    w = np.arange(12, dtype=np.float32).reshape(4, 3)
    weights = DenseWeights(w.T)
    np.testing.assert_equal(weights.w.flags.c_contiguous, True)
    np.testing.assert_array_equal(weights.w, w.T)
    np.testing.assert_array_equal(w, np.arange(12, dtype=np.float32).reshape(4, 3))


def test_torch_weights_that_are_in_order_are_not_copied() -> None:
    state = {"weight": ones(3, 4)}
    np.testing.assert_equal(
        np.shares_memory(DenseWeights.from_torch(state).w, state["weight"]), True
    )


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_every_float_dtype_is_kept(dtype: Any) -> None:
    weights = DenseWeights(np.ones((2, 3), dtype), np.ones(2, dtype))
    np.testing.assert_equal((weights.dtype, weights.parameters), (np.dtype(dtype), 8))


class Tensor:
    """Stands for a tensor of PyTorch that needs gradients and is not on the CPU."""

    def __init__(self, array: Array, dtype: str = "torch.float32", steps: str = "") -> None:
        self.array, self.dtype, self.steps = array, dtype, steps

    def detach(self) -> "Tensor":
        return Tensor(self.array, self.dtype, self.steps + "detach ")

    def cpu(self) -> "Tensor":
        return Tensor(self.array, self.dtype, self.steps + "cpu ")

    def float(self) -> "Tensor":
        return Tensor(self.array.astype(np.float32), "torch.float32", self.steps)

    def numpy(self) -> Array:
        if self.steps != "detach cpu " or self.dtype == "torch.bfloat16":
            raise TypeError("PyTorch refuses this")
        return self.array


def test_tensors_are_taken_without_torch() -> None:
    state = {"weight": Tensor(ones(3, 4)), "bias": Tensor(ones(3))}
    np.testing.assert_array_equal(DenseWeights.from_torch(state).w, ones(3, 4), strict=True)
    np.testing.assert_equal("torch" in sys.modules, False)


def test_bfloat16_tensors_keep_every_bit() -> None:
    array = np.array([[1.0078125, -0.0, 3e38]], ml_dtypes.bfloat16)
    weights = DenseWeights(Tensor(array, "torch.bfloat16"))  # type: ignore[arg-type]  # not an array
    np.testing.assert_equal((weights.dtype, weights.w.tobytes()), (array.dtype, array.tobytes()))


def test_astype_casts_every_array_and_keeps_the_form() -> None:
    weights = GRUWeights(ones(1, 12, 3), ones(1, 12, 4), ones(1, 24), reset="after")
    cast = weights.astype("float16")
    np.testing.assert_equal({a.dtype.name for a in cast.arrays().values()}, {"float16"})
    np.testing.assert_equal((cast.reset, weights.astype("float32") is weights), ("after", True))


def test_a_cast_that_overflows_is_found_when_asked_for() -> None:
    weights = DenseWeights(1e9 * ones(2, 3)).astype("float16")
    with pytest.raises(ValueError, match="w holds 6 of 6 numbers that are not finite"):
        weights.require_finite()
    finite = DenseWeights(ones(2, 3))
    np.testing.assert_equal(finite.require_finite() is finite, True)


def test_sizes() -> None:
    weights = LSTMWeights(ones(2, 16, 3), ones(2, 16, 2), projection=ones(2, 2, 4))
    sizes = (weights.directions, weights.input_size, weights.hidden_size, weights.output_size)
    np.testing.assert_equal(sizes, (2, 3, 4, 2))
    np.testing.assert_equal(weights.parameters, 2 * (16 * 3 + 16 * 2 + 2 * 4))
    conv = ConvWeights(ones(6, 2, 3, 5))
    channels = (conv.output_channels, conv.group_channels, conv.kernel_shape)
    np.testing.assert_equal(channels, (6, 2, (3, 5)))


def lstm_arrays() -> list[Array]:
    return [ones(3, 16), ones(4, 16), ones(16)]


LSTM = (ones(16, 3), ones(16, 4))
SOURCES: list[tuple[Any, str]] = [
    (lambda: DenseWeights(ones(3, 4)), "arrays"),
    (lambda: DenseWeights.from_torch({"weight": ones(3, 4)}), "torch"),
    (lambda: ConvWeights.from_onnx(ones(6, 2, 3)), "onnx"),
    (lambda: LSTMWeights.from_keras(lstm_arrays()), "keras"),
    (lambda: LSTMWeights.from_keras([*lstm_arrays()[:2], ones(32)]), "keras cudnn"),
    (lambda: LSTMWeights.from_keras(lstm_arrays() * 2), "keras"),
    (lambda: LSTMWeights.from_gates(*[ones(4, 7)] * 4), "gates"),
    (lambda: LSTMWeights.from_layout(Layout("zfio", biases=2), *LSTM), "layout zfio biases=2"),
    (
        lambda: LSTMWeights.from_layout(Layout("ifog", forget_bias=1), *LSTM),
        "layout ifog forget_bias=1.0",
    ),
    (
        lambda: LSTMWeights.from_layout(
            Layout("i f o g", input_first=True, forget_bias=1.0), *lstm_arrays()
        ),
        "layout ifog input_first forget_bias=1.0",
    ),
]


@pytest.mark.parametrize(("make", "source"), SOURCES, ids=[source for _, source in SOURCES])
def test_the_source_is_remembered(make: Any, source: str) -> None:
    np.testing.assert_equal((make().source, make().astype("float64").source), (source, source))
    np.testing.assert_equal("source" in make().arrays(), False)
