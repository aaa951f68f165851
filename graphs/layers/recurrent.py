"""Recurrent layers: naive RNN, LSTM in all its forms, GRU; one direction or two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..given import choice, flag
from ..lowering.cell import Cell, RecurrentWeights
from ..lowering.choose import Lowering, lower
from ..lowering.op import DEFAULTS
from ..values import Value
from ..weights import GRUWeights, LSTMWeights, RNNWeights
from .arguments import Direction, read_activations, read_clip, read_direction
from .checks import (
    check_covers_no_cell,
    check_dtype,
    check_float,
    check_rank,
    check_size,
    take_weights,
)
from .documented import document
from .merge import Merge, check_merge, merge, side_by_side, time_major
from .states import State, refuse_constant_stream, stream_in, take_lengths, take_states


@dataclass(frozen=True)
class Options:
    """The arguments that the three kinds of layer share; see :class:`RecurrentLayers`."""

    lengths: Value | None
    initial_state: State | None
    direction: Direction | None
    clip: float | None
    merge: Merge
    lowering: Lowering
    streaming: bool | None


@dataclass(frozen=True)
class Recurrent:
    """What a recurrent layer gives, batch first.

    `sequence` is ``[batch, time, units]``, zero behind the end of a shorter row. `last` is
    ``[batch, units]``: what each direction gives at its own last valid step, which for the backward
    one is time 0. Both hold the two directions merged (side by side unless asked otherwise).
    `state` holds the final h, and for an LSTM then c, each ``[batch, directions * hidden]``: what
    ``initial_state`` of another layer takes.
    """

    sequence: Value
    last: Value
    state: tuple[Value, ...]


class RecurrentLayers(Builder):
    """Adds ``rnn``, ``lstm`` and ``gru``.

    Arguments that all three share:

    x
        ``[batch, time, features]``.
    weights
        The container of the layer; two directions in it make the layer bidirectional.
    lengths
        ``[batch]`` of int32 or int64: how many steps of each row are valid, from the first on. Both
        directions read those alone. A row of length 0 ends in its initial state.
    initial_state
        h, and for an LSTM (h, c), each ``[batch, directions * hidden]``, or one row of it for the
        whole batch; a value or an array; zeros when None.
    direction
        ``forward``, ``reverse`` or ``bidirectional``; from the weights when None.
    activations
        One name per function of the operator, in its order.
    clip
        Hold what goes into every activation within plus and minus this.
    merge
        How two directions become one: ``concat``, ``sum``, ``mean``, ``product``, or
        `DenseWeights` over both side by side.
    lowering
        ``op`` for the native operator, ``scan`` for a Scan of standard operators, ``unrolled`` for
        one copy of them per step of a fixed time dim, ``step`` for a single step (a time dim of 1)
        with its states as model inputs and outputs; ``auto`` chooses.
    streaming
        Make the states model inputs and outputs; as the network says when None.
    name
        The layer's name: the first part of the names of its nodes and weights.
    """

    streaming: bool = False

    def rnn(
        self,
        x: Value,
        weights: RNNWeights,
        *,
        activations: str | Sequence[str] = "tanh",
        lengths: Value | None = None,
        initial_state: State | None = None,
        direction: Direction | None = None,
        clip: float | None = None,
        merge: Merge = "concat",
        lowering: Lowering = "auto",
        streaming: bool | None = None,
        name: str | None = None,
    ) -> Recurrent:
        """Return a naive recurrent layer: ``h' = f(W x + R h + b)``.

        `activations` is f; the other arguments are those of the class.
        """
        layer = self.layer_name("rnn", name)
        take_weights(self, layer, weights, RNNWeights, f"rnn '{layer}'")
        options = Options(lengths, initial_state, direction, clip, merge, lowering, streaming)
        return self._recurrent(layer, x, weights, activations, options)

    def lstm(
        self,
        x: Value,
        weights: LSTMWeights,
        *,
        activations: Sequence[str] = DEFAULTS["LSTM"],
        coupled: bool = False,
        lengths: Value | None = None,
        initial_state: State | None = None,
        direction: Direction | None = None,
        clip: float | None = None,
        merge: Merge = "concat",
        lowering: Lowering = "auto",
        streaming: bool | None = None,
        name: str | None = None,
    ) -> Recurrent:
        """Return an LSTM layer, in the peephole form that the weights have.

        `activations` are f of the gates, g of the cell input and h of the cell output; with
        `coupled` the forget gate is one minus the input gate. The other arguments are those of the
        class, the equations are in :class:`LSTMWeights`.
        """
        layer = self.layer_name("lstm", name)
        take_weights(self, layer, weights, LSTMWeights, f"lstm '{layer}'")
        options = Options(lengths, initial_state, direction, clip, merge, lowering, streaming)
        return self._recurrent(layer, x, weights, activations, options, coupled=coupled)

    def gru(
        self,
        x: Value,
        weights: GRUWeights,
        *,
        activations: Sequence[str] = DEFAULTS["GRU"],
        lengths: Value | None = None,
        initial_state: State | None = None,
        direction: Direction | None = None,
        clip: float | None = None,
        merge: Merge = "concat",
        lowering: Lowering = "auto",
        streaming: bool | None = None,
        name: str | None = None,
    ) -> Recurrent:
        """Return a GRU layer, in the reset form that the weights have.

        `activations` are f of the gates and g of the candidate. The other arguments are those of
        the class, the equations are in :class:`GRUWeights`.
        """
        layer = self.layer_name("gru", name)
        take_weights(self, layer, weights, GRUWeights, f"gru '{layer}'")
        options = Options(lengths, initial_state, direction, clip, merge, lowering, streaming)
        return self._recurrent(layer, x, weights, activations, options)

    def _recurrent(
        self,
        layer: str,
        x: Value,
        weights: RecurrentWeights,
        activations: str | Sequence[str],
        options: Options,
        *,
        coupled: bool = False,
    ) -> Recurrent:
        kind = type(weights).__name__.removesuffix("Weights")
        label = f"{kind.lower()} '{layer}'"
        check_float(self.own(x, label), label)
        check_dtype(x, self.dtype, label)
        check_rank(x, [3], label, "[batch, time, features]")
        check_covers_no_cell(x, weights, label)
        check_size(x, 2, weights.input_size, label, "the columns of w")
        cell = Cell(
            layer,
            weights,
            read_activations(activations, kind, label),
            read_direction(options.direction, weights, label),
            read_clip(options.clip, label),
            flag(coupled, f"{label}: coupled"),
            take_lengths(self, options.lengths, x, layer),
        )
        check_merge(options.merge, cell, label)
        choice(options.lowering, get_args(Lowering), f"'{layer}': lowering")
        streams = self._streams(cell, options, x)
        if options.initial_state is not None:
            cell = replace(cell, initial=take_states(self, cell, options.initial_state, x))
        elif streams:
            cell = replace(cell, initial=streams)
        lowered = lower(self, cell, time_major(self, x, layer), options.lowering)
        sequence, last = merge(self, cell, lowered, options.merge)
        state = tuple(side_by_side(Ops(self, layer), final) for final in lowered.finals)
        for state_in, state_out in zip(streams, state, strict=False):
            self.stream_output(state_in, state_out)
        return Recurrent(sequence, last, state)

    def _streams(self, cell: Cell, options: "Options", x: Value) -> tuple[Value, ...]:
        """Return the states that come in as model inputs: none where they are given."""
        wanted = self.streaming
        if options.streaming is not None:
            wanted = flag(options.streaming, f"'{cell.layer}': streaming")
        if options.initial_state is not None and wanted:
            refuse_constant_stream(self, cell, options.initial_state)
        if options.initial_state is not None or not (wanted or options.lowering == "step"):
            return ()
        return stream_in(self, cell, x)


document(RecurrentLayers, Recurrent, "rnn", "lstm", "gru")
