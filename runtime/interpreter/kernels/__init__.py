"""The NumPy kernels, one file per family; importing this package registers them all."""

from .convolution import conv, quantized, transposed
from .pooling import average, maximum, overall
from .recurrent import gru, lstm, rnn

__all__ = [
    "average",
    "conv",
    "gru",
    "lstm",
    "maximum",
    "overall",
    "quantized",
    "rnn",
    "transposed",
]
