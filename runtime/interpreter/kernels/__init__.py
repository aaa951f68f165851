"""The NumPy kernels, one file per family; importing this package registers them all."""

from .casting import cast
from .control import branch, loop, scan
from .convolution import conv, quantized, transposed
from .elementwise import activation, arithmetic, erf, logic, softmax, unary
from .generating import fill
from .indexing import gather
from .linear import matmul
from .pooling import average, maximum, overall
from .recurrent import gru, lstm, rnn
from .reduction import reduce
from .shaping import join, reshape, slicing

__all__ = [
    "activation",
    "arithmetic",
    "average",
    "branch",
    "cast",
    "conv",
    "erf",
    "fill",
    "gather",
    "gru",
    "join",
    "logic",
    "loop",
    "lstm",
    "matmul",
    "maximum",
    "overall",
    "quantized",
    "reduce",
    "reshape",
    "rnn",
    "scan",
    "slicing",
    "softmax",
    "transposed",
    "unary",
]
