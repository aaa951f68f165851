"""Every mistake in an array is refused at the call, and the text says which, what and why."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs.errors import WeightError
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


def a(*shape: int, dtype: Any = np.float32) -> Array:
    return np.ones(shape, dtype)


def torch(cell: str, count: int, **changed: Any) -> dict[str, Any]:
    """Return a state of I=3, H=4; an array given as None is missing."""
    state: dict[str, Any] = {
        f"{cell}.weight_ih_l0": a(4 * count, 3),
        f"{cell}.weight_hh_l0": a(4 * count, 4),
        f"{cell}.bias_ih_l0": a(4 * count),
        f"{cell}.bias_hh_l0": a(4 * count),
    }
    state |= {f"{cell}.{name}": array for name, array in changed.items()}
    return {name: array for name, array in state.items() if array is not None}


def lstm(**changed: Any) -> LSTMWeights:
    """Return an LSTM of D=1, I=3, H=4 with some arrays changed."""
    return LSTMWeights(**({"w": a(1, 16, 3), "r": a(1, 16, 4), "b": a(1, 32)} | changed))


def gates(**changed: Any) -> LSTMWeights:
    arrays = {name: a(4, 7) for name in "zifo"} | {f"b{name}": a(4) for name in "zifo"}
    return LSTMWeights.from_gates(**(arrays | changed))


def with_nan(array: Array) -> Array:
    array[0, 5, 1] = np.nan
    return array


NOT_DIAGONAL = np.concatenate([a(4, 7), np.eye(4, dtype=np.float32)[::-1]], axis=1)

CASES: list[tuple[Callable[[], Any], str]] = [
    # dense, conv, batch norm
    (
        lambda: DenseWeights(a(3, 4), a(4)),
        "DenseWeights: b has shape [4], needs [out=3]: one bias for each row of w",
    ),
    (
        lambda: DenseWeights(a(3)),
        "DenseWeights: w has shape [3], needs [out, in]: row i is into unit i",
    ),
    (
        lambda: DenseWeights(a(3, 0)),
        "DenseWeights: w has shape [3, 0], needs [out, in]: row i is into unit i",
    ),
    (
        lambda: DenseWeights(a(3, 4, dtype=np.int64)),
        "DenseWeights: w has dtype int64, needs one of float16, bfloat16, float32, float64",
    ),
    (
        lambda: DenseWeights(a(3, 4), a(3, dtype=np.float64)),
        "DenseWeights: b has dtype float64, needs float32: all arrays of a layer have the "
        "dtype of w",
    ),
    (
        lambda: DenseWeights(None),  # type: ignore[arg-type]  # the mistake under test
        "DenseWeights: w has dtype object, needs one of float16, bfloat16, float32, float64",
    ),
    (
        lambda: DenseWeights([[1.0], [1.0, 2.0]]),  # type: ignore[arg-type]  # as above
        "DenseWeights: w is no array (list: setting an array element with a sequence.",
    ),
    (
        lambda: ConvWeights(a(6, 3)),
        "ConvWeights: w has shape [6, 3], needs [out, in/groups, k...]: a convolution has one to "
        "three spatial dims k, none of size 0",
    ),
    (
        lambda: ConvWeights(a(6, 1, 3, 3), a(1)),
        "ConvWeights: b has shape [1], needs [out=6]: one bias for each kernel of w",
    ),
    (
        lambda: BatchNormWeights(a(4), a(4), a(3), a(4)),
        "BatchNormWeights: mean has shape [3], needs [C=4]: C is the length of scale",
    ),
    (
        lambda: BatchNormWeights(a(4), a(4), a(4), -a(4)),
        "BatchNormWeights: variance has negative numbers, needs none: it is a mean of squares",
    ),
    (
        lambda: BatchNormWeights(a(4), a(4), a(4), a(4), epsilon=1000),
        "BatchNormWeights: epsilon is 1000, needs a number from 0 to below 1",
    ),
    # recurrent containers
    (
        lambda: RNNWeights(a(1, 4, 3), a(1, 3, 4)),
        "RNNWeights: r has shape [1, 3, 4], needs [D=1, H=4, H=4]: H=4 follows from w [1, 4, 3]",
    ),
    (
        lambda: RNNWeights(a(1, 4, 3), a(1, 4, 4), a(1, 4)),
        "RNNWeights: b has shape [1, 4], needs [D=1, 2H=8]: the input bias and then the recurrent "
        "bias, 4 each",
    ),
    (
        lambda: lstm(w=a(16, 3)),
        "LSTMWeights: w has shape [16, 3], needs [D, 4H, I]: four gates (i o f c) of H rows, for "
        "each of D directions",
    ),
    (
        lambda: lstm(w=a(1, 18, 3)),
        "LSTMWeights: w has 18 rows (shape [1, 18, 3]), needs a multiple of 4: four gates "
        "(i o f c)",
    ),
    (
        lambda: lstm(w=a(3, 16, 3), r=a(3, 16, 4)),
        "LSTMWeights: w has 3 directions (shape [3, 16, 3]), needs 1 or 2",
    ),
    (
        lambda: lstm(r=a(1, 16, 5)),
        "LSTMWeights: r has shape [1, 16, 5], needs [D=1, 4H=16, H=4]: H=4 follows from w "
        "[1, 16, 3]",
    ),
    (
        lambda: lstm(r=a(1, 4, 16)),
        "LSTMWeights: r has shape [1, 4, 16], needs [D=1, 4H=16, H=4]: H=4 follows from w "
        "[1, 16, 3]\nit looks transposed: weights are output-first, swap its last two axes",
    ),
    (
        lambda: lstm(r=a(2, 16, 4)),
        "LSTMWeights: r has shape [2, 16, 4], needs [D=1, 4H=16, H=4]",
    ),
    (
        lambda: lstm(b=a(1, 16)),
        "LSTMWeights: b has shape [1, 16], needs [D=1, 8H=32]: the input bias and then the "
        "recurrent bias, 16 each",
    ),
    (
        lambda: lstm(b=a(32)),
        "LSTMWeights: b has shape [32], needs [D=1, 8H=32]: the input bias and then the recurrent "
        "bias, 16 each\na dim is missing",
    ),
    (
        lambda: lstm(p=a(1, 16)),
        "LSTMWeights: p has shape [1, 16], needs [D=1, 3H=12]: peephole='onnx' has one vector of H "
        "for each of i o f",
    ),
    (
        lambda: lstm(p=a(1, 12), peephole="lecture"),
        "LSTMWeights: p has shape [1, 12], needs [D=1, 4H=16]: peephole='lecture' has one vector "
        "of H for each of i o f c",
    ),
    (
        lambda: lstm(peephole="gers"),
        "LSTMWeights: peephole is 'gers', needs 'onnx' or 'lecture'",
    ),
    (
        lambda: lstm(projection=a(1, 2, 5)),
        "LSTMWeights: projection has shape [1, 2, 5], needs [D=1, P, H=4]: H=4 follows from w",
    ),
    (
        lambda: lstm(projection=a(1, 2, 4)),
        "LSTMWeights: r has shape [1, 16, 4], needs [D=1, 4H=16, P=2]",
    ),
    (
        lambda: lstm(r=a(1, 16, 4, dtype=np.float16)),
        "LSTMWeights: r has dtype float16, needs float32",
    ),
    (
        lambda: lstm(w=with_nan(a(1, 16, 3))).require_finite("encoder"),
        "LSTMWeights 'encoder': w holds 1 of 48 numbers that are not finite, the first at "
        "[0, 5, 1] (nan)",
    ),
    (
        lambda: GRUWeights(a(1, 12, 3), a(1, 12, 4), reset="both"),  # type: ignore[arg-type]  # as above
        "GRUWeights: reset is 'both', needs 'before' or 'after'",
    ),
    (
        lambda: GRUWeights(a(1, 16, 3), a(1, 16, 4), reset="after"),
        "GRUWeights: w has 16 rows (shape [1, 16, 3]), needs a multiple of 3: three gates (z r h)",
    ),
    (
        lambda: LSTMWeights.bidirectional(lstm(), lstm(w=a(1, 16, 5))),
        "LSTMWeights.bidirectional: backward w is [1, 16, 5], needs [1, 16, 3] as in forward w",
    ),
    (
        lambda: LSTMWeights.bidirectional(lstm(), lstm(b=None)),
        "LSTMWeights.bidirectional: backward b is None, needs [1, 32] as in forward b",
    ),
    (
        lambda: LSTMWeights.bidirectional(lstm(), LSTMWeights(a(2, 16, 3), a(2, 16, 4))),
        "LSTMWeights.bidirectional: backward has 2 directions, needs 1",
    ),
    # PyTorch
    (
        lambda: LSTMWeights.from_torch(torch("enc", 4, weight_hh_l0=a(16, 5)), "enc"),
        "LSTMWeights.from_torch: enc.weight_hh_l0 has shape [16, 5], needs [4H=16, H=4]: H=4 "
        "follows from enc.weight_ih_l0",
    ),
    (
        lambda: LSTMWeights.from_torch(torch("enc", 4, bias_hh_l0=None), "enc"),
        "LSTMWeights.from_torch: there is no array 'enc.bias_hh_l0' among the 3 given\nnear it: "
        "enc.bias_ih_l0, enc.weight_hh_l0",
    ),
    (
        lambda: LSTMWeights.from_torch(torch("enc", 4), "encoder", 1),
        "LSTMWeights.from_torch: there is no array 'encoder.weight_ih_l1' among the 4 given\nnear "
        "it: enc.weight_ih_l0",
    ),
    (
        lambda: LSTMWeights.from_torch({}),
        "LSTMWeights.from_torch: there is no array 'weight_ih_l0' among the 0 given\n"
        "hand over the state, or name the weights file",
    ),
    (
        lambda: LSTMWeights.from_torch(torch("gru", 3, weight_ih_l0=a(14, 3)), "gru"),
        "LSTMWeights.from_torch: gru.weight_ih_l0 has shape [14, 3], needs [4H, I]: a block of H "
        "for each gate in the order 'i f g o'",
    ),
    (
        lambda: GRUWeights.from_torch(torch("gru", 3, weight_hr_l0=a(2, 4)), "gru"),
        "GRUWeights.from_torch: the state has a weight_hr, a projection, which only an LSTM has",
    ),
    (
        lambda: RNNWeights.from_torch(torch("rnn", 1, bias_ih_l0=a(4, dtype=np.int32)), "rnn"),
        "RNNWeights.from_torch: rnn.bias_ih_l0 has dtype int32, needs one of",
    ),
    (
        lambda: GRUWeights(a(1, 12, 3), a(1, 12, 4), reset="before").to_torch(),
        "GRUWeights.to_torch: reset is 'before', needs 'after': the target computes only that form",
    ),
    (
        lambda: lstm(p=a(1, 12)).to_torch(),
        "LSTMWeights.to_torch: the layer has p, which the target does not know",
    ),
    # Keras
    (
        lambda: LSTMWeights.from_keras([a(3, 16)]),
        "LSTMWeights.from_keras: 1 arrays are given, needs 2 or 3 (kernel, recurrent kernel, bias)",
    ),
    (
        lambda: LSTMWeights.from_keras([a(16, 3), a(4, 16), a(16)]),
        "LSTMWeights.from_keras: kernel has shape [16, 3], needs [I, 4H]: a block of H for each "
        "gate in the order 'i f c o'",
    ),
    (
        lambda: LSTMWeights.from_keras([a(3, 16), a(4, 12), a(16)]),
        "LSTMWeights.from_keras: recurrent_kernel has shape [4, 12], needs [H=4, 4H=16]: H=4 "
        "follows from kernel",
    ),
    (
        lambda: LSTMWeights.from_keras([a(3, 16), a(4, 16), a(2, 16)]),
        "LSTMWeights.from_keras: bias has shape [2, 16], which only a GRU with "
        "reset_after=True has",
    ),
    (
        lambda: LSTMWeights.from_keras([a(3, 16), a(4, 16), a(16), a(3, 16), a(4, 16), a(12)]),
        "LSTMWeights.from_keras: backward bias has shape [12], needs [4H=16]: one bias for "
        "each row",
    ),
    (
        lambda: GRUWeights.from_keras([a(3, 12), a(4, 12), a(12)], reset_after=True),
        "GRUWeights.from_keras: reset_after is True, but a bias of this shape belongs to "
        "reset_after=False",
    ),
    (
        lambda: GRUWeights.from_keras([a(3, 12), a(4, 12), a(3, 12)]),
        "GRUWeights.from_keras: bias has shape [3, 12], needs [2=2, 3H]: the input bias above the "
        "recurrent bias",
    ),
    (
        lambda: DenseWeights.from_keras([a(3), a(4)]),
        "DenseWeights.from_keras: kernel has shape [3], needs [in, out]: a Dense",
    ),
    (
        lambda: ConvWeights.from_keras([a(3, 4), a(4)]),
        "ConvWeights.from_keras: kernel has shape [3, 4], needs [k..., in/groups, out]",
    ),
    (
        lambda: BatchNormWeights.from_keras([a(3)] * 3),
        "BatchNormWeights.from_keras: 3 arrays are given, needs 4: gamma, beta, moving_mean, "
        "moving_variance",
    ),
    # declared layouts
    (
        lambda: LSTMWeights.from_layout("i f g", a(16, 3), a(16, 4)),
        "LSTMWeights.from_layout: order 'i f g' does not name each of the gates i o f c once",
    ),
    (
        lambda: LSTMWeights.from_layout("i f g c", a(16, 3), a(16, 4)),
        "LSTMWeights.from_layout: order 'i f g c' does not name each of the gates i o f c once",
    ),
    (
        lambda: GRUWeights.from_layout(Layout("zrh", forget_bias=1), a(12, 3), reset="after"),
        "GRUWeights.from_layout: forget_bias is declared, but the cell has only the gates z r h",
    ),
    (
        lambda: LSTMWeights.from_layout(Layout("ifco", inverted_update=True), a(16, 3), a(16, 4)),
        "LSTMWeights.from_layout: inverted_update is declared, but the cell has only the gates",
    ),
    (
        lambda: Layout("ifco", biases=2, forget_bias=1),
        "Layout: forget_bias needs biases=1: it is kept in the recurrent half",
    ),
    (
        lambda: Layout("ifco", biases=3),  # type: ignore[arg-type]  # as above
        "Layout: biases is 3, needs 1 or 2",
    ),
    (
        lambda: LSTMWeights.from_layout("ifco", a(16, 7)),
        "LSTMWeights.from_layout: r is missing, but the layout is not joined",
    ),
    (
        lambda: LSTMWeights.from_layout(Layout("ifco", joined=True), a(16, 4)),
        "LSTMWeights.from_layout: w has shape [16, 4], needs [4H, I+H]",
    ),
    (
        lambda: LSTMWeights.from_layout("ifco", a(16, 3), a(16, 4), a(16), a(16)),
        "LSTMWeights.from_layout: 2 bias vectors are given (b, rb), needs 1 or none",
    ),
    (
        lambda: LSTMWeights.from_layout("ifco", a(16, 3), a(16, 4), p=a(16)),
        "LSTMWeights.from_layout: p has shape [16], needs [3H=12]: peephole='onnx' has one vector",
    ),
    (
        lambda: lstm(w=a(2, 16, 3), r=a(2, 16, 4), b=None).to_layout("ifco"),
        "LSTMWeights.to_layout: the layer has 2 directions, needs 1",
    ),
    (
        lambda: GRUWeights(a(1, 12, 3), a(1, 12, 4), a(1, 24), reset="after").to_layout("zrh"),
        "GRUWeights.to_layout: the layout has one bias, but with reset='after' the candidate's "
        "recurrent bias stands inside the product with the reset gate",
    ),
    # gates
    (
        lambda: gates(f=a(4, 6)),
        "LSTMWeights.from_gates: f has shape [4, 6], needs [H=4, I+H=7]: I=3, H=4, and it does not "
        "cover c",
    ),
    (
        lambda: gates(z=a(4, 4), i=a(4, 4), f=a(4, 4), o=a(4, 4)),
        "LSTMWeights.from_gates: i has shape [4, 4], needs 5 columns or more: [x; h] with H=4",
    ),
    (
        lambda: gates(
            z=NOT_DIAGONAL, i=NOT_DIAGONAL, f=NOT_DIAGONAL, o=NOT_DIAGONAL, peephole="lecture"
        ),
        "LSTMWeights.from_gates: i has numbers off the diagonal of its block over c (columns 7 to "
        "10), needs a diagonal block: a peephole joins a unit to its own cell only",
    ),
    (
        lambda: gates(bo=None),
        "LSTMWeights.from_gates: bo is missing, needs a bias for every gate or for none",
    ),
    (
        lambda: gates(bi=a(5)),
        "LSTMWeights.from_gates: bi has shape [5], needs [H=4]: H is the number of rows of "
        "the gates",
    ),
    (
        lambda: GRUWeights.from_gates(a(4, 7), a(4, 7), a(4, 3)),
        "GRUWeights.from_gates: h has shape [4, 3], needs [H=4, I+H=7]: I=3, H=4, and it does not",
    ),
    (
        lambda: GRUWeights.from_torch(torch("g", 3), "g").to_gates(),
        "GRUWeights.to_gates: reset is 'after', needs 'before'",
    ),
    (
        lambda: lstm(p=a(1, 16), peephole="lecture").to_onnx(),
        "LSTMWeights.to_onnx: the layer has the lecture's peepholes, which the ONNX LSTM cannot",
    ),
    (
        lambda: lstm(r=a(1, 16, 2), projection=a(1, 2, 4)).to_onnx(),
        "LSTMWeights.to_onnx: the layer has a projection, which the ONNX LSTM cannot express",
    ),
]


@pytest.mark.parametrize(("call", "text"), CASES, ids=[text[:60] for _, text in CASES])
def test_refusal(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(WeightError, match=f"^{re.escape(text)}"):
        call()
