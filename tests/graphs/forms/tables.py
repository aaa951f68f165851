"""The tables of recurrent layers. Parameters are exact in float32, as attributes are float32."""

from typing import Any

import numpy as np

from onnxwright.graphs import DenseWeights, GRUWeights, LSTMWeights, RNNWeights

from .form import Array, random
from .recurrent import RecurrentForm

INPUTS, UNITS, PROJECTED = 3, 4, 2


def halves(*shape: int, seed: int) -> Array:
    """Return biases on a grid, so that the sum of both halves is exact in float32."""
    return (random(*shape, seed=seed) * 1024).round() / np.float32(1024)


def rnn(directions: int = 1, *, bias: bool = True, seed: int = 1) -> RNNWeights:
    return RNNWeights(
        random(directions, UNITS, INPUTS, seed=seed),
        random(directions, UNITS, UNITS, seed=seed + 100),
        halves(directions, 2 * UNITS, seed=seed + 200) if bias else None,
    )


def lstm(
    directions: int = 1,
    *,
    bias: bool = True,
    peephole: str | None = None,
    projected: bool = False,
    seed: int = 2,
) -> LSTMWeights:
    fed_back = PROJECTED if projected else UNITS
    options: dict[str, Any] = {}
    if peephole:
        seeing = {"onnx": 3, "lecture": 4}[peephole]
        options["p"] = random(directions, seeing * UNITS, seed=seed + 300, scale=1.0)
        options["peephole"] = peephole
    if projected:
        options["projection"] = random(directions, PROJECTED, UNITS, seed=seed + 400)
    return LSTMWeights(
        random(directions, 4 * UNITS, INPUTS, seed=seed),
        random(directions, 4 * UNITS, fed_back, seed=seed + 100),
        halves(directions, 8 * UNITS, seed=seed + 200) if bias else None,
        **options,
    )


def gru(
    directions: int = 1, *, bias: bool = True, reset: Any = "before", seed: int = 3
) -> GRUWeights:
    return GRUWeights(
        random(directions, 3 * UNITS, INPUTS, seed=seed, scale=0.8),
        random(directions, 3 * UNITS, UNITS, seed=seed + 100, scale=0.8),
        halves(directions, 6 * UNITS, seed=seed + 200) if bias else None,
        reset=reset,
    )


def gru_without_x() -> GRUWeights:
    """Return a GRU whose candidate sees no x, from one matrix per gate."""
    wide, square = (UNITS, INPUTS + UNITS), (UNITS, UNITS)
    u, r, h = random(*wide, seed=31), random(*wide, seed=32), random(*square, seed=33)
    return GRUWeights.from_gates(u, r, h, *(random(UNITS, seed=s) for s in (34, 35, 36)))


def merger(units: int = UNITS, *, bias: bool = True) -> DenseWeights:
    return DenseWeights(random(3, 2 * units, seed=41), random(3, seed=42) if bias else None)


SIGMOID: tuple[str, dict[str, float]] = ("sigmoid", {})
TANH: tuple[str, dict[str, float]] = ("tanh", {})
HARD: tuple[str, dict[str, float]] = ("hard_sigmoid", {"alpha": 0.25, "beta": 0.5})
LEAKY: tuple[str, dict[str, float]] = ("leaky_relu", {"alpha": 0.125})
SCALED: tuple[str, dict[str, float]] = ("scaled_tanh", {"alpha": 1.5, "beta": 0.75})
CELL_FUNCTIONS: tuple[tuple[str, dict[str, float]], ...] = (
    ("affine", {"alpha": 0.5, "beta": 0.25}),
    ("elu", {"alpha": 0.75}),
    HARD,
    ("identity", {}),
    LEAKY,
    ("relu", {}),
    SCALED,
    SIGMOID,
    ("softplus", {}),
    ("softsign", {}),
    ("thresholded_relu", {"alpha": 0.25}),
)

RNNS = [
    RecurrentForm("rnn", rnn()),
    RecurrentForm("rnn_without_bias", rnn(bias=False)),
    *(RecurrentForm(f"rnn_{f[0]}", rnn(), (f,)) for f in CELL_FUNCTIONS),
    RecurrentForm("rnn_clip", rnn(), clip=0.375),
    RecurrentForm("rnn_reverse", rnn(), direction="reverse"),
    RecurrentForm("rnn_initial", rnn(), initial=True),
    RecurrentForm("rnn_lengths", rnn(), lengths=True),
    RecurrentForm("rnn_lengths_initial", rnn(), lengths=True, initial=True),
    RecurrentForm(
        "rnn_reverse_lengths_initial", rnn(), direction="reverse", lengths=True, initial=True
    ),
    *(RecurrentForm(f"birnn_{how}", rnn(2), merge=how) for how in ("sum", "mean", "product")),
    RecurrentForm("birnn", rnn(2)),
    RecurrentForm("birnn_dense", rnn(2), merge=merger()),
    RecurrentForm("birnn_dense_without_bias", rnn(2), merge=merger(bias=False)),
    RecurrentForm("birnn_scaled", rnn(2), (SCALED,), clip=0.5),
    RecurrentForm("birnn_lengths", rnn(2), lengths=True),
    RecurrentForm("birnn_lengths_initial", rnn(2), lengths=True, initial=True),
    RecurrentForm("birnn_dense_lengths", rnn(2), merge=merger(), lengths=True, initial=True),
]

LSTMS = [
    RecurrentForm("lstm", lstm()),
    RecurrentForm("lstm_without_bias", lstm(bias=False)),
    RecurrentForm("lstm_hard", lstm(), (HARD, SCALED, LEAKY)),
    RecurrentForm("lstm_relu", lstm(), (SIGMOID, ("relu", {}), ("identity", {}))),
    RecurrentForm("lstm_clip", lstm(), clip=0.375),
    RecurrentForm("lstm_initial", lstm(), initial=True),
    RecurrentForm("lstm_reverse", lstm(), direction="reverse"),
    RecurrentForm("lstm_lengths", lstm(), lengths=True),
    RecurrentForm("lstm_lengths_initial", lstm(), lengths=True, initial=True),
    RecurrentForm(
        "lstm_reverse_lengths_initial", lstm(), direction="reverse", lengths=True, initial=True
    ),
    RecurrentForm("lstm_coupled", lstm(), coupled=True),
    RecurrentForm("lstm_coupled_peephole", lstm(peephole="onnx"), coupled=True),
    RecurrentForm("lstm_peephole", lstm(peephole="onnx")),
    RecurrentForm("lstm_peephole_initial", lstm(peephole="onnx"), initial=True, lengths=True),
    RecurrentForm("lstm_peephole_clip", lstm(peephole="onnx"), clip=0.375),
    RecurrentForm("lstm_lecture", lstm(peephole="lecture"), operator=False),
    RecurrentForm(
        "lstm_lecture_clip",
        lstm(peephole="lecture"),
        (HARD, SCALED, TANH),
        clip=0.5,
        operator=False,
    ),
    RecurrentForm(
        "lstm_lecture_without_bias", lstm(bias=False, peephole="lecture"), operator=False
    ),
    RecurrentForm(
        "lstm_lecture_lengths_initial",
        lstm(peephole="lecture"),
        lengths=True,
        initial=True,
        operator=False,
    ),
    RecurrentForm("lstm_lecture_coupled", lstm(peephole="lecture"), coupled=True, operator=False),
    RecurrentForm("lstm_projected", lstm(projected=True), operator=False),
    RecurrentForm(
        "lstm_projected_peephole_lengths_initial",
        lstm(projected=True, peephole="onnx"),
        lengths=True,
        initial=True,
        operator=False,
    ),
    RecurrentForm("bilstm", lstm(2)),
    RecurrentForm("bilstm_hard", lstm(2), (HARD, SCALED, LEAKY)),
    RecurrentForm("bilstm_product_lengths", lstm(2), merge="product", lengths=True),
    RecurrentForm("bilstm_dense", lstm(2), merge=merger()),
    RecurrentForm(
        "bilstm_peephole_lengths_initial", lstm(2, peephole="onnx"), lengths=True, initial=True
    ),
    RecurrentForm(
        "bilstm_lecture_lengths_initial",
        lstm(2, peephole="lecture"),
        lengths=True,
        initial=True,
        operator=False,
    ),
    RecurrentForm("bilstm_projected_mean", lstm(2, projected=True), merge="mean", operator=False),
    RecurrentForm(
        "bilstm_projected_dense",
        lstm(2, projected=True),
        merge=merger(PROJECTED),
        lengths=True,
        initial=True,
        operator=False,
    ),
]

GRUS = [
    *(
        RecurrentForm(f"gru_{reset}{suffix}", gru(reset=reset, bias=bias), **options)
        for reset in ("before", "after")
        for suffix, bias, options in (
            ("", True, {}),
            ("_without_bias", False, {}),
            ("_sigmoid", True, {"activations": (SIGMOID, SIGMOID)}),
            ("_hard", True, {"activations": (HARD, LEAKY)}),
            ("_clip", True, {"clip": 0.375}),
            ("_reverse", True, {"direction": "reverse"}),
            ("_initial", True, {"initial": True}),
            ("_lengths", True, {"lengths": True}),
            ("_lengths_initial", True, {"lengths": True, "initial": True}),
        )
    ),
    RecurrentForm("gru_without_x", gru_without_x()),
    RecurrentForm("gru_without_x_sigmoid", gru_without_x(), (SIGMOID, SIGMOID)),
    RecurrentForm("bigru_before", gru(2)),
    RecurrentForm("bigru_after", gru(2, reset="after")),
    RecurrentForm("bigru_hard", gru(2, reset="after"), (HARD, SCALED)),
    RecurrentForm("bigru_sum", gru(2), merge="sum"),
    RecurrentForm("bigru_mean_lengths", gru(2), merge="mean", lengths=True),
    RecurrentForm("bigru_dense", gru(2, reset="after"), merge=merger()),
    RecurrentForm("bigru_before_lengths_initial", gru(2), lengths=True, initial=True),
    RecurrentForm("bigru_after_lengths_initial", gru(2, reset="after"), lengths=True, initial=True),
]
