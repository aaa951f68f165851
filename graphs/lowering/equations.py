"""The recurrent cells as standard operators: one step each, of one direction.

What does not depend on the state is computed for all steps at once, before the loop; inside, one
Gemm adds it to the recurrent product, and gates that share an activation stay side by side in one
array, since a step costs by the number of its nodes. The equations are those of the operators RNN,
LSTM and GRU of the ONNX specification, and for the lecture form those of
:class:`~onnxwright.graphs.weights.LSTMWeights`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..activations.emit import activate
from ..activations.notation import Activation
from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Value
from ..weights import GRUWeights, LSTMWeights
from .cell import Cell

Array = NDArray[Any]


class Equations(Protocol):
    """One direction of a layer: its weights are emitted when it is made."""

    inner: list[Value]
    """The weights that the steps multiply by."""

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return what the steps read, ``[time, batch, ...]``, of ``[time, batch, features]``."""
        ...

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return the next state, ``[batch, units]`` each; its first is what the layer gives."""
        ...


def equations(net: Builder, cell: Cell, index: int, prefix: str, *, fold_bias: bool) -> Equations:
    """Return the equations of direction `index`; `prefix` starts the names of their nodes.

    With `fold_bias` the input bias is a row of the input weights, else a node of its own.
    """
    if isinstance(cell.weights, LSTMWeights):
        return LSTMEquations(net, cell, index, prefix, fold_bias)
    if isinstance(cell.weights, GRUWeights):
        return GRUEquations(net, cell, index, prefix, fold_bias)
    return RNNEquations(net, cell, index, prefix, fold_bias)


class _Cell:
    """What the three cells share: weights by gate, products, activations behind a clip."""

    def __init__(self, net: Builder, cell: Cell, index: int, prefix: str, fold_bias: bool) -> None:
        weights = cell.weights
        self.net, self.cell, self.prefix = net, cell, prefix
        self.ops = Ops(net, prefix)
        self.fold_bias = fold_bias
        self._with_ones: dict[str, Value] = {}
        self.units = weights.hidden_size
        self.w, self.r = self._by_gate(weights.w[index]), self._by_gate(weights.r[index])
        shape = (2, len(self.w), self.units)
        bias = np.zeros(2 * weights.w.shape[1]) if weights.b is None else weights.b[index]
        bias = bias.astype(np.float64).reshape(shape)  # float64: their sum is rounded once
        self.wb: Array = bias[0]
        self.rb: Array = bias[1]
        self.inner: list[Value] = []

    def _by_gate(self, rows: Array) -> Array:
        return rows.reshape(-1, self.units, rows.shape[-1])

    def inside(self, role: str, array: Array) -> Value:
        """Emit weights that the steps use, named after the direction."""
        self.inner.append(self.net.weight(self.prefix, role, array))
        return self.inner[-1]

    def recurrent(self, role: str, gates: Array) -> Value:
        """Emit recurrent weights ``[gates, units, in]`` as ``[in, gates * units]``."""
        return self.inside(role, gates.reshape(-1, gates.shape[-1]).T)

    def project(self, x: Value, role: str, w: Array, bias: Array) -> Value:
        """Return ``W x + b`` of all steps, the gates side by side."""
        matrix = w.reshape(-1, w.shape[-1]).T
        if not bias.any():
            return self.ops.matmul(x, self.net.weight(self.prefix, role, matrix))
        if self.fold_bias:
            rows = np.concatenate([matrix, bias.reshape(1, -1)])
            return self.ops.matmul(self._with_one(x), self.net.weight(self.prefix, role, rows))
        product = self.ops.matmul(x, self.net.weight(self.prefix, role, matrix))
        vector = self.net.weight(self.prefix, f"B{role.removeprefix('W')}", bias.reshape(-1))
        return self.ops.add(product, vector)

    def _with_one(self, x: Value) -> Value:
        """Return `x` with one more feature that is always 1, whose weights are the bias.

        A copy of x costs less than an Add's pass over all gates: an LSTM of 128 units at batch 32
        takes 4 % less time so (onnxruntime 1.32, CPU).
        """
        if x.name in self._with_ones:
            return self._with_ones[x.name]
        features = x.dims[-1]
        assert isinstance(features, int)
        pads = self.net.indices(0, 0, 0, 0, 0, 1)
        one = self.net.scalar(self.prefix, 1.0, x.dtype)
        dims = (*x.dims[:-1], features + 1)
        padded = self.net.emit("Pad", x, pads, one, layer=self.prefix, dims=dims)
        self._with_ones[x.name] = padded
        return padded

    def activate(self, x: Value, activation: Activation) -> Value:
        """Return ``f(x)``, of `x` held within the clip where there is one."""
        if self.cell.clip is not None:
            x = self.ops.clip(x, -self.cell.clip, self.cell.clip)
        return activate(self.net, x, activation, self.prefix)

    def split(self, gates: Value, *counts: int) -> tuple[Value, ...]:
        """Return groups of so many gates each out of gates side by side."""
        return self.ops.split(gates, [count * self.units for count in counts], 1)


class RNNEquations(_Cell):
    """``h' = f(W x + R h + b)``."""

    def __init__(self, net: Builder, cell: Cell, index: int, prefix: str, fold_bias: bool) -> None:
        super().__init__(net, cell, index, prefix, fold_bias)
        self.r_all = self.recurrent("R", self.r)

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b``."""
        return (self.project(x, "W", self.w, self.wb + self.rb),)

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return h'."""
        total = self.ops.gemm(state[0], self.r_all, read[0])
        return (self.activate(total, self.cell.activations[0]),)


class LSTMEquations(_Cell):
    """An LSTM in any form; inside, its gates stand in the order i, f, o, cell input."""

    ORDER = (0, 2, 1, 3)
    """ONNX has i, o, f, c; the two that see the old cell state in every form go first."""

    def __init__(self, net: Builder, cell: Cell, index: int, prefix: str, fold_bias: bool) -> None:
        super().__init__(net, cell, index, prefix, fold_bias)
        weights = cell.weights
        assert isinstance(weights, LSTMWeights)
        order = list(self.ORDER)
        self.w, self.wb, self.rb = self.w[order], self.wb[order], self.rb[order]
        self.r_all = self.recurrent("R", self.r[order])
        self.p_all: Value | None = None
        self.p_if: Value | None = None
        self.p_o: Value | None = None
        if weights.p is not None:
            self._peepholes(weights.p[index].reshape(-1, self.units), weights.peephole)
        self.projection: Value | None = None
        if weights.projection is not None:
            self.projection = self.inside("projection", weights.projection[index].T)

    def _peepholes(self, p: Array, form: str) -> None:
        if form == "lecture":
            self.p_all = self.inside("P", p[list(self.ORDER)].reshape(1, -1))
        else:
            self.p_if = self.inside("P", p[[0, 2]].reshape(1, -1))
            self.p_o = self.inside("Po", p[1:2])

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b`` of the four gates."""
        return (self.project(x, "W", self.w, self.wb + self.rb),)

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return h' and c'."""
        h, c = state
        f, _, last = self.cell.activations
        ops = self.ops
        i, forget, o, z = self._gates(read[0], h, c)
        if self.cell.coupled:
            forget = ops.sub(1.0, i)
        new_c = ops.add(ops.mul(forget, c), ops.mul(i, z))
        if self.p_o is not None:
            o = self.activate(ops.add(o, ops.mul(new_c, self.p_o)), f)
        new_h = ops.mul(o, self.activate(new_c, last))
        if self.projection is not None:
            new_h = ops.matmul(new_h, self.projection)
        return new_h, new_c

    def _gates(self, wx: Value, h: Value, c: Value) -> tuple[Value, ...]:
        """Return i, f, o and z; o before its activation where it sees the new cell state."""
        f, g, _ = self.cell.activations
        ops = self.ops
        if self.p_all is not None:
            wx = ops.add(wx, ops.mul(self._repeat(c, 4), self.p_all))
        total = ops.gemm(h, self.r_all, wx)
        if self.p_if is not None:
            first, o, z = self.split(total, 2, 1, 1)
            seen = ops.add(first, ops.mul(self._repeat(c, 2), self.p_if))
            i, forget = self.split(self.activate(seen, f), 1, 1)
            return i, forget, o, self.activate(z, g)
        first, z = self.split(total, 3, 1)
        i, forget, o = self.split(self.activate(first, f), 1, 1, 1)
        return i, forget, o, self.activate(z, g)

    def _repeat(self, c: Value, count: int) -> Value:
        """Return c side by side with itself, once per gate."""
        return self.ops.tile(c, count)


class GRUEquations(_Cell):
    """``h' = z h + (1 - z) g(...)``, with the reset before or after the product."""

    def __init__(self, net: Builder, cell: Cell, index: int, prefix: str, fold_bias: bool) -> None:
        super().__init__(net, cell, index, prefix, fold_bias)
        assert isinstance(cell.weights, GRUWeights)
        self.after = cell.weights.reset == "after"
        self.r_zr = self.recurrent("R", self.r[:2])
        self.r_h = self.recurrent("Rh", self.r[2:])
        self.rb_h: Value | None = None
        if self.after and self.rb[2].any():
            self.rb_h = self.inside("Rbh", self.rb[2])

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b`` of the gates z and r, and of the candidate."""
        bias = self.wb[2:] if self.after else self.wb[2:] + self.rb[2:]
        return (
            self.project(x, "W", self.w[:2], self.wb[:2] + self.rb[:2]),
            self.project(x, "Wh", self.w[2:], bias),
        )

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return h'."""
        (h,) = state
        f, g = self.cell.activations
        ops = self.ops
        gates = self.activate(ops.gemm(h, self.r_zr, read[0]), f)
        z, r = self.split(gates, 1, 1)
        total = (self._after if self.after else self._before)(read[1], r, h)
        candidate = self.activate(total, g)
        return (ops.add(candidate, ops.mul(z, ops.sub(h, candidate))),)

    def _before(self, wx: Value, r: Value, h: Value) -> Value:
        """Return ``Wh x + Rh (r h) + b``."""
        return self.ops.gemm(self.ops.mul(r, h), self.r_h, wx)

    def _after(self, wx: Value, r: Value, h: Value) -> Value:
        """Return ``Wh x + wb + r (Rh h + rb)``."""
        return self.ops.add(wx, self.ops.mul(r, self.ops.gemm(h, self.r_h, self.rb_h)))
