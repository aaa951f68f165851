"""Convolutions, pools and batch normalisation over one to three spatial dims."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from onnxwright.graphs import BatchNormWeights, ConvWeights, Network

from .. import oracle
from .form import Feeds, Values, random

SPATIAL = {1: (7,), 2: (6, 7), 3: (5, 4, 6)}
"""The spatial dims of the images that the forms read, by their number."""
CHANNELS = 4


@dataclass(frozen=True)
class ImageForm:
    """One layer over an image of `rank` spatial dims."""

    name: str
    rank: int
    layer: str
    options: dict[str, Any] = field(default_factory=dict)
    weights: Any = None

    def lowerings(self, time_is_fixed: bool) -> tuple[str, ...]:
        """Return the layers that compute the form: a convolution is a dense layer, too."""
        as_dense = time_is_fixed and self.layer == "conv"
        return (self.layer, "conv_as_dense") if as_dense else (self.layer,)

    def add(self, net: Network, inputs: Values, lowering: str) -> Values:
        """Add the layer to the network."""
        arguments = [] if self.weights is None else [self.weights]
        x = inputs[f"image{self.rank}"]
        return {"y": getattr(net, lowering)(x, *arguments, **self.options)}

    def expected(self, feeds: Feeds) -> Feeds:
        """Return what the output must be."""
        return {"y": getattr(self, f"_{self.layer}")(feeds[f"image{self.rank}"])}

    def _windows(self) -> dict[str, Any]:
        """Spread the options over the spatial dims, with the builder's documented defaults."""
        kernel = self._each("kernel", 1)
        pads = self.options.get("pads", 0)
        if isinstance(pads, int):
            pads = (pads,) * (2 * self.rank)
        windows = {
            "strides": self._each("strides", kernel if "kernel" in self.options else 1),
            "pads": tuple(pads) * (2 * self.rank // len(pads)),
            "dilations": self._each("dilations", 1),
        }
        return windows | ({"kernel": kernel} if "kernel" in self.options else {})

    def _each(self, name: str, default: Any) -> tuple[int, ...]:
        given = self.options.get(name, default)
        return (given,) * self.rank if isinstance(given, int) else tuple(given)

    def _conv(self, x: Any) -> Any:
        groups = self.options.get("groups", 1)
        return oracle.conv(x, self.weights.w, self.weights.b, groups=groups, **self._windows())

    def _max_pool(self, x: Any) -> Any:
        return oracle.max_pool(x, ceil=self.options.get("ceil", False), **self._windows())

    def _average_pool(self, x: Any) -> Any:
        windows = self._windows()
        del windows["dilations"]
        ceil, count = (self.options.get(k, False) for k in ("ceil", "count_include_pad"))
        return oracle.average_pool(x, ceil=ceil, count_pads=count, **windows)

    def _global_max_pool(self, x: Any) -> Any:
        return x.max(axis=tuple(range(2, x.ndim)), keepdims=True)

    def _global_average_pool(self, x: Any) -> Any:
        return x.astype(float).mean(axis=tuple(range(2, x.ndim)), keepdims=True)

    def _batch_norm(self, x: Any) -> Any:
        w = self.weights
        return oracle.batch_norm(x, w.scale, w.bias, w.mean, w.variance, w.epsilon)


def kernels(rank: int, size: int = 3, *, groups: int = 1, bias: bool = True) -> ConvWeights:
    shape = (6, CHANNELS // groups, *(size - axis % 2 for axis in range(rank)))
    return ConvWeights(random(*shape, seed=rank), random(6, seed=9) if bias else None)


def norm() -> BatchNormWeights:
    scale, bias, mean = (random(CHANNELS, seed=seed) for seed in (1, 2, 3))
    return BatchNormWeights(scale, bias, mean, np.abs(random(CHANNELS, seed=4)), epsilon=2**-10)


def _per_rank(rank: int) -> list[ImageForm]:
    asymmetric = tuple(range(1, rank + 1)) + (0,) * (rank - 1) + (2,)
    ladder = tuple(1 + axis % 2 for axis in range(rank))
    table: list[tuple[str, str, dict[str, Any], Any]] = [
        ("conv", "conv", {}, kernels(rank)),
        ("conv_without_bias", "conv", {"pads": 1}, kernels(rank, bias=False)),
        ("conv_groups", "conv", {"groups": 2, "strides": 2}, kernels(rank, groups=2)),
        ("conv_dilated", "conv", {"dilations": ladder, "pads": 1}, kernels(rank)),
        ("conv_asymmetric", "conv", {"pads": asymmetric, "strides": ladder}, kernels(rank)),
        ("max_pool", "max_pool", {"kernel": 2}, None),
        ("max_pool_padded", "max_pool", {"kernel": 3, "strides": ladder, "pads": 1}, None),
        ("max_pool_ceil", "max_pool", {"kernel": 2, "strides": 3, "ceil": True}, None),
        ("max_pool_dilated", "max_pool", {"kernel": 2, "strides": 1, "dilations": 2}, None),
        ("average_pool", "average_pool", {"kernel": 2, "strides": ladder}, None),
        ("average_pool_padded", "average_pool", {"kernel": 3, "pads": 1}, None),
        (
            "average_pool_counting",
            "average_pool",
            {"kernel": 3, "pads": 1, "strides": 2, "count_include_pad": True},
            None,
        ),
        ("average_pool_ceil", "average_pool", {"kernel": 3, "strides": 2, "ceil": True}, None),
        ("global_max_pool", "global_max_pool", {}, None),
        ("global_average_pool", "global_average_pool", {}, None),
        ("batch_norm", "batch_norm", {}, norm()),
    ]
    return [
        ImageForm(f"{name}_{rank}d", rank, layer, options, weights)
        for name, layer, options, weights in table
    ]


IMAGES = [form for rank in SPATIAL for form in _per_rank(rank)]
