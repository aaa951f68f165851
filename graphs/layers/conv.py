"""Convolutions."""

from ..activate import activate
from ..emit import Emitter
from ..errors import GraphError
from ..values import Value
from ..weights import ConvWeights
from .checks import check_float, check_rank, check_size, check_weights
from .windows import PerDim, make_windows


class Convolutions(Emitter):
    """Adds ``conv``."""

    def conv(
        self,
        x: Value,
        weights: ConvWeights,
        *,
        strides: PerDim = 1,
        pads: PerDim = 0,
        dilations: PerDim = 1,
        groups: int = 1,
        activation: str | None = None,
        name: str | None = None,
    ) -> Value:
        """Return the convolution of `x` with `weights`, over one to three spatial dims.

        ``y[n, o, p] = b[o] + sum over c, k of w[o, c, k] x[n, c, p strides + k dilations - pads]``
        (the operator ``Conv``, a cross-correlation): ``x`` is ``[batch, channels, ...]``, ``w``
        ``[out, channels / groups, ...]``. Strides, pads and dilations are one number, or one per
        spatial dim; pads may also be all begins and then all ends. They are written out: no
        automatic padding, which some engines refuse.

        Raises
        ------
        ValueMismatchError
            `x` has another rank or number of channels, or is smaller than the kernel.
        GraphError
            Groups do not divide the channels, or there are too many or too few numbers.
        """
        layer = self.layer_name("conv", name)
        label = f"conv '{layer}'"
        check_weights(weights, ConvWeights, label)
        check_float(self.own(x), label)
        spatial = len(weights.kernel_shape)
        check_rank(x, [spatial + 2], label, f"[batch, channels] and {spatial} spatial dims")
        if groups < 1 or weights.output_channels % groups:
            raise GraphError(
                f"{label}: groups is {groups}, which does not divide the "
                f"{weights.output_channels} output channels of w",
                "give the number of groups the net was trained with",
            )
        why = "groups times the channels that w has per group"
        check_size(x, 1, groups * weights.group_channels, label, why)
        windows = make_windows(label, weights.kernel_shape, strides, pads, dilations)
        dims = (x.dims[0], weights.output_channels, *windows.output_dims(x, label))
        inputs = [x, self.weight(layer, "W", weights.w)]
        if weights.b is not None:
            inputs.append(self.weight(layer, "b", weights.b))
        y = self.emit("Conv", *inputs, layer=layer, dims=dims, group=groups, **windows.attributes)
        return activate(self, y, activation, layer)
