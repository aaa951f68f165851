"""The models of the tests' Keras files: every layer family, option and trap, each in a few units.

Each function takes the module ``keras`` (Keras 3, or ``tf_keras`` for Keras 2) and returns a model
and the shapes of its inputs, the batch included, once per recorded run.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Runs = list[list[tuple[int, ...]]]
Model = tuple[Any, Runs]


def stack(k: Any) -> Model:
    """Recurrent layers in a row."""
    la = k.layers
    net = [
        la.Input((None, 5)),
        la.Bidirectional(la.GRU(4, return_sequences=True)),
        la.LSTM(3),
        la.Dense(2),
    ]
    return k.Sequential(net), [[(2, 6, 5)], [(3, 4, 5)]]


def images(k: Any) -> Model:
    """Convolutions in two dims: same with a stride, dilation, groups, Flatten, average same."""
    la = k.layers
    net = [
        la.Input((13, 11, 2)),
        la.ZeroPadding2D(((1, 0), (0, 2))),
        la.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        la.BatchNormalization(),
        la.Conv2D(6, (2, 3), dilation_rate=(2, 1), padding="same", groups=2, activation="elu"),
        la.AveragePooling2D(3, strides=2, padding="same"),
        la.MaxPooling2D((2, 1)),
        la.Cropping2D(((0, 0), (1, 0))),
        la.UpSampling2D((2, 1)),
        la.Flatten(),
        la.Dropout(0.5),
        la.Dense(5, activation="softmax"),
    ]
    return k.Sequential(net), [[(1, 13, 11, 2)], [(3, 13, 11, 2)]]


def mobile(k: Any) -> Model:
    """Depthwise and separable convolutions over open dims, global pooling."""
    la = k.layers
    net = [
        la.Input((None, None, 3)),
        la.Rescaling(2.0, offset=-1.0),
        la.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
        la.BatchNormalization(scale=False),
        la.ReLU(max_value=6.0),
        la.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        la.LeakyReLU(),
        la.SeparableConv2D(5, (3, 2), strides=2, padding="same", activation="hard_sigmoid"),
        la.MaxPooling2D(2, padding="same"),
        la.GlobalAveragePooling2D(),
        la.Dense(3),
    ]
    return k.Sequential(net), [[(2, 12, 9, 3)], [(1, 7, 10, 3)]]


def signal(k: Any) -> Model:
    """One dim: causal, pools, separable, UpSampling, transposed."""
    la = k.layers
    net = [
        la.Input((None, 4)),
        la.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="tanh"),
        la.AveragePooling1D(2, padding="same"),
        la.SeparableConv1D(6, 3, padding="same"),
        la.PReLU(shared_axes=[1]),
        la.UpSampling1D(2),
        la.Conv1DTranspose(3, 4, strides=2, padding="same"),
        la.GlobalMaxPooling1D(),
        la.Dense(2),
    ]
    return k.Sequential(net), [[(2, 9, 4)], [(3, 12, 4)]]


def volume(k: Any) -> Model:
    """Three dims."""
    la = k.layers
    net = [
        la.Input((6, 5, 4, 1)),
        la.Conv3D(2, (3, 2, 2), strides=(2, 1, 1), padding="same"),
        la.ReLU(negative_slope=0.1, threshold=0.2),
        la.MaxPooling3D((1, 2, 2)),
        la.Conv3DTranspose(2, 2, strides=2),
        la.GlobalAveragePooling3D(),
        la.Dense(2),
    ]
    return k.Sequential(net), [[(2, 6, 5, 4, 1)], [(1, 6, 5, 4, 1)]]


def deconvolution(k: Any) -> Model:
    """Transposed convolutions, valid and same, a kernel below and above the stride."""
    la = k.layers
    net = [
        la.Input((4, 5, 2)),
        la.Conv2DTranspose(3, 2, strides=3, padding="same", activation="selu"),
        la.Conv2DTranspose(2, (4, 3), strides=2),
        la.Conv2D(1, 3, strides=2),
    ]
    return k.Sequential(net), [[(2, 4, 5, 2)], [(1, 4, 5, 2)]]


def cells(k: Any) -> Model:
    """Every cell: GRU in both forms, activations, no bias, backwards, states out."""
    la = k.layers
    x = la.Input((None, 3), name="x")
    before = la.GRU(4, reset_after=False, return_sequences=True, name="before")(x)
    after = la.GRU(3, recurrent_activation="hard_sigmoid", use_bias=False, name="after")(before)
    back = la.LSTM(4, go_backwards=True, return_sequences=True, name="back")(before)
    simple = la.SimpleRNN(3, activation="relu", go_backwards=True, name="simple")(back)
    y, h, c = la.LSTM(2, return_state=True, name="states")(back)
    return k.Model(x, [after, simple, back, y, h, c]), [[(2, 5, 3)], [(3, 8, 3)]]


def directions(k: Any) -> Model:
    """Bidirectional in every merge, with states out and in."""
    la = k.layers
    x = la.Input((None, 3), name="x")
    outputs = [
        la.Bidirectional(la.LSTM(2, return_sequences=True), merge_mode=mode, name=f"m_{mode}")(x)
        for mode in ("concat", "sum", "mul", "ave")
    ]
    outputs += la.Bidirectional(la.GRU(2), merge_mode=None, name="both")(x)
    y, *states = la.Bidirectional(la.LSTM(3, return_state=True), name="encoder")(x)
    again = la.Bidirectional(la.LSTM(3, return_sequences=True), name="decoder")
    outputs.append(again(x, initial_state=states))
    return k.Model(x, [*outputs, y, *states]), [[(2, 5, 3)], [(3, 7, 3)]]


def masked_ids(k: Any) -> Model:
    """mask_zero: zeros in the middle, at the front, at the end, a row of nothing else."""
    la = k.layers
    ids = la.Input((None,), name="ids", dtype="int32")
    e = la.Embedding(6, 4, mask_zero=True, name="words")(ids)
    sequence = la.LSTM(3, return_sequences=True, name="sequence")(e)
    backward = la.GRU(3, return_sequences=True, go_backwards=True, name="backward")(e)
    both = la.Bidirectional(la.GRU(2, return_sequences=True), name="both")(la.Dropout(0.1)(e))
    last = la.LSTM(3, name="last")(both)
    mean = la.GlobalAveragePooling1D(name="mean")(sequence)
    each = la.TimeDistributed(la.Dense(2), name="each")(sequence)
    again = la.SimpleRNN(2, name="again")(each)
    outputs = [sequence, backward, both, last, mean, again]
    return k.Model(ids, outputs), [[(4, 6)], [(3, 9)]]


def masked_steps(k: Any) -> Model:
    """Masking by a value, merges of masked sequences."""
    la = k.layers
    x = la.Input((None, 2), name="x")
    m = la.Masking(mask_value=0.0, name="mask")(x)
    a = la.GRU(3, return_sequences=True, name="a")(m)
    b = la.Dense(3, activation="tanh", name="b")(m)
    both = la.Concatenate(name="beside")([a, b])
    total = la.Add(name="total")([a, b])
    outputs = [la.LSTM(2, name="p")(both), la.SimpleRNN(2, name="q")(total), a]
    outputs += [la.Multiply(name="product")([a, b]), la.Maximum(name="most")([b, a])]
    outputs.append(la.Multiply(name="partly")([a, la.Dense(3)(x)]))
    return k.Model(x, outputs), [[(3, 6, 2)], [(2, 4, 2)]]


def stateful(k: Any) -> Model:
    """Return two layers that keep their state from call to call."""
    la = k.layers
    x = k.Input(batch_shape=(2, None, 3), name="x")
    h = la.LSTM(4, stateful=True, return_sequences=True, name="first")(x)
    return k.Model(x, la.GRU(3, stateful=True, name="second")(h)), [[(2, 5, 3)], [(2, 3, 3)]]


def graph(k: Any) -> Model:
    """Two inputs, a shared layer, models inside, arithmetic, several outputs."""
    la = k.layers
    a, b = la.Input((None, 5), name="a"), la.Input((7,), name="b")
    shared = la.Dense(4, name="shared")
    inside = la.Input((None, 5))
    inner = k.Model(inside, la.LSTM(3)(la.Dense(5, activation="relu")(inside)), name="inner")
    sub = k.Sequential([la.Input((4,)), la.Dense(3), la.BatchNormalization()], name="sub")
    x, y, z = inner(a), sub(shared(b)), sub(shared(b * 2.0 + 1.0))
    h = la.GRU(3, return_sequences=True)(a, initial_state=y)
    parts = [x, y, z]
    merged = [
        layer(name=f"to_{name}")(parts)
        for name, layer in (("mean", la.Average), ("product", la.Multiply), ("most", la.Maximum))
    ]
    joined = la.Concatenate(name="joined")([*merged, la.Subtract()([x, y]), la.Minimum()(parts)])
    steps = la.TimeDistributed(la.Dense(2), name="steps")(h)
    return k.Model([a, b], [joined, steps, inner(a)]), [
        [(2, 6, 5), (2, 7)],
        [(3, 4, 5), (3, 7)],
    ]


def shapes(k: Any) -> Model:
    """Layers that change the form, normalisation of rows, activations by name."""
    la = k.layers
    x = la.Input((6, 4), name="x")
    y = la.LayerNormalization(name="rows")(x)
    y = la.Permute((2, 1))(y)
    y = la.Reshape((3, -1, 2))(y)
    y = la.TimeDistributed(la.Flatten())(y)
    y = la.LayerNormalization(axis=[1, 2], epsilon=1e-2)(y)
    flat = la.Flatten()(y)
    repeated = la.RepeatVector(3)(la.Dense(2, activation="softplus")(flat))
    names = ["gelu", "swish", "exponential", "softsign", "hard_sigmoid", "selu"]
    acts = [la.Activation(name, name=f"f_{name}")(flat) for name in names]
    padded = la.Cropping1D((1, 0))(la.ZeroPadding1D((2, 1))(repeated))
    soft = la.Softmax(axis=1, name="soft")(padded)
    return k.Model(x, [soft, *acts, la.ELU(0.5, name="elu")(flat)]), [[(2, 6, 4)], [(3, 6, 4)]]


def video(k: Any) -> Model:
    """Apply a convolutional model to each step of a sequence."""
    la = k.layers
    frame = k.Sequential([la.Input((5, 6, 1)), la.Conv2D(2, 3), la.Flatten(), la.Dense(3)])
    x = la.Input((None, 5, 6, 1), name="x")
    y = la.TimeDistributed(frame, name="frames")(x)
    return k.Model(x, la.LSTM(2, name="over")(y)), [[(2, 3, 5, 6, 1)], [(1, 4, 5, 6, 1)]]


def scaling(k: Any) -> Model:
    """Normalisation of inputs in all forms, noise that training had, masks that give zeros."""
    la = k.layers
    x = la.Input((None, 2), name="x")
    data = np.arange(48, dtype="float32").reshape(3, 8, 2) % 7
    adapted = la.Normalization(name="adapted")
    adapted.adapt(data)
    whole = la.Normalization(axis=None, mean=2.0, variance=9.0, name="whole")
    back = la.Normalization(mean=[1.0, 2], variance=[4.0, 0], invert=True, name="back")
    outputs = [adapted(x), whole(x), back(x), la.UnitNormalization(name="unit")(x)]
    y = la.SpatialDropout1D(0.2)(la.GaussianNoise(0.1)(x))
    y = la.Masking(name="mask")(y)
    y = la.LSTM(3, return_sequences=True, zero_output_for_mask=True, unroll=False, name="z")(y)
    outputs += [y, la.GlobalMaxPooling1D(keepdims=True, name="most")(y)]
    outputs.append(la.Softmax(axis=-1, name="soft")(la.Dense(3, name="d")(x)))
    return k.Model(x, outputs), [[(2, 5, 2)], [(3, 3, 2)]]


def two_masks(k: Any) -> Model:
    """Merge sequences whose masks are not the same."""
    la = k.layers
    inputs = [la.Input((None,), name=name, dtype="int32") for name in "ab"]
    a, b = (la.Embedding(6, 3, mask_zero=True, name=f"e{x.name[:1]}")(x) for x in inputs)
    total, beside = la.Add(name="total")([a, b]), la.Concatenate(name="beside")([a, b])
    outputs = [la.SimpleRNN(2, name="p")(total), la.SimpleRNN(2, name="q")(beside)]
    outputs += [la.Multiply(name="product")([a, b]), la.Minimum(name="least")([a, b])]
    return k.Model(inputs, outputs), [[(3, 6), (3, 6)], [(2, 4), (2, 4)]]


def channels_first(k: Any) -> Model:
    """Channels before the spatial dims, throughout."""
    la, first = k.layers, {"data_format": "channels_first"}
    net = [
        la.Input((2, 9, 8)),
        la.ZeroPadding2D((1, 2), **first),
        la.Conv2D(4, 3, strides=2, padding="same", activation="softmax", **first),
        la.BatchNormalization(axis=1),
        la.DepthwiseConv2D(2, **first),
        la.MaxPooling2D(2, padding="same", **first),
        la.UpSampling2D(2, **first),
        la.PReLU(),
        la.Flatten(**first),
        la.Dense(3),
    ]
    return k.Sequential(net), [[(2, 2, 9, 8)], [(1, 2, 9, 8)]]


def parts(k: Any) -> Model:
    """Parts of a tensor, functions of one, normalisation over groups of channels."""
    la, ops = k.layers, k.ops
    x = la.Input((None, 4), name="x")
    h = la.Conv1D(4, 3, padding="causal", name="h")(x)
    y = la.GroupNormalization(2, name="groups")(la.Conv1D(6, 2, name="c")(h))
    z = la.GroupNormalization(-1, center=False, name="each")(h)
    outputs = [h[:, -1, :], h[:, ::-2], x[:, 1:-1, 2], x[0], y, z]
    outputs += [ops.square(ops.abs(h)), ops.sqrt(ops.exp(-h)), ops.floor(x) + ops.ceil(x)]
    return k.Model(x, outputs), [[(2, 7, 4)], [(3, 5, 4)]]


MODELS: dict[str, Callable[[Any], Model]] = {
    f.__name__: f
    for f in (
        stack, images, mobile, signal, volume, deconvolution, cells, directions, masked_ids,
        masked_steps, stateful, graph, shapes, video, scaling, channels_first, two_masks, parts,
    )
}  # fmt: skip
