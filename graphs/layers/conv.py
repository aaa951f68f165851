"""Convolutions."""

from ..activations.emit import activate
from ..builder.builder import Builder
from ..builder.ops import Ops
from ..errors import GraphError, ValueMismatchError
from ..values import Value
from ..weights import ConvWeights, DenseWeights
from .checks import check_dtype, check_float, check_rank, check_size, take_weights
from .conv_matrix import conv_matrix
from .windows import Pads, PerDim, Windows, known_pads, make_windows


class Convolutions(Builder):
    """Adds ``conv`` and ``conv_as_dense``."""

    def conv(
        self,
        x: Value,
        weights: ConvWeights,
        *,
        strides: PerDim = 1,
        pads: Pads = 0,
        dilations: PerDim = 1,
        groups: int = 1,
        activation: str | None = None,
        name: str | None = None,
    ) -> Value:
        """Return the convolution of `x` with `weights`, over one to three spatial dims.

        ``y[n, o, p] = b[o] + sum over c, k of w[o, c, k] x[n, c, p strides + k dilations - pads]``
        (the operator ``Conv``, a cross-correlation): ``x`` is ``[batch, channels, ...]``, ``w``
        ``[out, channels / groups, ...]``. Strides, pads and dilations are one number, or one per
        spatial dim; pads may also be all begins and then all ends, or ``same`` for an output per
        stride. They are written out: no automatic padding, which some engines refuse.

        Raises
        ------
        ValueMismatchError
            `x` has another rank or number of channels, or is smaller than the kernel.
        GraphError
            Groups do not divide the channels, or there are too many or too few numbers.
        """
        layer = self.layer_name("conv", name)
        windows = self._conv_windows(layer, x, weights, strides, pads, dilations, groups)
        dims = (x.dims[0], weights.output_channels, *windows.output_dims(x, f"conv '{layer}'"))
        given = [x, *self._weights(layer, weights)]
        y = self.emit("Conv", *given, layer=layer, dims=dims, group=groups, **windows.attributes)
        return activate(self, y, activation, layer)

    def conv_as_dense(
        self,
        x: Value,
        weights: ConvWeights,
        *,
        strides: PerDim = 1,
        pads: Pads = 0,
        dilations: PerDim = 1,
        groups: int = 1,
        activation: str | None = None,
        name: str | None = None,
    ) -> Value:
        """Return what `conv` returns, computed by the equivalent fully connected layer.

        The matrix has a row per output and a column per input, nearly all zeros: this is to see
        what a convolution is, not to run one. The arguments are those of `conv`; the channels and
        spatial dims of `x` must be fixed.

        Raises
        ------
        ValueMismatchError
            A spatial dim of `x` is not fixed; and as for `conv`.
        """
        layer = self.layer_name("conv_as_dense", name)
        windows = self._conv_windows(layer, x, weights, strides, pads, dilations, groups)
        size = [dim for dim in x.dims[2:] if isinstance(dim, int)]
        if len(size) < x.rank - 2:
            raise ValueMismatchError(
                f"conv '{layer}': takes fixed spatial dims, got {x}",
                "the matrix has a column for each input: give the dims their sizes",
            )
        dense = conv_matrix(weights, size, windows, groups)
        ops = Ops(self, layer)
        flat = ops.reshape(x, (0, dense.input_size), (x.dims[0], dense.input_size))
        inputs = self._weights(layer, dense)
        dims = (x.dims[0], dense.output_size)
        y = self.emit("Gemm", flat, *inputs, layer=layer, dims=dims, transB=1)
        outer = (weights.output_channels, *windows.output_dims(x, f"conv '{layer}'"))
        shape = [0, *(dim for dim in outer if isinstance(dim, int))]
        return activate(self, ops.reshape(y, shape, (x.dims[0], *outer)), activation, layer)

    def _weights(self, layer: str, weights: ConvWeights | DenseWeights) -> list[Value]:
        """Return the layer's weights, and its bias if it has one, as inputs of an operator."""
        named = {"W": weights.w, "b": weights.b}
        return [self.weight(layer, name, a) for name, a in named.items() if a is not None]

    def _conv_windows(
        self,
        layer: str,
        x: Value,
        weights: ConvWeights,
        strides: PerDim,
        pads: Pads,
        dilations: PerDim,
        groups: int,
    ) -> Windows:
        """Check what goes into a convolution and return its windows."""
        label = f"conv '{layer}'"
        take_weights(self, layer, weights, ConvWeights, label)
        check_float(self.own(x, label), label)
        check_dtype(x, self.dtype, label)
        spatial = len(weights.kernel_shape)
        check_rank(x, [spatial + 2], label, f"[batch, channels] and {spatial} spatial dims")
        if not isinstance(groups, int) or groups < 1 or weights.output_channels % groups:
            raise GraphError(
                f"{label}: groups is {groups}, which does not divide the "
                f"{weights.output_channels} output channels of w",
                "give the number of groups the net was trained with",
            )
        why = "groups times the channels that w has per group"
        check_size(x, 1, groups * weights.group_channels, label, why)
        given = known_pads(label, x, weights.kernel_shape, strides, pads, dilations)
        return make_windows(label, weights.kernel_shape, strides, given, dilations)
