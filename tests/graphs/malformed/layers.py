"""Layers that are given values or options that do not fit."""

from typing import Any

import numpy as np

from onnxwright.graphs import DenseWeights, LSTMWeights, Network
from onnxwright.graphs.values import Value

from .common import (
    BIGRU,
    BILSTM,
    BN,
    CONV,
    DENSE,
    GRU,
    IMAGE,
    LECTURE,
    LSTM,
    PROJECTED,
    RNN,
    Call,
    X,
    layer,
    ones,
    with_inputs,
)


def lengths_of(dims: str, dtype: str) -> Call:
    return with_inputs(
        lambda net, x, n: net.lstm(x, LSTM, lengths=n, name="encoder"), X, ("n", dims, dtype)
    )


def starting_from(weights: Any, *states: tuple[str, str, str], source: Any = X) -> Call:
    def use(net: Network, x: Value, *given: Value) -> None:
        kind = type(weights).__name__.removesuffix("Weights").lower()
        getattr(net, kind)(x, weights, initial_state=given, name="encoder")

    return with_inputs(use, source, *states)


def stacked(net: Network, x: Value) -> None:
    first = net.lstm(x, BILSTM, name="first")
    net.lstm(first.sequence, LSTMWeights(ones(1, 16, 4), ones(1, 16, 4)), name="second")


def from_elsewhere(net: Network, x: Value) -> None:
    net.dense(Network("other").input("y", "batch 3"), DENSE, name="head")


LAYERS: dict[str, Call] = {
    "dense_takes_another_size": layer("dense", DENSE, ("x", "batch 4", "float32")),
    "dense_over_a_dynamic_dim": layer("dense", DENSE, ("x", "batch features", "float32")),
    "dense_of_integers": layer("dense", DENSE, ("x", "batch 3", "int64")),
    "dense_of_a_scalar": layer("dense", DENSE, ("x", "", "float32")),
    "dense_of_another_dtype": layer("dense", DENSE, ("x", "batch 3", "float64")),
    "dense_with_bare_arrays": layer("dense", ones(5, 3)),
    "dense_with_the_weights_of_a_gru": layer("dense", GRU),
    "dense_activation_misspelt": layer("dense", DENSE, activation="sigmoied"),
    "dense_activation_parameter_unknown": layer("dense", DENSE, activation="elu(beta=1)"),
    "dense_activation_parameter_no_number": layer("dense", DENSE, activation="elu(alpha=x)"),
    "dense_activation_not_text": layer("dense", DENSE, activation=np.tanh),
    "dense_of_an_array": with_inputs(lambda net: net.dense(ones(2, 3), DENSE)),
    "dense_of_a_layer_result": with_inputs(lambda net, x: net.dense(net.lstm(x, LSTM), DENSE), X),
    "dense_of_another_network": with_inputs(from_elsewhere, X),
    "stack_of_other_sizes": with_inputs(stacked, X),
    "lstm_takes_another_size": layer("lstm", LSTM, ("x", "batch time 4", "float32")),
    "lstm_of_a_matrix": layer("lstm", LSTM, ("x", "batch 3", "float32")),
    "lstm_of_integers": layer("lstm", LSTM, ("x", "batch time 3", "int32")),
    "lstm_of_another_dtype": layer("lstm", LSTM, ("x", "batch time 3", "float16")),
    "lstm_with_the_weights_of_a_gru": layer("lstm", GRU),
    "lstm_one_activation": layer("lstm", LSTM, activations="tanh"),
    "lstm_activation_unknown": layer("lstm", LSTM, activations=("sigmoid", "tanh", "tan")),
    "lstm_activation_not_for_cells": layer("lstm", LSTM, activations=("softmax", "tanh", "tanh")),
    "lstm_direction_unknown": layer("lstm", LSTM, direction="backward"),
    "lstm_direction_of_two": layer("lstm", LSTM, direction="bidirectional"),
    "lstm_direction_of_one": layer("lstm", BILSTM, direction="reverse"),
    "lstm_clip_zero": layer("lstm", LSTM, clip=0.0),
    "lstm_clip_nan": layer("lstm", LSTM, clip=float("nan")),
    "lstm_clip_too_small": layer("lstm", LSTM, clip=1e-46),
    "lstm_clip_too_large": layer("lstm", LSTM, clip=3.4028236e38),
    "lstm_clip_text": layer("lstm", LSTM, clip="3"),
    "lstm_merge_unknown": layer("lstm", BILSTM, merge="max"),
    "lstm_merge_of_one_direction": layer("lstm", LSTM, merge="sum"),
    "lstm_merge_dense_of_another_size": layer("lstm", BILSTM, merge=DENSE),
    "lstm_lowering_unknown": layer("lstm", LSTM, lowering="loop"),
    "lstm_lecture_as_operator": layer("lstm", LECTURE, lowering="op"),
    "lstm_projected_as_operator": layer("lstm", PROJECTED, lowering="op"),
    "lstm_unrolled_over_named_time": layer("lstm", LSTM, lowering="unrolled"),
    "lstm_unrolled_over_no_time": layer(
        "lstm", LSTM, ("x", "batch 0 3", "float32"), lowering="unrolled"
    ),
    "lstm_step_of_five": layer("lstm", LSTM, ("x", "batch 5 3", "float32"), lowering="step"),
    "lstm_step_backwards": layer("lstm", BILSTM, ("x", "batch 1 3", "float32"), lowering="step"),
    "lengths_of_floats": lengths_of("batch", "float32"),
    "lengths_as_a_matrix": lengths_of("batch 1", "int32"),
    "lengths_of_int16": lengths_of("batch", "int16"),
    "lengths_of_another_batch": with_inputs(
        lambda net, x, n: net.lstm(x, LSTM, lengths=n, name="encoder"),
        ("x", "4 time 3", "float32"),
        ("n", "5", "int32"),
    ),
    "lengths_as_an_array": layer("lstm", LSTM, lengths=np.array([1, 2])),
    "state_c_missing": starting_from(LSTM, ("h", "batch 4", "float32")),
    "state_too_many": starting_from(GRU, ("h", "batch 4", "float32"), ("c", "batch 4", "float32")),
    "state_of_another_size": starting_from(GRU, ("h", "batch 5", "float32")),
    "state_of_one_direction": starting_from(BIGRU, ("h", "batch 4", "float32")),
    "state_of_rank_three": starting_from(GRU, ("h", "1 batch 4", "float32")),
    "state_of_another_dtype": starting_from(GRU, ("h", "batch 4", "float64")),
    "state_of_another_batch": starting_from(
        GRU, ("h", "5 4", "float32"), source=("x", "4 time 3", "float32")
    ),
    "state_as_an_array": layer("gru", GRU, initial_state=ones(5)),
    "state_as_a_number": layer("gru", GRU, initial_state=1.0),
    "state_constant_and_streamed": layer("gru", GRU, initial_state=ones(1, 4), streaming=True),
    "rnn_two_activations": layer("rnn", RNN, activations=("tanh", "tanh")),
    "gru_takes_another_size": layer("gru", GRU, ("x", "batch time 2", "float32")),
    "gru_activation_parameter": layer("gru", GRU, activations=("tanh(alpha=2)", "tanh")),
    "conv_groups_do_not_divide": layer("conv", CONV, IMAGE, groups=4),
    "conv_groups_of_zero": layer("conv", CONV, IMAGE, groups=0),
    "conv_groups_of_a_fraction": layer("conv", CONV, IMAGE, groups=1.0),
    "conv_channels": layer("conv", CONV, ("image", "batch 3 9 9", "float32")),
    "conv_groups_and_channels": layer("conv", CONV, IMAGE, groups=2),
    "conv_over_three_dims": layer("conv", CONV, ("image", "batch 4 9 9 9", "float32")),
    "conv_pads_of_three": layer("conv", CONV, IMAGE, pads=(1, 1, 1)),
    "conv_pads_negative": layer("conv", CONV, IMAGE, pads=-1),
    "conv_strides_of_three": layer("conv", CONV, IMAGE, strides=(1, 1, 1)),
    "conv_strides_zero": layer("conv", CONV, IMAGE, strides=0),
    "conv_strides_of_floats": layer("conv", CONV, IMAGE, strides=1.5),
    "conv_window_too_large": layer("conv", CONV, ("image", "batch 4 9 2", "float32")),
    "conv_dilated_too_large": layer("conv", CONV, IMAGE, dilations=5),
    "pool_kernel_of_three": layer("max_pool", (2, 2, 2), IMAGE),
    "pool_pads_as_large_as_the_kernel": layer("max_pool", 2, IMAGE, pads=2),
    "pool_of_a_matrix": layer("average_pool", 2, ("x", "batch 3", "float32")),
    "batch_norm_of_other_channels": layer("batch_norm", BN, IMAGE),
    "batch_norm_of_a_vector": layer("batch_norm", BN, ("x", "batch", "float32")),
    "embedding_of_floats": layer("embedding", ones(7, 2)),
    "embedding_table_is_a_vector": layer("embedding", ones(7), ("ids", "batch", "int64")),
    "embedding_table_of_integers": layer(
        "embedding", ones(7, 2, dtype="int32"), ("ids", "batch", "int64")
    ),
    "softmax_axis": with_inputs(lambda net, x: net.softmax(x, axis=3, name="p"), X),
    "concat_of_nothing": with_inputs(lambda net: net.concat([], name="join")),
    "concat_of_other_dims": with_inputs(
        lambda net, a, b: net.concat([a, b], name="join"),
        ("a", "batch 3 4", "float32"),
        ("b", "batch 5 4", "float32"),
    ),
    "add_of_other_dims": with_inputs(
        lambda net, a, b: net.add(a, b, name="sum"),
        ("a", "batch 3", "float32"),
        ("b", "batch 4", "float32"),
    ),
    "add_of_other_dtypes": with_inputs(
        lambda net, a, b: net.add(a, b, name="sum"),
        ("a", "batch 3", "float32"),
        ("b", "batch 3", "float64"),
    ),
    "reshape_to_another_size": with_inputs(
        lambda net, x: net.reshape(x, "batch 10", name="rows"), ("x", "batch 3 4", "float32")
    ),
    "reshape_leaves_two_dims_open": with_inputs(
        lambda net, x: net.reshape(x, "a b", name="rows"), ("x", "batch 3 4", "float32")
    ),
    "transpose_names_a_dim_twice": with_inputs(
        lambda net, x: net.transpose(x, (0, 1, 1), name="turn"), X
    ),
    "flatten_axis": with_inputs(lambda net, x: net.flatten(x, axis=4, name="flat"), X),
    "weights_too_large_for_float16": with_inputs(
        lambda net, x: net.dense(x, DenseWeights(7e4 * ones(5, 3)), name="head"),
        ("x", "batch 3", "float16"),
        dtype="float16",
    ),
}
