"""The weights of a fully connected layer."""

from dataclasses import dataclass

from .arrays import Array, check_shape
from .base import Weights


@dataclass(frozen=True, eq=False)
class DenseWeights(Weights):
    """A fully connected layer's matrix and bias: ``y = w x + b``.

    Parameters
    ----------
    w
        ``[out, in]``, output-first: row i holds the weights into unit i.
    b
        ``[out]``, or None for no bias.

    Examples
    --------
    >>> import numpy as np
    >>> weights = DenseWeights(np.ones((3, 5), np.float32), np.zeros(3, np.float32))
    >>> weights.input_size, weights.output_size, weights.parameters
    (5, 3, 18)
    """

    w: Array
    b: Array | None = None

    @property
    def input_size(self) -> int:
        """How many numbers the layer takes."""
        return int(self.w.shape[1])

    @property
    def output_size(self) -> int:
        """How many numbers the layer gives."""
        return int(self.w.shape[0])

    def _check(self) -> None:
        check_shape(self.kind, "w", self.w, [("out", None), ("in", None)], "row i is into unit i")
        if self.b is not None:
            needed = [("out", self.output_size)]
            check_shape(self.kind, "b", self.b, needed, "one bias for each row of w")
