"""The GRU's step: once for its default activations, once for all its options."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .activations import InPlace
from .gates import Gates
from .sequences import Array


@dataclass(frozen=True)
class DefaultGRUCell:
    """Sigmoid gates and a tanh candidate, gates z, r, h; equations in `gru`.

    sigmoid(x) = (1 + tanh(x/2)) / 2, and the weights of z and r hold the inner half.
    """

    inputs: Gates
    recurrent: Gates
    """z and r."""
    candidate: Gates
    """h, which multiplies r * h[t-1]."""

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        (last,) = state
        z_and_r, half = np.empty((2, *last.shape), last.dtype), np.array(0.5, last.dtype)
        (z, r), new, kept = z_and_r, np.empty_like(last), np.empty_like(last)
        product, R, target = self.recurrent.product(z_and_r)
        dot, Rh, h = np.dot, self.candidate.matrix, last
        add, multiply, subtract, tanh = np.add, np.multiply, np.subtract, np.tanh
        for x_gates, x_new, out in zip(products[:, :2], products[:, 2], outs, strict=True):
            product(h, R, target)  # R h[t-1], for z and r
            add(z_and_r, x_gates, z_and_r)  # + W x[t] + b
            tanh(z_and_r, z_and_r)  # tanh(.../2)
            multiply(z_and_r, half, z_and_r)  # tanh(.../2) / 2
            add(z_and_r, half, z_and_r)  # z, r = (1 + tanh(.../2)) / 2
            multiply(r, h, kept)  # r * h[t-1]
            dot(kept, Rh, new)  # Rh (r * h[t-1])
            add(new, x_new, new)  # + Wh x[t] + b
            tanh(new, new)  # n = tanh(...)
            subtract(h, new, kept)  # h[t-1] - n
            multiply(z, kept, kept)  # z * (h[t-1] - n)
            add(new, kept, out)  # h[t] = (1 - z) * n + z * h[t-1]
            h = out
        last[...] = h


@dataclass(frozen=True)
class LinearGRUCell:
    """As `DefaultGRUCell`, with linear_before_reset: all three products of h[t-1] at once."""

    inputs: Gates
    recurrent: Gates
    bias: Array | None
    """Rbh, [hidden], or None where it is zero."""

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        (last,) = state
        room, half = np.empty((3, *last.shape), last.dtype), np.array(0.5, last.dtype)
        z_and_r, (z, r, new), bias = room[:2], room, self.bias
        product, R, target = self.recurrent.product(room)
        add, multiply, subtract, tanh, h = np.add, np.multiply, np.subtract, np.tanh, last
        for x_gates, x_new, out in zip(products[:, :2], products[:, 2], outs, strict=True):
            product(h, R, target)  # R h[t-1], for z, r and n
            add(z_and_r, x_gates, z_and_r)  # + W x[t] + b
            tanh(z_and_r, z_and_r)  # tanh(.../2)
            multiply(z_and_r, half, z_and_r)  # tanh(.../2) / 2
            add(z_and_r, half, z_and_r)  # z, r = (1 + tanh(.../2)) / 2
            if bias is not None:
                add(new, bias, new)  # Rh h[t-1] + Rbh
            multiply(r, new, new)  # r * (Rh h[t-1] + Rbh)
            add(new, x_new, new)  # + Wh x[t] + b
            tanh(new, new)  # n = tanh(...)
            subtract(h, new, r)  # h[t-1] - n
            multiply(z, r, r)  # z * (h[t-1] - n)
            add(new, r, out)  # h[t] = (1 - z) * n + z * h[t-1]
            h = out
        last[...] = h


@dataclass(frozen=True)
class GeneralGRUCell:
    """Any activations f and g; equations in `gru`."""

    inputs: Gates
    recurrent: Gates
    candidate: Gates
    bias: Array
    """Rbh, [hidden]."""
    f: InPlace
    g: InPlace
    linear_before_reset: bool

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        (last,) = state
        z_and_r = np.empty((2, *last.shape), last.dtype)
        (z, r), h = z_and_r, last
        product, R, target = self.recurrent.product(z_and_r)
        for x, out in zip(products, outs, strict=True):
            product(h, R, target)  # R h[t-1], for z and r
            z_and_r += x[:2]  # + W x[t] + b
            self.f(z_and_r)  # z, r = f(...)
            new = self._linear(h, r)
            new += x[2]  # + Wh x[t] + b
            self.g(new)  # n = g(...)
            np.subtract(h, new, out=out)  # h[t-1] - n
            out *= z  # z * (h[t-1] - n)
            out += new  # h[t] = (1 - z) * n + z * h[t-1]
            h = out
        last[...] = h

    def _linear(self, h: Array, r: Array) -> Array:
        Rh = self.candidate.matrix
        new: Array = r * (h @ Rh + self.bias) if self.linear_before_reset else (r * h) @ Rh
        return new
