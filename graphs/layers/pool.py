"""Pooling: over windows, and over everything."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..builder.builder import Builder
from ..errors import GraphError
from ..given import flag
from ..values import Value
from .checks import check_float, check_rank
from .windows import Pads, PerDim, Windows, kernel_dims, known_pads, make_windows

FORM = "[batch, channels] and 1 to 3 spatial dims"


class Pooling(Builder):
    """Adds ``max_pool``, ``average_pool``, ``global_max_pool`` and ``global_average_pool``."""

    def max_pool(
        self,
        x: Value,
        kernel: PerDim,
        *,
        strides: PerDim | None = None,
        pads: Pads = 0,
        dilations: PerDim = 1,
        ceil: bool = False,
        name: str | None = None,
    ) -> Value:
        """Return the largest number of each window; padding never wins.

        ``x`` is ``[batch, channels, ...]``; the kernel, the strides (the kernel's size when None),
        the pads and the dilations are one number, or one per spatial dim; pads may be ``same``, for
        an output per stride. With `ceil` a window may reach over the end.

        Raises
        ------
        ValueMismatchError
            `x` has another rank, or is smaller than the kernel.
        GraphError
            There are too many or too few numbers, or a pad is as large as the kernel.
        """
        layer = self.layer_name("max_pool", name)
        return self._pool("MaxPool", x, kernel, strides, pads, dilations, ceil, layer)

    def average_pool(
        self,
        x: Value,
        kernel: PerDim,
        *,
        strides: PerDim | None = None,
        pads: Pads = 0,
        ceil: bool = False,
        count_include_pad: bool = False,
        name: str | None = None,
    ) -> Value:
        """Return the mean of each window, of what is not padding unless `count_include_pad`.

        The other arguments are those of `max_pool`.
        """
        layer = self.layer_name("average_pool", name)
        counting = (
            {"count_include_pad": 1}
            if flag(count_include_pad, f"'{layer}': count_include_pad")
            else {}
        )
        return self._pool("AveragePool", x, kernel, strides, pads, 1, ceil, layer, **counting)

    def global_max_pool(self, x: Value, *, name: str | None = None) -> Value:
        """Return the largest number of each channel: ``[batch, channels, 1, ...]``."""
        return self._global_pool("GlobalMaxPool", x, self.layer_name("global_max_pool", name))

    def global_average_pool(self, x: Value, *, name: str | None = None) -> Value:
        """Return the mean of each channel: ``[batch, channels, 1, ...]``."""
        layer = self.layer_name("global_average_pool", name)
        return self._global_pool("GlobalAveragePool", x, layer)

    def _pool(
        self,
        op_type: str,
        x: Value,
        kernel: PerDim,
        strides: PerDim | None,
        pads: Pads,
        dilations: PerDim,
        ceil: bool,
        layer: str,
        **attributes: Any,
    ) -> Value:
        label = f"{op_type} '{layer}'"
        check_float(self.own(x, label), label)
        check_rank(x, (3, 4, 5), label, FORM)
        sizes = kernel_dims(label, kernel, x)
        ceil = flag(ceil, f"{label}: ceil")
        steps = sizes if strides is None else strides
        given = known_pads(label, x, sizes, steps, pads, dilations)
        windows = make_windows(label, sizes, steps, given, dilations, ceil)
        if any(pad >= size for pad, size in zip(windows.pads, sizes * 2, strict=True)):
            raise GraphError(
                f"{label}: pads {list(windows.pads)} are not smaller than the kernel {list(sizes)}",
                "a window would hold nothing but padding: use smaller pads",
            )
        dims = (*x.dims[:2], *windows.output_dims(x, label))
        counting = bool(attributes)
        x, adapted = self._without_ceil(x, windows, layer, counting=counting)
        if adapted is not windows and counting:
            attributes = {}  # the padding is in x now
        windows = adapted
        attributes |= windows.attributes
        if set(windows.dilations) == {1}:
            del attributes["dilations"]
        if windows.ceil:
            attributes["ceil_mode"] = 1
        return self.emit(op_type, x, layer=layer, dims=dims, **attributes)

    def _without_ceil(
        self, x: Value, windows: Windows, layer: str, *, counting: bool
    ) -> tuple[Value, Windows]:
        """Return a value and windows that give the same without `ceil`, where the dims are fixed.

        Where the last window reaches over the end, so much padding is added. Two kinds of pads
        cannot be joined with it and become a Pad node: those that count in a mean (the reach does
        not), and those as large as the kernel, which runtimes refuse (of dilated maxima only).
        """
        label = f"'{layer}'"
        rounded = windows.rounded_down(x, label)
        if rounded is windows:
            return x, windows
        if not counting and all(map(int.__lt__, rounded.pads, rounded.kernel * 2)):
            return x, rounded
        x = self._padded(x, windows.pads if counting else rounded.pads, layer, counting)
        begins, ends = windows.begins_and_ends
        reach = [end - own for end, own in zip(rounded.begins_and_ends[1], ends, strict=True)]
        pads = (*(0 for _ in begins), *(reach if counting else (0 for _ in ends)))
        return x, replace(rounded, pads=pads)

    def _padded(self, x: Value, pads: Sequence[int], layer: str, counting: bool) -> Value:
        """Return `x` with its spatial dims padded: by zeros that count, else by what never wins."""
        spatial = x.rank - 2
        begins, ends = pads[:spatial], pads[spatial:]
        sizes = zip(x.dims[2:], begins, ends, strict=True)
        dims = (*x.dims[:2], *(int(dim or 0) + begin + end for dim, begin, end in sizes))
        fill = self.scalar(layer, 0.0 if counting else float("-inf"), x.dtype)
        numbers = self.indices(0, 0, *begins, 0, 0, *ends)
        return self.emit("Pad", x, numbers, fill, layer=layer, dims=dims)

    def _global_pool(self, op_type: str, x: Value, layer: str) -> Value:
        label = f"{op_type} '{layer}'"
        check_float(self.own(x, label), label)
        check_rank(x, (3, 4, 5), label, FORM)
        dims = (*x.dims[:2], *(1 for _ in x.dims[2:]))
        return self.emit(op_type, x, layer=layer, dims=dims)
