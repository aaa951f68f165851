"""The weights of a batch normalisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .base import Weights
from .conv import ConvWeights
from .dense import DenseWeights
from .torch import entry, look_up, look_up_optional, namer, origin

TORCH = {"scale": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"}


Foldable = TypeVar("Foldable", ConvWeights, DenseWeights)


@dataclass(frozen=True, eq=False, repr=False)
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

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        *,
        epsilon: float = 1e-5,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of a ``torch.nn.BatchNorm1d``, 2d or 3d.

        Its entries are ``running_mean``, ``running_var``, ``weight`` and ``bias`` (neither of the
        last two with ``affine=False``: then 1 and 0). `epsilon` is the module's ``eps``, which is
        not in the state. The other arguments are those of :meth:`DenseWeights.from_torch`.
        """
        where = f"{cls.__name__}.from_torch"
        find = namer(state, prefix, names, tuple(TORCH.values()), where)
        mean, variance = (look_up(state, find(TORCH[name]), where) for name in ("mean", "variance"))
        affine = any(find(TORCH[name]) in state for name in ("scale", "bias"))
        get = look_up if affine else look_up_optional
        scale, bias = (get(state, find(TORCH[name]), where) for name in ("scale", "bias"))
        one = np.ones_like(mean) if scale is None else scale
        bias = np.zeros_like(mean) if bias is None else bias
        return cls(one, bias, mean, variance, epsilon, source="torch", origin=origin(prefix, names))

    def to_torch(self, prefix: str = "") -> dict[str, Array]:
        """Return the entries of a PyTorch state dict: the inverse of `from_torch`."""
        return {entry(prefix, TORCH[name]): array for name, array in self.arrays().items()}

    @classmethod
    def from_keras(
        cls,
        arrays: Sequence[Array],
        *,
        epsilon: float = 1e-3,
        scale: bool = True,
        center: bool = True,
    ) -> Self:
        """Return the weights of a Keras BatchNormalization from ``layer.get_weights()``.

        Parameters
        ----------
        arrays
            gamma, beta, moving mean, moving variance; without those that `scale` and `center` deny.
        epsilon, scale, center
            The layer's own settings, with Keras's defaults.
        """
        where = f"{cls.__name__}.from_keras"
        names = ["gamma"] * scale + ["beta"] * center + ["moving_mean", "moving_variance"]
        if len(arrays) != len(names):
            raise WeightError(
                f"{where}: {len(arrays)} arrays are given, needs {len(names)}: {', '.join(names)}",
                "give layer.get_weights(), and scale=False or center=False as the layer has it",
            )
        named = {n: checked(array, where, n) for n, array in zip(names, arrays, strict=True)}
        mean = named["moving_mean"]
        gamma, beta = named.get("gamma", np.ones_like(mean)), named.get("beta", np.zeros_like(mean))
        return cls(gamma, beta, mean, named["moving_variance"], epsilon, source="keras")

    def to_keras(self, *, scale: bool = True, center: bool = True) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        kept = {"scale": scale, "bias": center}
        return [array for name, array in self.arrays().items() if kept.get(name, True)]

    @classmethod
    def from_onnx(
        cls,
        scale: Array,
        b: Array,
        input_mean: Array,
        input_var: Array,
        *,
        epsilon: float = 1e-5,
    ) -> Self:
        """Return the container of an ONNX BatchNormalization's inputs; see `to_onnx`."""
        return cls(scale, b, input_mean, input_var, epsilon, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs scale, B, input_mean and input_var of an ONNX BatchNormalization."""
        names = ("scale", "B", "input_mean", "input_var")
        return dict(zip(names, self.arrays().values(), strict=True))

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

    def fold_into(self, weights: Foldable) -> Foldable:
        """Return `weights` with this normalisation, applied to their output, folded in.

        ``w' = s w`` and ``b' = s (b - mean) + bias`` with ``s = scale / sqrt(variance + epsilon)``,
        one s an output channel, computed in float64 and rounded once.

        >>> import numpy as np
        >>> from onnxwright.graphs import BatchNormWeights, DenseWeights
        >>> norm = BatchNormWeights(*np.array([[2.0], [1.0], [0.0], [4.0]]), epsilon=0)
        >>> norm.fold_into(DenseWeights(np.ones((1, 3)))).w
        array([[1., 1., 1.]])

        Raises
        ------
        WeightError
            The layer has another number of output channels.
        """
        w = weights.w.astype(np.float64)
        if len(w) != self.channels:
            raise WeightError(
                f"{self.kind}: {self.channels} channels cannot be folded into "
                f"{weights.kind} of {len(w)} outputs",
                "fold a normalisation into the layer whose output it takes",
            )
        factor = self.scale.astype(np.float64) / np.sqrt(
            self.variance.astype(np.float64) + self.epsilon
        )
        b = np.zeros(len(w)) if weights.b is None else weights.b.astype(np.float64)
        bias = factor * (b - self.mean) + self.bias
        scaled = w * factor.reshape(-1, *(1 for _ in w.shape[1:]))
        return type(weights)(scaled.astype(weights.dtype), bias.astype(weights.dtype))
