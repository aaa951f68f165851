"""What SimpleRNN, LSTM and GRU of Keras are: their weights, their activations, one run of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..builder.ops import Ops
from ..layers.merge import Merge
from ..layers.recurrent import Recurrent
from ..lowering.directions import where
from ..values import Value
from ..weights import GRUWeights, LSTMWeights, RNNWeights
from ..weights.arrays import Array
from .activations import cell_activation
from .fields import Fields
from .masks import Mask, expand
from .registry import Call
from .tensor import Tensor
from .vault import Vault

STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}
"""How many states each kind carries."""
CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
"""Layers of Keras 2 that compute the same and have no choices."""


@dataclass(frozen=True)
class Cell:
    """A recurrent layer as its fields describe it, without its direction."""

    kind: str
    units: int
    activations: tuple[str, ...]
    use_bias: bool
    reset_after: bool | None
    sequences: bool
    state: bool
    backwards: bool
    stateful: bool
    zeros_at_mask: bool

    def names(self) -> list[str]:
        """Return the names of its arrays, in Keras's order."""
        return ["kernel", "recurrent_kernel"] + ["bias"] * self.use_bias

    def weights(self, arrays: Sequence[Array]) -> RNNWeights | LSTMWeights | GRUWeights:
        """Return the container of the arrays, those of a second direction behind the first."""
        if self.kind == "SimpleRNN":
            return RNNWeights.from_keras(arrays)
        if self.kind == "LSTM":
            return LSTMWeights.from_keras(arrays)
        return GRUWeights.from_keras(arrays, reset_after=self.reset_after)


def read_cell(kind: str, fields: Fields, major: int) -> Cell:
    """Read a recurrent layer's fields."""
    fields.without("time_major")
    for key in ("recurrent_size", "go_backwards", "return_sequences"):
        fields.get(key)
    if kind in CUDNN:
        gates = "sigmoid", "tanh"
        fields.get("reset_after")
    else:
        gate = "hard_sigmoid" if major == 2 and "recurrent_activation" not in fields.table else ""
        gates = (
            cell_activation(fields, "recurrent_activation", major, gate or "sigmoid"),
            cell_activation(fields, "activation", major, "tanh"),
        )
    kind = CUDNN.get(kind, kind)
    count = {"SimpleRNN": gates[1:], "GRU": gates, "LSTM": (*gates, gates[1])}
    after = fields.get("reset_after")
    return Cell(
        kind,
        fields.integer("units"),
        count[kind],
        fields.flag("use_bias", True),
        after if isinstance(after, bool) else None,
        fields.flag("return_sequences", False),
        fields.flag("return_state", False),
        fields.flag("go_backwards", False),
        fields.flag("stateful", False),
        fields.flag("zero_output_for_mask", False),
    )


def take_arrays(cell: Cell, vault: Vault, label: str) -> list[Array]:
    """Return the arrays of one direction."""
    return vault.inside("cell", f"{cell.kind.lower()}_cell").take(label, *cell.names())


def run(
    call: Call,
    cell: Cell,
    weights: RNNWeights | LSTMWeights | GRUWeights,
    initial: Sequence[Value],
    *,
    merge: Merge = "concat",
    zeros_at_mask: bool = False,
) -> tuple[Recurrent, Value]:
    """Return what the layer of the network gives, and its sequence as Keras has it.

    `initial` are the states that it starts from, none for zeros. The sequence is in the order of
    time for both directions.
    """
    net, mask = call.net, call.x.mask
    x = call.value()
    keywords: dict[str, Any] = {
        "activations": cell.activations if len(cell.activations) > 1 else cell.activations[0],
        "merge": merge,
        "initial_state": tuple(initial) or None,
        "streaming": cell.stateful,
        "name": call.name(),
    }
    if weights.directions == 1 and cell.backwards:
        keywords["direction"] = "reverse"
    if mask is not None:
        keywords["lengths"] = mask.lengths()
        x = x if call.at_end else mask.to_front(x)
    if isinstance(weights, RNNWeights):
        result = net.rnn(x, weights, **keywords)
    elif isinstance(weights, LSTMWeights):
        result = net.lstm(x, weights, **keywords)
    else:
        result = net.gru(x, weights, **keywords)
    if mask is None or not cell.sequences:
        return result, result.sequence
    zeros = zeros_at_mask or cell.zeros_at_mask
    if call.at_end:
        return result, _to_the_end(call, cell, mask, result, zeros)
    return result, _back(call, cell, mask, result.sequence, initial, zeros)


def _to_the_end(call: Call, cell: Cell, mask: Mask, result: Recurrent, zeros: bool) -> Value:
    """Return a sequence that repeats its last valid step behind the end of a row.

    The operator has zeros there, which is what a layer that begins at the end gives.
    """
    if zeros or cell.backwards:
        return result.sequence
    column = call.ops.unsqueeze(result.last, 1)
    return where(call.ops, expand(call.ops, mask.valid, 3), result.sequence, column)


def _back(
    call: Call, cell: Cell, mask: Mask, sequence: Value, initial: Sequence[Value], zeros: bool
) -> Value:
    """Return a sequence of valid steps with the masked ones between them again."""
    ops = call.ops
    if zeros:
        placed = mask.back_forward(sequence)
        return where(ops, expand(ops, mask.valid, 3), placed, _zero(ops, placed))
    if cell.backwards:
        return mask.back_reverse(sequence)
    placed = mask.back_forward(sequence)
    before = _zero(ops, placed)
    if call.major == 3 and (initial or cell.stateful):
        first = initial[0] if initial else call.net.streams[-STATES[cell.kind]][0]
        before = ops.unsqueeze(first, 1)
    return where(ops, expand(ops, mask.started(), 3), placed, before)


def outputs(
    call: Call, cell: Cell, main: list[Value], states: Sequence[Value]
) -> tuple[Tensor, ...]:
    """Return a layer's outputs: its sequence or last step, masked as its input, and the states."""
    mask = call.x.mask if cell.sequences else None
    given = [Tensor(value, mask=mask) for value in main]
    return (*given, *(Tensor(state) for state in states if cell.state))


def initial_states(call: Call, count: int) -> list[Value]:
    """Return the states that the call gives, `count` or none."""
    given = call.keywords.get("initial_state", list(call.inputs[1:]))
    listed = given if isinstance(given, list) else [given]
    if listed and isinstance(listed[0], list):
        listed = listed[0]
    if not all(isinstance(one, Tensor) for one in listed) or len(listed) not in (0, count):
        raise call.refuse(f"starts from {len(listed)} states, takes {count}")
    return [one.keras(call.ops) for one in listed]


def _zero(ops: Ops, like: Value) -> Value:
    return ops.net.scalar(ops.layer, 0.0, like.dtype)
