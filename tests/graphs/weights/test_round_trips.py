"""Arrays come back bit for bit, in the order they came in, from every layout and in both ways."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnxwright.graphs.weights import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    Layout,
    LSTMWeights,
    RNNWeights,
)
from onnxwright.graphs.weights.arrays import Array

Arrays = Mapping[str, Array] | Sequence[Array]
COUNTS = {RNNWeights: 1, GRUWeights: 3, LSTMWeights: 4}
DTYPES = [np.float16, np.float32, np.float64, ml_dtypes.bfloat16]


class Draw:
    """Random arrays of one dtype; negative zeros, infinities and NaN are among the numbers."""

    def __init__(self, seed: int, dtype: Any) -> None:
        self.random = np.random.default_rng(seed)
        self.dtype = dtype

    def __call__(self, *shape: int) -> Array:
        values = self.random.standard_normal(shape)
        rare = self.random.random(shape)
        values[rare < 0.05] = -0.0
        values[(rare > 0.05) & (rare < 0.07)] = np.inf
        values[(rare > 0.07) & (rare < 0.09)] = np.nan
        return values.astype(self.dtype)


sizes = st.integers(1, 5)
draws = st.builds(Draw, st.integers(0, 2**32 - 1), st.sampled_from(DTYPES))


def assert_same_bits(came_back: Arrays, went_in: Arrays) -> None:
    """Compare names, shapes, dtypes and every bit of the arrays."""
    if isinstance(went_in, Mapping):
        assert isinstance(came_back, Mapping)
        np.testing.assert_equal(list(came_back), list(went_in))
        came_back, went_in = list(came_back.values()), list(went_in.values())
    assert not isinstance(came_back, Mapping)
    for back, gone in zip(came_back, went_in, strict=True):
        np.testing.assert_equal((back.shape, back.dtype), (gone.shape, gone.dtype))
        np.testing.assert_equal(back.tobytes(), gone.tobytes())


def torch_state(draw: Draw, count: int, I: int, H: int, ends: list[str], bias: bool) -> Any:  # noqa: E741
    state = {}
    for end in ends:
        state[f"net.weight_ih{end}"] = draw(count * H, I)
        state[f"net.weight_hh{end}"] = draw(count * H, H)
        if bias:
            state[f"net.bias_ih{end}"] = draw(count * H)
            state[f"net.bias_hh{end}"] = draw(count * H)
    return state


@pytest.mark.parametrize("cell", [RNNWeights, GRUWeights, LSTMWeights])
@pytest.mark.parametrize(
    ("layer", "ends"), [(0, ["_l0"]), (2, ["_l2", "_l2_reverse"]), (None, [""])]
)
@pytest.mark.parametrize("bias", [False, True])
@given(draw=draws, I=sizes, H=sizes)
@settings(max_examples=10, deadline=None)
def test_recurrent_torch(
    cell: Any,
    layer: int | None,
    ends: list[str],
    bias: bool,
    draw: Draw,
    I: int,  # noqa: E741
    H: int,
) -> None:
    state = torch_state(draw, COUNTS[cell], I, H, ends, bias)
    weights = cell.from_torch(state, "net", layer)
    np.testing.assert_equal((weights.directions, weights.input_size), (len(ends), I))
    assert_same_bits(weights.to_torch("net", layer), state)


@given(draw=draws, I=sizes, H=sizes, P=sizes)
@settings(max_examples=20, deadline=None)
def test_projected_torch(draw: Draw, I: int, H: int, P: int) -> None:  # noqa: E741
    state = {
        "weight_ih_l0": draw(4 * H, I),
        "weight_hh_l0": draw(4 * H, P),
        "bias_ih_l0": draw(4 * H),
        "bias_hh_l0": draw(4 * H),
        "weight_hr_l0": draw(P, H),
    }
    weights = LSTMWeights.from_torch(state)
    np.testing.assert_equal((weights.hidden_size, weights.output_size), (H, P))
    assert_same_bits(weights.to_torch(), state)


KERAS: list[
    tuple[Any, Callable[[int], tuple[int, ...]] | None, dict[str, bool], dict[str, bool]]
] = [
    (RNNWeights, None, {}, {}),
    (RNNWeights, lambda H: (H,), {}, {}),
    (GRUWeights, None, {"reset_after": False}, {}),
    (GRUWeights, None, {}, {}),
    (GRUWeights, lambda H: (3 * H,), {}, {}),
    (GRUWeights, lambda H: (2, 3 * H), {}, {}),
    (GRUWeights, lambda H: (6 * H,), {}, {"cudnn": True}),
    (LSTMWeights, None, {}, {}),
    (LSTMWeights, lambda H: (4 * H,), {}, {}),
    (LSTMWeights, lambda H: (8 * H,), {}, {"cudnn": True}),
]


@pytest.mark.parametrize(("cell", "bias", "there", "back"), KERAS)
@pytest.mark.parametrize("directions", [1, 2])
@given(draw=draws, I=sizes, H=sizes)
@settings(max_examples=10, deadline=None)
def test_recurrent_keras(
    cell: Any,
    bias: Callable[[int], tuple[int, ...]] | None,
    there: dict[str, bool],
    back: dict[str, bool],
    directions: int,
    draw: Draw,
    I: int,  # noqa: E741
    H: int,
) -> None:
    count = COUNTS[cell]
    arrays = []
    for _ in range(directions):
        arrays += [draw(I, count * H), draw(H, count * H)]
        arrays += [] if bias is None else [draw(*bias(H))]
    weights = cell.from_keras(arrays, **there)
    np.testing.assert_equal((weights.directions, weights.hidden_size), (directions, H))
    assert_same_bits(weights.to_keras(**back), arrays)


LAYOUTS = [
    (LSTMWeights, Layout("i f o g", forget_bias=1.0)),
    (LSTMWeights, Layout("i, j, f, o", input_first=True, joined=True, forget_bias=1.0)),
    (LSTMWeights, Layout("zofi", biases=2)),
    (GRUWeights, Layout("z r h", input_first=True)),
    (GRUWeights, Layout("rzn", inverted_update=True)),
    (GRUWeights, Layout("n u r", biases=2, inverted_update=True, joined=True)),
    (RNNWeights, Layout("h", input_first=True, joined=True)),
    (RNNWeights, Layout("h", biases=2)),
]


@pytest.mark.parametrize(("cell", "layout"), LAYOUTS)
@pytest.mark.parametrize("reset", ["before", "after"])
@given(draw=draws, I=sizes, H=sizes)
@settings(max_examples=10, deadline=None)
def test_layout(cell: Any, layout: Layout, reset: str, draw: Draw, I: int, H: int) -> None:  # noqa: E741
    rows, options = COUNTS[cell] * H, {"reset": reset} if cell is GRUWeights else {}
    matrices = (
        {"w": draw(rows, I + H)} if layout.joined else {"w": draw(rows, I), "r": draw(rows, H)}
    )
    arrays = {
        n: np.ascontiguousarray(m.T) if layout.input_first else m for n, m in matrices.items()
    }
    arrays |= {name: draw(rows) for name in ["b", "rb"][: layout.biases]}
    assert_same_bits(cell.from_layout(layout, **arrays, **options).to_layout(layout), arrays)


@pytest.mark.parametrize(("peephole", "count"), [("onnx", 3), ("lecture", 4)])
@pytest.mark.parametrize("order", ["iofc", "i f g o", "zfoi"])
@given(draw=draws, I=sizes, H=sizes, P=sizes)
@settings(max_examples=10, deadline=None)
def test_layout_of_peepholes(
    peephole: Any,
    count: int,
    order: str,
    draw: Draw,
    I: int,  # noqa: E741
    H: int,
    P: int,
) -> None:
    arrays = {"w": draw(4 * H, I), "r": draw(4 * H, P), "b": draw(4 * H)}
    arrays |= {"p": draw(count * H), "projection": draw(P, H)}
    weights = LSTMWeights.from_layout(order, **arrays, peephole=peephole)
    assert_same_bits(weights.to_layout(order), arrays)


GATES = [
    (RNNWeights, "h", {}, {}),
    (GRUWeights, "urh", {}, {}),
    (LSTMWeights, "iofz", {}, {}),
    (LSTMWeights, "iofz", {"peephole": "lecture"}, dict.fromkeys("iofz", 1)),
    (LSTMWeights, "iofz", {"peephole": "onnx"}, dict.fromkeys("iof", 1)),
]


@pytest.mark.parametrize(("cell", "gates", "options", "sees_c"), GATES)
@pytest.mark.parametrize("bias", [False, True])
@given(draw=draws, I=sizes, H=sizes)
@settings(max_examples=10, deadline=None)
def test_gates(
    cell: Any,
    gates: str,
    options: dict[str, str],
    sees_c: dict[str, int],
    bias: bool,
    draw: Draw,
    I: int,  # noqa: E741
    H: int,
) -> None:
    arrays = {}
    for gate in gates:
        arrays[gate] = draw(H, I + H)
        if gate in sees_c:
            arrays[gate] = np.concatenate([arrays[gate], np.diag(draw(H))], axis=1)
    if bias:
        arrays |= {f"b{gate}": draw(H) for gate in gates}
    assert_same_bits(cell.from_gates(**arrays, **options).to_gates(), arrays)


@given(draw=draws, I=sizes, H=sizes, directions=st.integers(1, 2))
@settings(max_examples=30, deadline=None)
def test_onnx(draw: Draw, I: int, H: int, directions: int) -> None:  # noqa: E741
    for cell, count in COUNTS.items():
        arrays = {"w": draw(directions, count * H, I), "r": draw(directions, count * H, H)}
        arrays["b"] = draw(directions, 2 * count * H)
        if cell is LSTMWeights:
            arrays["p"] = draw(directions, 3 * H)
        named = {name.upper(): array for name, array in arrays.items()}
        from_onnx: Any = cell.from_onnx  # type: ignore[attr-defined]  # each cell has its own
        assert_same_bits(from_onnx(**arrays).to_onnx(), named)


@given(draw=draws, I=sizes, H=sizes)
@settings(max_examples=30, deadline=None)
def test_split_and_bidirectional(draw: Draw, I: int, H: int) -> None:  # noqa: E741
    both = LSTMWeights(draw(2, 4 * H, I), draw(2, 4 * H, H), draw(2, 8 * H), draw(2, 3 * H))
    assert_same_bits(LSTMWeights.bidirectional(*both.split()).arrays(), both.arrays())


@given(draw=draws, out=sizes, inputs=sizes, bias=st.booleans())
@settings(max_examples=30, deadline=None)
def test_dense(draw: Draw, out: int, inputs: int, bias: bool) -> None:
    state = {"fc.weight": draw(out, inputs)} | ({"fc.bias": draw(out)} if bias else {})
    assert_same_bits(DenseWeights.from_torch(state, "fc").to_torch("fc"), state)
    keras = [draw(inputs, out)] + ([draw(out)] if bias else [])
    assert_same_bits(DenseWeights.from_keras(keras).to_keras(), keras)
    gemm = {"B": draw(out, inputs)} | ({"C": draw(out)} if bias else {})
    back = DenseWeights.from_onnx(gemm["B"], gemm.get("C"), trans_b=1).to_onnx()
    assert_same_bits(back, gemm)
    matmul = draw(inputs, out)
    assert_same_bits([DenseWeights.from_onnx(matmul).w.T], [matmul])


@given(draw=draws, out=sizes, inputs=sizes, kernel=st.lists(sizes, min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_conv(draw: Draw, out: int, inputs: int, kernel: list[int]) -> None:
    state = {"c.weight": draw(out, inputs, *kernel), "c.bias": draw(out)}
    assert_same_bits(ConvWeights.from_torch(state, "c").to_torch("c"), state)
    onnx = {"W": draw(out, inputs, *kernel), "B": draw(out)}
    assert_same_bits(ConvWeights.from_onnx(onnx["W"], onnx["B"]).to_onnx(), onnx)
    keras = [draw(*kernel, inputs, out), draw(out)]
    assert_same_bits(ConvWeights.from_keras(keras).to_keras(), keras)
    depthwise = [draw(*kernel, inputs, out), draw(inputs * out)]
    weights = ConvWeights.from_keras(depthwise, depthwise=True)
    assert_same_bits(weights.to_keras(depthwise=True, multiplier=out), depthwise)


@given(seed=st.integers(0, 1000), channels=sizes)
@settings(max_examples=30, deadline=None)
def test_batch_norm(seed: int, channels: int) -> None:
    draw = np.random.default_rng(seed)
    arrays = [*draw.standard_normal((3, channels)), draw.random(channels)]
    names = ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]
    state = dict(zip(names, arrays, strict=True))
    assert_same_bits(BatchNormWeights.from_torch(state, "bn").to_torch("bn"), state)
    assert_same_bits(BatchNormWeights.from_keras(arrays).to_keras(), arrays)
    bare = BatchNormWeights.from_keras(arrays[2:], scale=False, center=False)
    assert_same_bits(bare.to_keras(scale=False, center=False), arrays[2:])
    onnx = dict(zip(["scale", "B", "input_mean", "input_var"], arrays, strict=True))
    back = BatchNormWeights.from_onnx(*arrays, epsilon=1e-3)
    assert_same_bits(back.to_onnx(), onnx)
    np.testing.assert_equal(back.epsilon, 1e-3)
