"""Sliding windows: strides, pads and dilations per spatial dim, and the dims that come out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from ..errors import GraphError, ValueMismatchError
from ..given import LARGEST, shown
from ..values import Dim, Value

PerDim = int | Sequence[int]
"""One number for every spatial dim, or one for each."""
Pads: TypeAlias = PerDim | Literal["same"]
"""Pads as numbers, or ``same``: so many that there is an output per stride."""


@dataclass(frozen=True)
class Windows:
    """Windows over the spatial dims; `pads` holds all the begins, then all the ends."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    ceil: bool = False

    @property
    def attributes(self) -> dict[str, tuple[int, ...]]:
        """The operator attributes of these windows."""
        return {
            "kernel_shape": self.kernel,
            "strides": self.strides,
            "pads": self.pads,
            "dilations": self.dilations,
        }

    @property
    def begins_and_ends(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The pads per spatial dim, at its begin and at its end."""
        spatial = len(self.kernel)
        return self.pads[:spatial], self.pads[spatial:]

    def output_dims(self, x: Value, label: str) -> tuple[Dim, ...]:
        """Return the spatial dims that come out, None where the dim that comes in is not fixed.

        ``out = floor((in + begin + end - dilation (kernel - 1) - 1) / stride) + 1``, the ceiling
        with `ceil`, where a window that would start in the end padding is dropped.

        Raises
        ------
        ValueMismatchError
            A window is larger than what it slides over.
        """
        return tuple(self._output_dim(axis, dim, x, label) for axis, dim in enumerate(x.dims[2:]))

    def rounded_down(self, x: Value, label: str) -> "Windows":
        """Return the same windows without `ceil`: their reach over the end is written as padding.

        Only for fixed spatial dims; else the windows come back as they are. Before opset 22 the
        shape inference of onnx counts windows that start in the padding, which no runtime gives.
        """
        counts = self.output_dims(x, label)
        if not self.ceil or not all(isinstance(dim, int) for dim in (*x.dims[2:], *counts)):
            return self
        ends = []
        for axis, (dim, count) in enumerate(zip(x.dims[2:], counts, strict=True)):
            assert isinstance(dim, int)
            assert isinstance(count, int)
            reach = (count - 1) * self.strides[axis] + self._span(axis) - dim - self.pads[axis]
            ends.append(max(reach, self.pads[axis + len(self.kernel)]))
        return replace(self, pads=self.pads[: len(ends)] + tuple(ends), ceil=False)

    def _span(self, axis: int) -> int:
        """Return how far a window reaches along `axis`."""
        return self.dilations[axis] * (self.kernel[axis] - 1) + 1

    def _output_dim(self, axis: int, dim: Dim, x: Value, label: str) -> Dim:
        begin, end = self.pads[axis], self.pads[axis + len(self.kernel)]
        span = self._span(axis)
        stride = self.strides[axis]
        if not isinstance(dim, int):
            return dim if stride == 1 and begin + end == span - 1 else None
        room = dim + begin + end - span
        if room < 0:
            raise ValueMismatchError(
                f"{label}: a window of {span} does not fit into dim {axis + 2} of {x} "
                f"padded by {begin} and {end}",
                "use a smaller kernel or larger pads",
            )
        if not self.ceil:
            return room // stride + 1
        windows = -(-room // stride) + 1
        return windows - 1 if (windows - 1) * stride >= dim + begin else windows


def make_windows(
    label: str,
    kernel: Sequence[int],
    strides: PerDim,
    pads: PerDim,
    dilations: PerDim,
    ceil: bool = False,
) -> Windows:
    """Spread the numbers given over the spatial dims and check them.

    Raises
    ------
    GraphError
        A count of numbers is wrong, a pad is negative, or another number below 1.
    """
    count = len(kernel)
    return Windows(
        kernel=_spread(label, "kernel", kernel, count, 1),
        strides=_spread(label, "strides", strides, count, 1),
        pads=_spread_pads(label, pads, count),
        dilations=_spread(label, "dilations", dilations, count, 1),
        ceil=ceil,
    )


def known_pads(
    label: str,
    x: Value,
    kernel: Sequence[int],
    strides: PerDim,
    pads: Pads,
    dilations: PerDim,
) -> PerDim:
    """Return the pads as numbers: ``same`` as Keras and PyTorch mean it, the odd one at the end.

    Raises
    ------
    GraphError
        A stride above 1 slides over a dim that is not fixed, so that the pads are not known yet.
    """
    if not isinstance(pads, str):
        return pads
    if pads != "same":
        raise GraphError(
            f"{label}: pads is {pads!r}, needs numbers or 'same'", "leave it out for no padding"
        )
    windows = make_windows(label, kernel, strides, 0, dilations)
    totals = []
    for axis, (dim, stride) in enumerate(zip(x.dims[2:], windows.strides, strict=True)):
        span = windows.dilations[axis] * (windows.kernel[axis] - 1) + 1
        if stride > 1 and not isinstance(dim, int):
            raise GraphError(
                f"{label}: pads 'same' with a stride of {stride} depend on dim {axis + 2} of {x}, "
                "which is not fixed",
                "give that dim its size, or the pads as numbers",
            )
        size = dim if isinstance(dim, int) else 1
        totals.append(max((-(-size // stride) - 1) * stride + span - size, 0))
    return [*(total // 2 for total in totals), *(total - total // 2 for total in totals)]


def kernel_dims(label: str, kernel: PerDim, x: Value) -> tuple[int, ...]:
    """Return the kernel's size per spatial dim of `x`."""
    return _spread(label, "kernel", kernel, x.rank - 2, 1)


def _spread_pads(label: str, pads: PerDim, count: int) -> tuple[int, ...]:
    if not isinstance(pads, Sequence) or len(pads) == 2 * count:
        return _spread(label, "pads", pads, 2 * count, 0)
    if len(pads) == count:
        return _spread(label, "pads", pads, count, 0) * 2
    raise GraphError(
        f"{label}: pads has {len(pads)} numbers, needs one for all, {count} or {2 * count}",
        f"give one per dim, or the {count} at the begins and then the {count} at the ends",
    )


def _spread(label: str, what: str, numbers: PerDim, count: int, least: int) -> tuple[int, ...]:
    """Return `count` numbers, after checking how many are given and how small they are."""
    if isinstance(numbers, Sequence) and not isinstance(numbers, str | bytes):
        given: tuple[int, ...] = tuple(numbers)
    else:
        given = (numbers,) * count  # type: ignore[assignment]  # each is checked below
    if len(given) != count:
        raise GraphError(
            f"{label}: {what} has {len(given)} numbers, needs one for all or {count}",
            "give one per spatial dim",
        )
    for number in given:
        if (
            isinstance(number, bool)
            or not isinstance(number, int | np.integer)
            or not least <= number <= LARGEST
        ):
            raise GraphError(
                f"{label}: {what} holds {shown(number)}, needs whole numbers of {least} or more",
                "check the order of the arguments",
            )
    return tuple(int(number) for number in given)
