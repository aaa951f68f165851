"""The weights of a convolution over one to three spatial dims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .base import Weights
from .keras import need_arrays
from .torch import PLAIN, entry, look_up, look_up_optional, namer, origin


@dataclass(frozen=True, eq=False, repr=False)
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

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        *,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of a ``torch.nn.Conv1d``, 2d or 3d: ``weight`` and perhaps ``bias``.

        The arguments are those of :meth:`DenseWeights.from_torch`.
        """
        where = f"{cls.__name__}.from_torch"
        find = namer(state, prefix, names, PLAIN, where)
        w = _need_kernels(look_up(state, find("weight"), where), where, find("weight"))
        return cls(
            w,
            look_up_optional(state, find("bias"), where),
            source="torch",
            origin=origin(prefix, names),
        )

    def to_torch(self, prefix: str = "") -> dict[str, Array]:
        """Return the entries of a PyTorch state dict: the inverse of `from_torch`."""
        named = {"weight": self.w, "bias": self.b}
        return {entry(prefix, name): array for name, array in named.items() if array is not None}

    @classmethod
    def from_keras(cls, arrays: Sequence[Array], *, depthwise: bool = False) -> Self:
        """Return the weights of a Keras Conv1D, 2D or 3D from ``layer.get_weights()``.

        Parameters
        ----------
        arrays
            The kernel ``[k..., in/groups, out]``, and the bias ``[out]`` if the layer has one.
        depthwise
            The kernel is that of a DepthwiseConv, ``[k..., in, multiplier]``; the convolution then
            has as many groups as input channels.
        """
        where = f"{cls.__name__}.from_keras"
        need_arrays(arrays, where)
        kernel = _need_kernels(checked(arrays[0], where, "kernel"), where, "kernel")
        if depthwise:
            kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
        return cls(np.moveaxis(kernel, (-1, -2), (0, 1)), *arrays[1:], source="keras")

    def to_keras(self, *, depthwise: bool = False, multiplier: int = 1) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`.

        Parameters
        ----------
        depthwise, multiplier
            Give the kernel of a DepthwiseConv with so many output channels for each input channel.
        """
        kernel = np.moveaxis(self.w, (0, 1), (-1, -2))
        if depthwise:
            why = f"a depthwise convolution, {multiplier} output channels for each input channel"
            inputs = self.output_channels // multiplier
            needed = [("in*multiplier", inputs * multiplier), ("1", 1), *_sizes(self.kernel_shape)]
            check_shape(f"{self.kind}.to_keras", "w", self.w, needed, why)
            kernel = kernel.reshape(*self.kernel_shape, inputs, multiplier)
        return [kernel] if self.b is None else [kernel, self.b]

    @classmethod
    def from_layout(
        cls, axes: str, w: Array, b: Array | None = None, *, flip: bool = False
    ) -> Self:
        """Return the weights from kernels whose axes stand in any order.

        Parameters
        ----------
        axes
            A word for each axis of `w`: ``out``, ``in``, and any others for the spatial dims, in
            the order in which the layer has them: ``"kh kw in out"``.
        w
            The kernels.
        b
            ``[out]``, or None for no bias.
        flip
            Turn the kernels round in their spatial dims: the source computes a convolution in the
            mathematical sense (SciPy, MATLAB), where ONNX and PyTorch correlate.

        Raises
        ------
        WeightError
            The words do not name each axis once, or the bias shows that ``out`` is another one.
        """
        where, words = f"{cls.__name__}.from_layout", axes.split()
        kernels = checked(w, where, "w")
        if not len(set(words)) == len(words) == kernels.ndim or not {"out", "in"} <= set(words):
            raise WeightError(
                f"{where}: axes {axes!r} has {len(words)} words for w of shape "
                f"{list(kernels.shape)}, needs one for each axis, 'out' and 'in' among them",
                "write for example axes='kh kw in out'",
            )
        _check_out(where, words, kernels, b)
        spatial = [word for word in words if word not in ("out", "in")]
        ordered = kernels.transpose([words.index(word) for word in ("out", "in", *spatial)])
        if flip:
            ordered = np.flip(ordered, tuple(range(2, ordered.ndim)))
        return cls(ordered, b, source=f"layout {axes}{' flipped' if flip else ''}")

    @classmethod
    def from_onnx(cls, w: Array, b: Array | None = None) -> Self:
        """Return the container of the inputs W and B of an ONNX Conv; see `to_onnx`."""
        return cls(w, b, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs W and B of an ONNX Conv, B only where there is a bias."""
        return {"W": self.w} if self.b is None else {"W": self.w, "B": self.b}

    def _check(self) -> None:
        _need_kernels(self.w, self.kind, "w")
        if self.b is not None:
            needed = [("out", self.output_channels)]
            check_shape(self.kind, "b", self.b, needed, "one bias for each kernel of w")


def _check_out(where: str, words: Sequence[str], w: Array, b: Array | None) -> None:
    """Raise where the bias has as many numbers as another axis than the one called ``out``."""
    size = None if b is None else np.size(b)
    sizes = dict(zip(words, w.shape, strict=True))
    like = [word for word in words if sizes[word] == size]
    if size is not None and sizes["out"] != size and like:
        raise WeightError(
            f"{where}: b has {size} numbers, but the axis 'out' of w {list(w.shape)} has "
            f"{sizes['out']}: the axis called {like[0]!r} has {size}",
            f"axes {' '.join(words)!r} seem to be in another order",
        )


def _need_kernels(w: Array, where: str, name: str) -> Array:
    """Return `w`, or raise unless it has one to three spatial dims."""
    if not 3 <= w.ndim <= 5 or 0 in w.shape:
        order = "[k..., in/groups, out]" if name == "kernel" else "[out, in/groups, k...]"
        raise WeightError(
            f"{where}: {name} has shape {list(w.shape)}, needs {order}: a convolution has one to "
            "three spatial dims k, none of size 0",
            "check the rank; a dense matrix belongs into DenseWeights",
        )
    return w


def _sizes(shape: Sequence[int]) -> list[tuple[str, int | None]]:
    return [("k", size) for size in shape]
