"""The weights of a batch normalisation."""

from dataclasses import dataclass

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape
from .base import Weights


@dataclass(frozen=True, eq=False)
class BatchNormWeights(Weights):
    """A batch normalisation's arrays, each ``[C]``, one number a channel.

    ``y = scale (x - mean) / sqrt(variance + epsilon) + bias`` (ONNX BatchNormalization).

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(4, np.float32)
    >>> BatchNormWeights(one, 0 * one, 0 * one, one, epsilon=1e-3).channels
    4
    """

    scale: Array
    bias: Array
    mean: Array
    variance: Array
    epsilon: float = 1e-5

    @property
    def channels(self) -> int:
        """How many channels are normalised, each with numbers of its own."""
        return int(self.scale.shape[0])

    def _check(self) -> None:
        check_shape(self.kind, "scale", self.scale, [("C", None)], "one number a channel")
        for name in ("bias", "mean", "variance"):
            needed = [("C", self.channels)]
            check_shape(self.kind, name, getattr(self, name), needed, "C is the length of scale")
        if not 0 <= self.epsilon < 1:
            raise WeightError(
                f"{self.kind}: epsilon is {self.epsilon}, needs a number from 0 to below 1",
                "PyTorch's default is 1e-5, that of Keras 1e-3",
            )
        if np.any(self.variance < 0):
            raise WeightError(
                f"{self.kind}: variance has negative numbers, needs none: it is a mean of squares",
                "check the order of the arrays: scale, bias, mean, variance",
            )
