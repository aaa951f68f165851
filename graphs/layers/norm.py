"""Normalisation over chosen dims of each row."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..errors import GraphError, ValueMismatchError, WeightError
from ..given import whole
from ..values import Value, format_dims
from ..weights.arrays import Array, ArrayLike, plain
from .checks import check_axis, check_dtype, check_float, check_rank

OPERATOR_SINCE = 17
"""The opset that brought LayerNormalization, which takes the last dims alone."""


class Normalising(Builder):
    """Adds ``layer_norm`` and ``group_norm``."""

    def layer_norm(
        self,
        x: Value,
        scale: ArrayLike | None = None,
        bias: ArrayLike | None = None,
        *,
        axes: int | Sequence[int] = -1,
        epsilon: float = 1e-5,
        name: str | None = None,
    ) -> Value:
        """Return ``scale (x - mean) / sqrt(variance + epsilon) + bias`` (Ba et al., 2016).

        Mean and variance are over the dims `axes` of each row; `scale` and `bias` have those dims,
        1 and 0 where None. PyTorch's epsilon is 1e-5, that of Keras 1e-3.

        >>> import numpy as np
        >>> from onnxwright import graphs
        >>> net = graphs.Network("rows")
        >>> str(net.layer_norm(net.input("x", "batch time 4"), np.ones(4)))
        "'layer_norm/LayerNormalization' (batch time 4, float32)"

        Raises
        ------
        WeightError
            An array has other dims than those of `x` that are normalised.
        GraphError
            Epsilon is no number above 0.
        """
        layer = self.layer_name("layer_norm", name)
        label = f"layer_norm '{layer}'"
        check_float(self.own(x, label), label)
        check_dtype(x, self.dtype, label)
        listed = axes if isinstance(axes, Sequence) else [axes]
        over = sorted({check_axis(x, axis, label) for axis in listed})
        _check_epsilon(epsilon, len(over), label)
        arrays = [
            None if array is None else _fitting(plain(array), x, over, role, label)
            for role, array in (("scale", scale), ("bias", bias))
        ]
        if self.opset >= OPERATOR_SINCE and over == list(range(over[0], x.rank)):
            sizes = [dim for dim in x.dims[over[0] :] if isinstance(dim, int)]
            if arrays[0] is None and len(sizes) == len(over):
                arrays[0] = np.ones(sizes, self.dtype)
            if arrays[0] is not None:
                return self._operator(x, arrays, over[0], epsilon, layer)
        return self._equation(x, arrays, over, epsilon, layer)

    def group_norm(
        self,
        x: Value,
        scale: ArrayLike | None = None,
        bias: ArrayLike | None = None,
        *,
        groups: int,
        epsilon: float = 1e-5,
        name: str | None = None,
    ) -> Value:
        """Return ``scale (x - mean) / sqrt(variance + epsilon) + bias`` (Wu and He, 2018).

        Mean and variance are over each of `groups` groups of the channels, dim 1, and all dims
        behind it; `scale` and `bias` are ``[channels]``, 1 and 0 where None. As many groups as
        channels is PyTorch's InstanceNorm.

        >>> import numpy as np
        >>> from onnxwright import graphs
        >>> net = graphs.Network("groups")
        >>> str(net.group_norm(net.input("x", "batch 4 time"), np.ones(4), groups=2))
        "'group_norm/Mul' (batch 4 time, float32)"

        Raises
        ------
        ValueMismatchError
            The channels are no fixed number of whole groups.
        WeightError
            An array is not of the channels.
        GraphError
            Epsilon is no number above 0.
        """
        layer = self.layer_name("group_norm", name)
        label = f"group_norm '{layer}'"
        check_float(self.own(x, label), label)
        check_dtype(x, self.dtype, label)
        check_rank(x, range(2, 9), label, "[batch, channels, ...]")
        _check_epsilon(epsilon, 1, label)
        channels, count = x.dims[1], whole(groups, f"{label}: groups")
        if not isinstance(channels, int) or count < 1 or channels % count:
            raise ValueMismatchError(
                f"{label}: takes channels (dim 1) of {count} whole groups, got {x}",
                "data with the channels last are transposed first",
            )
        arrays = [
            None if array is None else _fitting(plain(array), x, [1], role, label)
            for role, array in (("scale", scale), ("bias", bias))
        ]
        if count == channels and x.rank > 2 and self._instances(x):
            scale, bias = (
                np.full(channels, 1.0) if arrays[0] is None else arrays[0],
                np.zeros(channels) if arrays[1] is None else arrays[1],
            )
            given = {"scale": scale.reshape(-1), "bias": bias.reshape(-1)}
            return self._instance_norm(x, given, epsilon, layer)
        apart = Ops(self, layer).reshape(x, [0, count, -1], (x.dims[0], count, None))
        if self._instances(apart):
            neutral = {"ones": np.ones(count), "zeros": np.zeros(count)}
            normal = self._instance_norm(apart, neutral, epsilon, layer)
        else:
            normal = self._normal(apart, [2], epsilon, layer)
        return self._scaled(self._back(normal, x, layer), arrays, layer)

    def _instances(self, x: Value) -> bool:
        """Say whether an InstanceNormalization of `x` runs: onnxruntime has none of float64."""
        return x.dtype != np.float64 and self.runs("InstanceNormalization", x)

    def _instance_norm(
        self, x: Value, given: Mapping[str, Array], epsilon: float, layer: str
    ) -> Value:
        """Return `x` normalised per row and channel, in 0.6 of the equation's time.

        That is onnxruntime 1.32 on a CPU.
        """
        weights = [self.weight(layer, role, array) for role, array in given.items()]
        return self.emit(
            "InstanceNormalization", x, *weights, layer=layer, dims=x.dims, epsilon=epsilon
        )

    def _back(self, y: Value, x: Value, layer: str) -> Value:
        """Return `y` with the dims that `x` had before its channels were grouped."""
        shape = [0, *(dim if isinstance(dim, int) else -1 for dim in x.dims[1:])]
        if shape.count(-1) < 2:
            return Ops(self, layer).reshape(y, shape, x.dims)
        sizes = self.emit("Shape", x, layer=layer, dims=(x.rank,), dtype=np.int64)
        return self.emit("Reshape", y, sizes, layer=layer, dims=x.dims)

    def _operator(
        self, x: Value, arrays: list[Array | None], axis: int, epsilon: float, layer: str
    ) -> Value:
        given = [
            self.weight(layer, role, array)
            for role, array in zip(("scale", "bias"), arrays, strict=True)
            if array is not None
        ]
        return self.emit(
            "LayerNormalization",
            x,
            *given,
            layer=layer,
            dims=x.dims,
            axis=axis - x.rank,
            epsilon=epsilon,
        )

    def _equation(
        self, x: Value, arrays: list[Array | None], axes: list[int], epsilon: float, layer: str
    ) -> Value:
        return self._scaled(self._normal(x, axes, epsilon, layer), arrays, layer)

    def _normal(self, x: Value, axes: list[int], epsilon: float, layer: str) -> Value:
        """Return ``(x - mean) / sqrt(variance + epsilon)`` over `axes`."""
        ops = Ops(self, layer)
        centred = ops.sub(x, ops.mean(x, axes))
        root = ops.unary("Sqrt", ops.add(ops.mean(ops.mul(centred, centred), axes), epsilon))
        return self.emit("Div", centred, root, layer=layer, dims=x.dims)

    def _scaled(self, y: Value, arrays: list[Array | None], layer: str) -> Value:
        ops, (scale, bias) = Ops(self, layer), arrays
        if scale is not None:
            y = ops.mul(y, self.weight(layer, "scale", scale))
        return y if bias is None else ops.add(y, self.weight(layer, "bias", bias))


def _check_epsilon(epsilon: object, dims: int, label: str) -> None:
    if not dims or not isinstance(epsilon, int | float) or not 0 < epsilon < 1:
        raise GraphError(
            f"{label}: epsilon is {epsilon!r} over {dims} dims, needs a number from 0 to 1 and a "
            "dim",
            "PyTorch's epsilon is 1e-5, that of Keras 1e-3",
        )


def _fitting(array: Array, x: Value, axes: list[int], role: str, label: str) -> Array:
    """Return an array over the dims `axes` with dims of 1 in the places of the others."""
    needed = [x.dims[axis] for axis in axes]
    if list(array.shape) != needed:
        raise WeightError(
            f"{label}: {role} has shape {list(array.shape)}, needs [{format_dims(needed)}]: the "
            f"fixed dims of {x} that are normalised",
            "name the dims by axes=..., counted with the batch",
        )
    shape = [1] * x.rank
    for axis, size in zip(axes, array.shape, strict=True):
        shape[axis] = size
    return array.reshape(shape[axes[0] :])
