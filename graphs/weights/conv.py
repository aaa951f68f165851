"""The weights of a convolution over one to three spatial dims."""

from dataclasses import dataclass

from ..errors import WeightError
from .arrays import Array, check_shape
from .base import Weights


@dataclass(frozen=True, eq=False)
class ConvWeights(Weights):
    """A convolution's kernels and bias, in the layout of ONNX and PyTorch.

    Parameters
    ----------
    w
        ``[out, in/groups, k...]`` with one to three spatial dims k.
    b
        ``[out]``, or None for no bias.

    Examples
    --------
    >>> import numpy as np
    >>> weights = ConvWeights(np.ones((6, 1, 3, 5), np.float32))
    >>> weights.output_channels, weights.group_channels, weights.kernel_shape
    (6, 1, (3, 5))
    """

    w: Array
    b: Array | None = None

    @property
    def output_channels(self) -> int:
        """How many channels the layer gives."""
        return int(self.w.shape[0])

    @property
    def group_channels(self) -> int:
        """How many input channels each kernel sees: all of them, divided by the groups."""
        return int(self.w.shape[1])

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """The spatial dims of a kernel."""
        return tuple(int(size) for size in self.w.shape[2:])

    def _check(self) -> None:
        if not 3 <= self.w.ndim <= 5 or 0 in self.w.shape:
            raise WeightError(
                f"{self.kind}: w has shape {list(self.w.shape)}, needs [out, in/groups, k...]: "
                "a convolution has one to three spatial dims k, none of size 0",
                "check the rank; a dense matrix belongs into DenseWeights",
            )
        if self.b is not None:
            needed = [("out", self.output_channels)]
            check_shape(self.kind, "b", self.b, needed, "one bias for each kernel of w")
