"""The NumPy kernels, one file per family; importing this package registers them all."""

from .casting import cast, quantize
from .classical import ensemble, hyperplane, labels, maps, modern, scaling, support
from .contrib import nbits, quantized_lstm
from .control import branch, loop, scan
from .convolution import conv, exact, prepared, quantized, transposed
from .elementwise import (
    activation,
    arithmetic,
    erf,
    legacy,
    logic,
    over_rows,
    regex,
    softmax,
    unary,
)
from .generating import dropout, fill, sample
from .indexing import gather, grid, scatter, select, suppression
from .linear import einsum, integer, matmul
from .normalization import batch, layer, local
from .pooling import average, maximum, overall, region
from .recurrent import gru, lstm, rnn
from .reduction import reduce, topk, unique
from .resizing import resize
from .sequencing import sequence
from .shaping import join, pad, reshape, slicing
from .spectral import fourier, mel

__all__ = [
    "activation",
    "arithmetic",
    "average",
    "batch",
    "branch",
    "cast",
    "conv",
    "dropout",
    "einsum",
    "ensemble",
    "erf",
    "exact",
    "fill",
    "fourier",
    "gather",
    "grid",
    "gru",
    "hyperplane",
    "integer",
    "join",
    "labels",
    "layer",
    "legacy",
    "local",
    "logic",
    "loop",
    "lstm",
    "maps",
    "matmul",
    "maximum",
    "mel",
    "modern",
    "nbits",
    "over_rows",
    "overall",
    "pad",
    "prepared",
    "quantize",
    "quantized",
    "quantized_lstm",
    "reduce",
    "regex",
    "region",
    "reshape",
    "resize",
    "rnn",
    "sample",
    "scaling",
    "scan",
    "scatter",
    "select",
    "sequence",
    "slicing",
    "softmax",
    "support",
    "suppression",
    "topk",
    "transposed",
    "unary",
    "unique",
]
