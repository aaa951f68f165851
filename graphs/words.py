"""The words that PyTorch, Keras and ONNX have for what is called otherwise here.

Whoever writes one of them is told the name to use, in Python and in a network file.
"""

from difflib import get_close_matches

from .activations.notation import PARAMETERS


def _sized(*stems: str) -> tuple[str, ...]:
    """Return each stem as it is, and for one, two and three dims: conv, conv1d, ..."""
    return tuple(stem + end for stem in stems for end in ("", "1d", "2d", "3d"))


LAYERS: dict[str, tuple[str, ...]] = {
    "dense": ("linear", "fc", "fully_connected", "gemm", "inner_product", "time_distributed"),
    "conv": (*_sized("conv", "convolution", "depthwise_conv"), "depthwise", "cnn"),
    "max_pool": _sized("maxpool", "max_pool", "max_pooling"),
    "average_pool": (
        *_sized("avgpool", "avg_pool", "average_pool", "average_pooling"),
        "mean_pool",
    ),
    "global_average_pool": _sized("global_avg_pool", "adaptive_avg_pool", "global_average_pooling"),
    "global_max_pool": _sized("adaptive_max_pool", "global_max_pooling"),
    "batch_norm": (*_sized("batchnorm", "batch_norm"), "batch_normalization", "bn"),
    "layer_norm": ("layernorm", "layer_normalization"),
    "group_norm": (*_sized("instancenorm", "instance_norm"), "groupnorm", "group_normalization"),
    "rnn": ("simple_rnn", "elman", "elman_rnn", "vanilla_rnn"),
    "lstm": ("lstm_cell", "bilstm", "bi_lstm", "cudnn_lstm"),
    "gru": ("gru_cell", "bigru", "bi_gru", "cudnn_gru"),
    "embedding": ("embed", "embeddings", "lookup", "gather"),
    "concat": ("cat", "concatenate", "hstack", "merge"),
    "add": ("plus", "sum_of", "residual"),
    "subtract": ("sub", "minus"),
    "multiply": ("mul", "times", "product"),
    "divide": ("div", "truediv"),
    "maximum": ("max",),
    "minimum": ("min",),
    "pad": _sized("zero_pad", "zero_padding", "reflection_pad", "replication_pad", "constant_pad"),
    "reshape": ("view", "unflatten"),
    "transpose": ("permute", "swapaxes", "movedim", "t"),
    "flatten": ("ravel",),
    "activation": ("nonlinearity",),
}
"""What a layer is called here, and what else it is called."""

OPERATORS: dict[str, tuple[str, ...]] = {
    'op("ConvTranspose", x, kernels, ...)': _sized("conv_transpose", "deconv", "deconvolution"),
    'op("PRelu", x, slopes)': ("prelu",),
    'op("Resize", x, None, scales, mode="nearest")': (
        *_sized("upsample", "up_sampling", "interpolate"),
        "upsampling_nearest2d",
        "upsampling_bilinear2d",
        "resize",
    ),
    'op("DepthToSpace", x, blocksize=2, mode="CRD")': ("pixel_shuffle",),
    'op("MatMul", a, b)': ("matmul", "bmm", "mm", "dot"),
    'op("Einsum", a, b, equation=...)': ("einsum",),
    'op("ReduceMean", x, ...)': ("mean", "reduce_mean"),
    'op("ReduceSum", x, ...)': ("sum", "reduce_sum"),
    'op("Slice", x, begins, ends, axes)': (*_sized("cropping"), "slice", "narrow", "flip"),
    'op("Split", x, sizes, axis=...), or op_many for all parts': ("chunk", "split"),
    'op("LpNormalization", x, axis=-1, p=2)': ("normalize", "unit_normalization"),
    'op("LRN", x, size=...)': ("local_response_norm",),
    'op("Tile", x, repeats)': ("repeat_vector", "repeat", "tile"),
    'op("Gather", x, -1, axis=1) for the last step': ("select", "index_select"),
}
"""Calls of operators that do what is a layer elsewhere."""

WAYS: dict[str, str] = {
    **{word.replace("_", ""): call for call, words in OPERATORS.items() for word in words},
    "bidirectional": "weights of two directions make any recurrent layer bidirectional",
    "dropout": "leave it out: it changes nothing in a trained net",
    "identity": "leave it out: it changes nothing",
    "masking": "give the recurrent layer lengths",
    "unsqueeze": 'reshape with a dim of 1, or op("Unsqueeze", x, [axis])',
    "squeeze": 'reshape without the dim, or op("Squeeze", x, [axis])',
    "lambda": "write what it does in layers, or with op and an operator of ONNX",
    "sequential": "call the layers one after the other",
    "modulelist": "call the layers one after the other",
    "stack": "reshape each with a dim of 1, then concat",
    "glu": "op_many('Split', x, outputs=2, axis=1), then multiply a by the sigmoid of b",
    "hardtanh": "activation(x, 'clip(min=-1, max=1)')",
    "embeddingbag": 'embedding, then op("ReduceMean", x, ...)',
    **dict.fromkeys(
        ("multiheadattention", "attention", "transformerencoderlayer", "transformer"),
        "there is no layer for it: dense, reshape, transpose, softmax and op('MatMul', a, b)",
    ),
}
"""Words for which there is no layer, and what to do instead."""

WEIGHTS = "comes from the weights: leave it out"
ARGUMENTS: dict[str, str] = {
    **dict.fromkeys(
        ("hidden_size", "units", "num_units", "input_size", "in_features", "out_features"), WEIGHTS
    ),
    **dict.fromkeys(("in_channels", "out_channels", "filters", "proj_size", "bias"), WEIGHTS),
    **dict.fromkeys(("use_bias", "num_features", "num_embeddings", "embedding_dim"), WEIGHTS),
    **dict.fromkeys(
        ("w", "weight", "kernel_weights", "state_dict"), "is called 'weights' here: a container"
    ),
    "recurrent_activation": "is called 'activations' here: the gates' first",
    "stride": "is called 'strides' here",
    "padding": "is called 'pads' here: numbers, or \"same\"",
    "dilation": "is called 'dilations' here",
    "dilation_rate": "is called 'dilations' here",
    "group": "is called 'groups' here",
    "kernel_size": "is called 'kernel' for a pool; that of a convolution comes from its weights",
    "pool_size": "is called 'kernel' here",
    "ceil_mode": "is called 'ceil' here",
    "bidirectional": "weights of two directions make the layer bidirectional: leave it out",
    "go_backwards": "is direction=\"reverse\" here; the result's sequence stays in time's order",
    "return_sequences": "is not needed: the result has .sequence and .last",
    "return_state": "is not needed: the result has .state",
    "batch_first": "is not needed: sequences are [batch, time, features]",
    "time_major": "is not needed: sequences are [batch, time, features]",
    "num_layers": "is one here: call the method once a layer, with layer=0, 1, ... of the weights",
    "dropout": "changes nothing in a trained net: leave it out",
    "stateful": "is called 'streaming' here",
    "mask": "is called 'lengths' here: how many steps of each row are valid",
    "sequence_length": "is called 'lengths' here",
    "sequence_lens": "is called 'lengths' here",
    "seq_len": "is called 'lengths' here",
    "h0": "is called 'initial_state' here",
    "hx": "is called 'initial_state' here",
    "initial_h": "is called 'initial_state' here",
    "merge_mode": "is called 'merge' here: concat, sum, mean or product",
    "reset_after": 'belongs to the weights: GRUWeights(..., reset="after")',
    "linear_before_reset": 'belongs to the weights: GRUWeights(..., reset="after")',
    "eps": "belongs to the weights: BatchNormWeights(..., epsilon=...)",
    "epsilon": "belongs to the weights: BatchNormWeights(..., epsilon=...)",
    "shape": "is called 'dims' here",
    "target_shape": "is called 'dims' here",
    "dims_order": "is called 'perm' here",
    "inputs": "is called 'values' in concat; the other layers take x, or a and b",
}
"""Arguments of other programs, and what stands in their place here."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "nonlinearity": ("activation", "activations"),
    "act": ("activation", "activations"),
    "eps": ("epsilon",),
    "dim": ("axis", "axes"),
    "start_dim": ("axis",),
    "normalized_shape": ("axes",),
    "num_groups": ("groups",),
    "gamma": ("scale",),
    "beta": ("bias",),
    "permutation": ("perm",),
}
"""Arguments that are called one of these here: the first one that the layer has."""

NAMES = {
    word.replace("_", ""): layer
    for layer, words in LAYERS.items()
    for word in words
    if word not in LAYERS
}
"""The other way round, without underscores: PyTorch writes AvgPool2d, functions avg_pool2d."""


def layer_hint(word: str, known: list[str]) -> str | None:
    """Return what a layer is called here, or what to do instead; None where nothing comes near.

    >>> layer_hint("linear", ["dense"])
    '`linear` is called `dense` here'
    >>> layer_hint("ReLU", [])
    "`relu` is an activation: activation(x, 'relu'), or activation='relu' of the layer before"
    """
    plain = word.lower()
    bare = plain.replace("_", "")
    if bare in NAMES and NAMES[bare] in known:
        return f"`{word}` is called `{NAMES[bare]}` here"
    for one in (plain, bare):
        if one in WAYS:
            return WAYS[one]
        if one in PARAMETERS:
            return (
                f"`{one}` is an activation: activation(x, '{one}'), or activation='{one}' of the "
                "layer before"
            )
    near = get_close_matches(plain, known, n=1)
    return f"did you mean '{near[0]}'?" if near else None


def argument_hint(word: str, known: list[str]) -> str | None:
    """Return what an argument is called here, or why there is none; None where nothing comes near.

    >>> argument_hint("stride", ["strides", "pads"])
    "`stride` is called 'strides' here"
    >>> argument_hint("hidden_size", ["weights"])
    '`hidden_size` comes from the weights: leave it out'
    """
    synonym = next((name for name in SYNONYMS.get(word, ()) if name in known), None)
    if synonym is not None:
        return f"`{word}` is called '{synonym}' here"
    if word in ARGUMENTS:
        told = ARGUMENTS[word]
        named = told.split("'")[1] if told.startswith("is called '") else None
        if named is None or named in known:
            return f"`{word}` {told}"
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else None
