"""The LSTM's step: for its default activations, without and with peepholes, and for all else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .activations import InPlace
from .gates import Gates
from .sequences import Array

ORDER = [1, 0, 2, 3]
"""The gates here are o, i, f, g, so that [i, f] * [g, c] is one product of neighbours."""


@dataclass(frozen=True)
class DefaultLSTMCell:
    """Sigmoid gates and tanh: one tanh over all gates.

    sigmoid(x) = (1 + tanh(x/2)) / 2, and the weights of the three sigmoid gates hold the inner
    half.
    """

    inputs: Gates
    recurrent: Gates

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        last, c = state
        room = np.empty((5, *c.shape), c.dtype)
        four, sigmoids, o = room[:4], room[:3], room[0]
        i_and_f, g_and_c, cell = room[1:3], room[3:], room[4]
        terms, squashed, half = np.empty_like(i_and_f), np.empty_like(c), np.array(0.5, c.dtype)
        term_i, term_f = terms
        cell[...] = c
        product, R, target = self.recurrent.product(four)
        h, add, multiply, tanh = last, np.add, np.multiply, np.tanh
        for x, out in zip(products, outs, strict=True):
            product(h, R, target)  # R h[t-1], for all four gates
            add(four, x, four)  # + W x[t] + b
            tanh(four, four)  # g = tanh(...), and tanh(.../2) for o, i, f
            multiply(sigmoids, half, sigmoids)  # tanh(.../2) / 2
            add(sigmoids, half, sigmoids)  # o, i, f = (1 + tanh(.../2)) / 2
            multiply(i_and_f, g_and_c, terms)  # i * g and f * c[t-1]
            add(term_i, term_f, cell)  # c[t] = i * g + f * c[t-1]
            tanh(cell, squashed)  # tanh(c[t])
            multiply(o, squashed, out)  # h[t] = o * tanh(c[t])
            h = out
        last[...] = h
        c[...] = cell


@dataclass(frozen=True)
class PeepholeLSTMCell:
    """As `DefaultLSTMCell`, with peepholes: the output gate has to wait for the new cell."""

    inputs: Gates
    recurrent: Gates
    P: Array
    """[3, 1, hidden], for o, i, f, with the sigmoid's inner half."""

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        last, c = state
        room, half = np.empty((5, *c.shape), c.dtype), np.array(0.5, c.dtype)
        four, i_f_g, o = room[:4], room[1:4], room[0]
        i_and_f, g_and_c, cell = room[1:3], room[3:], room[4]
        terms, squashed = np.empty_like(i_and_f), np.empty_like(c)
        (term_i, term_f), P_o, P_i_f = terms, self.P[0], self.P[1:]
        cell[...] = c
        product, R, target = self.recurrent.product(four)
        h, add, multiply, tanh = last, np.add, np.multiply, np.tanh
        for x, out in zip(products, outs, strict=True):
            product(h, R, target)  # R h[t-1], for all four gates
            add(four, x, four)  # + W x[t] + b
            multiply(P_i_f, cell, terms)  # P * c[t-1]
            add(i_and_f, terms, i_and_f)  # + P * c[t-1], for i and f
            tanh(i_f_g, i_f_g)  # g = tanh(...), and tanh(.../2) for i and f
            multiply(i_and_f, half, i_and_f)  # tanh(.../2) / 2
            add(i_and_f, half, i_and_f)  # i, f = (1 + tanh(.../2)) / 2
            multiply(i_and_f, g_and_c, terms)  # i * g and f * c[t-1]
            add(term_i, term_f, cell)  # c[t] = i * g + f * c[t-1]
            multiply(P_o, cell, squashed)  # P_o * c[t]
            add(o, squashed, o)  # + P_o * c[t]
            tanh(o, o)  # tanh(.../2)
            multiply(o, half, o)  # tanh(.../2) / 2
            add(o, half, o)  # o = (1 + tanh(.../2)) / 2
            tanh(cell, squashed)  # tanh(c[t])
            multiply(o, squashed, out)  # h[t] = o * tanh(c[t])
            h = out
        last[...] = h
        c[...] = cell


@dataclass(frozen=True)
class GeneralLSTMCell:
    """Any activations f, g, h, peepholes, coupled gates; equations in `lstm`."""

    inputs: Gates
    recurrent: Gates
    P: Array | None
    """[3, 1, hidden], for o, i, f, or None."""
    f: InPlace
    g: InPlace
    h: InPlace
    input_forget: bool

    def run(self, products: Array, outs: Array, state: Sequence[Array]) -> None:
        """Run over some steps; see `Cell`."""
        last, c = state
        room, terms = np.empty((5, *c.shape), c.dtype), np.empty((2, *c.shape), c.dtype)
        four, cell = room[:4], room[4]
        cell[...] = c
        product, R, target = self.recurrent.product(four)
        h = last
        for x, out in zip(products, outs, strict=True):
            product(h, R, target)  # R h[t-1], for all four gates
            np.add(four, x, four)  # + W x[t] + b
            self._remember(room, terms)
            self._emit(room[0], cell, out)
            h = out
        last[...] = h
        c[...] = cell

    def _remember(self, room: Array, terms: Array) -> None:
        """Compute the gates, the output gate only as far as it needs no new cell, and the cell."""
        i_and_f, cell = room[1:3], room[4]
        if self.P is None:
            self.f(room[:3])  # o, i, f = f(...)
        else:
            np.multiply(self.P[1:], cell, terms)  # P * c[t-1]
            np.add(i_and_f, terms, i_and_f)  # + P * c[t-1]
            self.f(i_and_f)  # i, f = f(...)
        self.g(room[3])  # g = g(...)
        if self.input_forget:
            np.subtract(1, room[1], room[2])  # f = 1 - i
        np.multiply(i_and_f, room[3:], terms)  # i * g and f * c[t-1]
        np.add(terms[0], terms[1], cell)  # c[t] = i * g + f * c[t-1]

    def _emit(self, o: Array, cell: Array, out: Array) -> None:
        """Put o * h(c) into `out`."""
        if self.P is not None:
            np.multiply(self.P[0], cell, out)  # P_o * c[t]
            np.add(o, out, o)  # + P_o * c[t]
            self.f(o)  # o = f(...)
        out[...] = cell
        self.h(out)  # h(c[t])
        np.multiply(out, o, out)  # h[t] = o * h(c[t])


LSTMCell = DefaultLSTMCell | PeepholeLSTMCell | GeneralLSTMCell
