"""Arrays that do not fit each other, or their container."""

from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    RNNWeights,
)

from .common import Call, ones, poisoned

ARRAYS: dict[str, Call] = {
    "dense_w_is_a_vector": lambda: DenseWeights(ones(3)),
    "dense_w_of_integers": lambda: DenseWeights(ones(5, 3, dtype="int64")),
    "dense_w_is_text": lambda: DenseWeights([["a"]]),  # type: ignore[arg-type]
    "dense_w_is_empty": lambda: DenseWeights(ones(0, 3)),
    "dense_w_is_ragged": lambda: DenseWeights([[1.0], [2.0, 3.0]]),  # type: ignore[arg-type]
    "dense_b_as_long_as_the_columns": lambda: DenseWeights(ones(5, 3), ones(3)),
    "dense_b_is_a_matrix": lambda: DenseWeights(ones(5, 3), ones(1, 5)),
    "dense_b_of_another_dtype": lambda: DenseWeights(ones(5, 3), ones(5, dtype="float64")),
    "dense_nan": lambda: DenseWeights(poisoned(5, 3)).require_finite("head"),
    "conv_w_is_a_matrix": lambda: ConvWeights(ones(6, 4)),
    "conv_w_has_four_spatial_dims": lambda: ConvWeights(ones(6, 4, 3, 3, 3, 3)),
    "conv_b_too_short": lambda: ConvWeights(ones(6, 4, 3), ones(4)),
    "conv_nan": lambda: ConvWeights(ones(6, 4, 3), poisoned(6)).require_finite(),
    "batch_norm_mean_too_long": lambda: BatchNormWeights(ones(3), ones(3), ones(4), ones(3)),
    "batch_norm_scale_is_a_matrix": lambda: BatchNormWeights(ones(3, 1), ones(3), ones(3), ones(3)),
    "batch_norm_variance_negative": lambda: BatchNormWeights(ones(3), ones(3), ones(3), -ones(3)),
    "batch_norm_epsilon_negative": lambda: BatchNormWeights(
        ones(3), ones(3), ones(3), ones(3), epsilon=-1e-5
    ),
    "rnn_w_without_directions": lambda: RNNWeights(ones(4, 3), ones(1, 4, 4)),
    "rnn_r_not_square": lambda: RNNWeights(ones(1, 4, 3), ones(1, 4, 3)),
    "rnn_b_is_one_half": lambda: RNNWeights(ones(1, 4, 3), ones(1, 4, 4), ones(1, 4)),
    "rnn_b_of_another_dtype": lambda: RNNWeights(
        ones(1, 4, 3), ones(1, 4, 4), ones(1, 8, dtype="float16")
    ),
    "lstm_w_rows_of_a_gru": lambda: LSTMWeights(ones(1, 18, 3), ones(1, 18, 6)),
    "lstm_w_has_three_directions": lambda: LSTMWeights(ones(3, 16, 3), ones(3, 16, 4)),
    "lstm_r_of_another_size": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 20, 5)),
    "lstm_r_transposed": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 4, 16)),
    "lstm_r_of_one_direction": lambda: LSTMWeights(ones(2, 16, 3), ones(1, 16, 4)),
    "lstm_b_is_one_half": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 16, 4), ones(1, 16)),
    "lstm_b_without_directions": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 16, 4), ones(32)),
    "lstm_r_of_another_dtype": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 16, 4, dtype="float64")),
    "lstm_p_for_four_gates": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 16, 4), p=ones(1, 16)),
    "lstm_p_for_three_gates": lambda: LSTMWeights(
        ones(1, 16, 3), ones(1, 16, 4), p=ones(1, 12), peephole="lecture"
    ),
    "lstm_peephole_unknown": lambda: LSTMWeights(
        ones(1, 16, 3),
        ones(1, 16, 4),
        p=ones(1, 12),
        peephole="gers",  # type: ignore[arg-type]
    ),
    "lstm_projection_transposed": lambda: LSTMWeights(
        ones(1, 16, 3), ones(1, 16, 2), projection=ones(1, 4, 2)
    ),
    "lstm_r_sees_h_before_the_projection": lambda: LSTMWeights(
        ones(1, 16, 3), ones(1, 16, 4), projection=ones(1, 2, 4)
    ),
    "lstm_nan": lambda: LSTMWeights(ones(1, 16, 3), poisoned(1, 16, 4)).require_finite("enc"),
    "gru_w_rows_of_an_lstm": lambda: GRUWeights(ones(1, 16, 3), ones(1, 16, 4), reset="after"),
    "gru_r_of_another_size": lambda: GRUWeights(ones(1, 12, 3), ones(1, 12, 6), reset="after"),
    "gru_b_is_one_half": lambda: GRUWeights(
        ones(1, 12, 3), ones(1, 12, 4), ones(1, 12), reset="before"
    ),
    "gru_reset_unknown": lambda: GRUWeights(
        ones(1, 12, 3),
        ones(1, 12, 4),
        reset="both",  # type: ignore[arg-type]
    ),
    "gru_nan": lambda: GRUWeights(
        poisoned(1, 12, 3), ones(1, 12, 4), reset="after"
    ).require_finite(),
    "gates_off_the_diagonal": lambda: LSTMWeights.from_gates(*[ones(2, 5)] * 4, peephole="lecture"),
    "gates_without_one_bias": lambda: GRUWeights.from_gates(
        ones(2, 5), ones(2, 5), ones(2, 5), ones(2), ones(2)
    ),
    "conv_w_of_another_dtype": lambda: ConvWeights(ones(6, 4, 3, dtype="int8")),
    "rnn_w_of_integers": lambda: RNNWeights(ones(1, 4, 3, dtype="int32"), ones(1, 4, 4)),
    "rnn_nan": lambda: RNNWeights(ones(1, 4, 3), poisoned(1, 4, 4)).require_finite("cell"),
    "lstm_w_is_a_matrix": lambda: LSTMWeights(ones(16, 3), ones(1, 16, 4)),
    "lstm_p_is_a_vector": lambda: LSTMWeights(ones(1, 16, 3), ones(1, 16, 4), p=ones(12)),
    "lstm_p_of_another_dtype": lambda: LSTMWeights(
        ones(1, 16, 3), ones(1, 16, 4), p=ones(1, 12, dtype="float64")
    ),
    "gru_w_transposed": lambda: GRUWeights(ones(1, 3, 12), ones(1, 12, 4), reset="after"),
    "gru_b_is_a_vector": lambda: GRUWeights(
        ones(1, 12, 3), ones(1, 12, 4), ones(24), reset="after"
    ),
    "gru_r_of_integers": lambda: GRUWeights(
        ones(1, 12, 3), ones(1, 12, 4, dtype="int64"), reset="after"
    ),
    "directions_of_other_sizes": lambda: LSTMWeights.bidirectional(
        LSTMWeights(ones(1, 16, 3), ones(1, 16, 4)), LSTMWeights(ones(1, 20, 3), ones(1, 20, 5))
    ),
    "directions_of_other_resets": lambda: GRUWeights.bidirectional(
        *(GRUWeights(ones(1, 12, 3), ones(1, 12, 4), reset=way) for way in ("before", "after"))
    ),
    "torch_entry_missing": lambda: LSTMWeights.from_torch(
        {"lstm.weight_ih_l0": ones(16, 3)}, "lstm"
    ),
}
