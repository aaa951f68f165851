"""The recurrent cells as standard operators: one step each, of one direction.

Gates stand on an axis of their own, so that one product and one activation serve several of them: a
step reads ``[gates, batch, units]`` and carries states of ``[1, batch, units]``. What does not
depend on the state is computed for all steps at once, before the loop. The equations are those of
the operators RNN, LSTM and GRU of the ONNX specification, and for the lecture form those of
:class:`~onnxwright.graphs.weights.LSTMWeights`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..activate import activate
from ..activations import Activation
from ..emit import Emitter
from ..ops import Ops
from ..values import Value
from ..weights import GRUWeights, LSTMWeights
from .cell import Cell

Array = NDArray[Any]


class Equations(Protocol):
    """One direction of a layer: its weights are emitted when it is made."""

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return what the steps read, ``[time, gates, batch, units]``, of ``[time, batch, in]``."""
        ...

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return the next state; its first part is what the layer gives at this step."""
        ...


def equations(net: Emitter, cell: Cell, index: int, prefix: str) -> Equations:
    """Return the equations of direction `index`; `prefix` starts the names of their nodes."""
    if isinstance(cell.weights, LSTMWeights):
        return LSTMEquations(net, cell, index, prefix)
    if isinstance(cell.weights, GRUWeights):
        return GRUEquations(net, cell, index, prefix)
    return RNNEquations(net, cell, index, prefix)


class _Cell:
    """What the three cells share: weights by gate, activations behind a clip, input products."""

    def __init__(self, net: Emitter, cell: Cell, index: int, prefix: str) -> None:
        weights = cell.weights
        self.net, self.cell, self.prefix = net, cell, prefix
        self.ops = Ops(net, prefix)
        self.units = weights.hidden_size
        self.w, self.r = self._by_gate(weights.w[index]), self._by_gate(weights.r[index])
        shape = (2, len(self.w), self.units)
        bias = weights.b[index].reshape(shape) if weights.b is not None else np.zeros(shape)
        self.wb: Array = bias[0]
        self.rb: Array = bias[1]

    def _by_gate(self, rows: Array) -> Array:
        return rows.reshape(-1, self.units, rows.shape[-1])

    def weight(self, role: str, array: Array) -> Value:
        """Emit an array of weights, named after the direction."""
        return self.net.weight(self.prefix, role, array)

    def recurrent(self, role: str, gates: Array) -> Value:
        """Emit recurrent weights ``[gates, units, in]`` the way a step multiplies by them."""
        return self.weight(role, gates.transpose(0, 2, 1))

    def project(self, x: Value, w: Array, bias: Array) -> Value:
        """Return ``W x + b`` of all steps, with the gates on an axis of their own."""
        gates = len(w)
        time, batch, _ = x.dims
        product = self.ops.matmul(x, self.weight("W", w.reshape(gates * self.units, -1).T))
        if bias.any():
            product = self.ops.add(product, self.weight("B", bias.reshape(-1)))
        if gates == 1:
            return self.ops.unsqueeze(product, 1)
        shape, dims = (0, 0, gates, self.units), (time, batch, gates, self.units)
        return self.ops.transpose(self.ops.reshape(product, shape, dims), 0, 2, 1, 3)

    def activate(self, x: Value, activation: Activation) -> Value:
        """Return ``f(x)``, of `x` held within the clip where there is one."""
        if self.cell.clip is not None:
            x = self.ops.clip(x, -self.cell.clip, self.cell.clip)
        return activate(self.net, x, activation, self.prefix)


class RNNEquations(_Cell):
    """``h' = f(W x + R h + b)``."""

    def __init__(self, net: Emitter, cell: Cell, index: int, prefix: str) -> None:
        super().__init__(net, cell, index, prefix)
        self.r_all = self.recurrent("R", self.r)

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b``."""
        return (self.project(x, self.w, self.wb + self.rb),)

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return h'."""
        total = self.ops.add(read[0], self.ops.matmul(state[0], self.r_all))
        return (self.activate(total, self.cell.activations[0]),)


class LSTMEquations(_Cell):
    """An LSTM in any form; inside, its gates stand in the order i, f, o, cell input."""

    ORDER = (0, 2, 1, 3)
    """ONNX has i, o, f, c; the two that see the old cell state in every form go first."""

    def __init__(self, net: Emitter, cell: Cell, index: int, prefix: str) -> None:
        super().__init__(net, cell, index, prefix)
        weights = cell.weights
        assert isinstance(weights, LSTMWeights)
        order = list(self.ORDER)
        self.w, self.wb, self.rb = self.w[order], self.wb[order], self.rb[order]
        self.r_all = self.recurrent("R", self.r[order])
        self.p_all: Value | None = None
        self.p_if: Value | None = None
        self.p_o: Value | None = None
        if weights.p is not None:
            self._peepholes(weights.p[index].reshape(-1, 1, self.units), weights.peephole)
        projection = weights.projection
        self.projection = (
            None if projection is None else self.weight("projection", projection[index].T)
        )

    def _peepholes(self, p: Array, form: str) -> None:
        if form == "lecture":
            self.p_all = self.weight("P", p[list(self.ORDER)])
        else:
            self.p_if, self.p_o = self.weight("P", p[[0, 2]]), self.weight("Po", p[[1]])

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b`` of the four gates."""
        return (self.project(x, self.w, self.wb + self.rb),)

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
            o = self.activate(ops.add(o, ops.mul(self.p_o, new_c)), f)
        new_h = ops.mul(o, self.activate(new_c, last))
        if self.projection is not None:
            new_h = ops.matmul(new_h, self.projection)
        return new_h, new_c

    def _gates(self, wx: Value, h: Value, c: Value) -> tuple[Value, ...]:
        """Return i, f, o and z; o before its activation where it sees the new cell state."""
        f, g, _ = self.cell.activations
        ops = self.ops
        terms = [ops.matmul(h, self.r_all)]
        if self.p_all is not None:
            terms.append(ops.mul(self.p_all, c))
        total = ops.sum(wx, *terms)
        if self.p_if is not None:
            first, o, z = ops.split(total, (2, 1, 1), 0)
            gates = self.activate(ops.add(first, ops.mul(self.p_if, c)), f)
            i, forget = ops.split(gates, (1, 1), 0)
            return i, forget, o, self.activate(z, g)
        first, z = ops.split(total, (3, 1), 0)
        i, forget, o = ops.split(self.activate(first, f), (1, 1, 1), 0)
        return i, forget, o, self.activate(z, g)


class GRUEquations(_Cell):
    """``h' = z h + (1 - z) g(...)``, with the reset before or after the product."""

    def __init__(self, net: Emitter, cell: Cell, index: int, prefix: str) -> None:
        super().__init__(net, cell, index, prefix)
        assert isinstance(cell.weights, GRUWeights)
        self.after = cell.weights.reset == "after"
        self.rb_h = None
        if self.after:
            self.r_all = self.recurrent("R", self.r)
            if self.rb[2].any():
                self.rb_h = self.weight("Rbh", self.rb[2])
        else:
            self.r_zr = self.recurrent("R", self.r[:2])
            self.r_h = self.recurrent("Rh", self.r[2:])

    def before(self, x: Value) -> tuple[Value, ...]:
        """Return ``W x + b`` of the gates z and r, and of the candidate."""
        bias = self.wb + self.rb
        if self.after:
            bias[2] = self.wb[2]
        return self.ops.split(self.project(x, self.w, bias), (2, 1), 1)

    def step(self, read: Sequence[Value], state: Sequence[Value]) -> tuple[Value, ...]:
        """Return h'."""
        (h,) = state
        ops = self.ops
        z, candidate = (self._after if self.after else self._before)(read, h)
        return (ops.add(candidate, ops.mul(z, ops.sub(h, candidate))),)

    def _before(self, read: Sequence[Value], h: Value) -> tuple[Value, Value]:
        """Return z and ``g(Wh x + Rh (r h) + b)``."""
        f, g = self.cell.activations
        ops = self.ops
        gates = self.activate(ops.add(read[0], ops.matmul(h, self.r_zr)), f)
        z, r = ops.split(gates, (1, 1), 0)
        return z, self.activate(ops.add(read[1], ops.matmul(ops.mul(r, h), self.r_h)), g)

    def _after(self, read: Sequence[Value], h: Value) -> tuple[Value, Value]:
        """Return z and ``g(Wh x + wb + r (Rh h + rb))``."""
        f, g = self.cell.activations
        ops = self.ops
        rh_gates, rh = ops.split(ops.matmul(h, self.r_all), (2, 1), 0)
        z, r = ops.split(self.activate(ops.add(read[0], rh_gates), f), (1, 1), 0)
        if self.rb_h is not None:
            rh = ops.add(rh, self.rb_h)
        return z, self.activate(ops.add(read[1], ops.mul(r, rh)), g)
