"""The weights of a naive recurrent layer."""

from dataclasses import dataclass
from typing import ClassVar

from .recurrent import RecurrentWeights


@dataclass(frozen=True, eq=False)
class RNNWeights(RecurrentWeights):
    """A naive recurrent layer: ``h[t] = f(w x[t] + wb + r h[t-1] + rb)`` (ONNX RNN).

    Parameters
    ----------
    w
        ``[D, H, I]``.
    r
        ``[D, H, H]``.
    b
        ``[D, 2H]``, wb and then rb; None for no bias.

    Examples
    --------
    >>> import numpy as np
    >>> RNNWeights(np.ones((2, 4, 3)), np.ones((2, 4, 4))).directions
    2
    """

    gates: ClassVar[str] = "h"
