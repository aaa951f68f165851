"""What every layer must compute: float64 loops written from the equations, knowing no ONNX.

The equations are those of the lecture notes (Hung-yi Lee, "common network structures", 2018) and of
the ONNX operator specification; arrays of gates come in the specification's order. Nothing here
imports the package under test.
"""

from .cells import State, Step, gru, lstm, rnn
from .functions import FUNCTIONS, Function, function, softmax
from .images import average_pool, batch_norm, conv, max_pool
from .sequences import Result, both, join, run

__all__ = [
    "FUNCTIONS",
    "Function",
    "Result",
    "State",
    "Step",
    "average_pool",
    "batch_norm",
    "both",
    "conv",
    "function",
    "gru",
    "join",
    "lstm",
    "max_pool",
    "rnn",
    "run",
    "softmax",
]
