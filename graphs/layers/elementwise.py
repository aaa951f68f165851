"""Layers that keep their input's dims: activations, softmax, normalisation."""

from ..activations.emit import activate
from ..builder.builder import Builder
from ..values import Value
from ..weights import BatchNormWeights
from .checks import check_axis, check_dtype, check_float, check_layout, check_size, take_weights


class Elementwise(Builder):
    """Adds ``activation``, ``softmax`` and ``batch_norm``."""

    def activation(self, x: Value, activation: str, *, name: str | None = None) -> Value:
        """Return ``f(x)``, for example ``net.activation(x, "leaky_relu(alpha=0.1)")``.

        Raises
        ------
        GraphError
            The activation or a parameter of it is unknown.
        """
        layer = self.layer_name("activation", name)
        label = f"activation '{layer}'"
        check_float(self.own(x, label), label)
        return activate(self, x, activation, layer)

    def softmax(self, x: Value, *, axis: int = -1, name: str | None = None) -> Value:
        """Return ``exp(x) / sum(exp(x))`` over the dim `axis`."""
        layer = self.layer_name("softmax", name)
        label = f"softmax '{layer}'"
        check_float(self.own(x, label), label)
        axis = check_axis(x, axis, label)
        return self.emit("Softmax", x, layer=layer, dims=x.dims, axis=axis)

    def batch_norm(
        self,
        x: Value,
        weights: BatchNormWeights,
        *,
        activation: str | None = None,
        name: str | None = None,
    ) -> Value:
        """Return ``scale (x - mean) / sqrt(variance + epsilon) + bias`` per channel.

        ``x`` is ``[batch, channels, ...]``, each array ``[channels]`` (Ioffe and Szegedy, 2015,
        with the statistics of training).

        Raises
        ------
        ValueMismatchError
            `x` has another number of channels than the weights.
        """
        layer = self.layer_name("batch_norm", name)
        label = f"batch_norm '{layer}'"
        take_weights(self, layer, weights, BatchNormWeights, label)
        check_float(self.own(x, label), label)
        check_dtype(x, self.dtype, label)
        check_axis(x, 1, label)
        check_size(x, 1, weights.channels, label, "the length of scale")
        check_layout(self, x, weights, label)
        arrays = [
            self.weight(layer, role, array)
            for role, array in (
                ("scale", weights.scale),
                ("bias", weights.bias),
                ("mean", weights.mean),
                ("variance", weights.variance),
            )
        ]
        epsilon = weights.epsilon
        y = self.emit("BatchNormalization", x, *arrays, layer=layer, dims=x.dims, epsilon=epsilon)
        return activate(self, y, activation, layer)
