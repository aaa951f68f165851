"""Recurrent layers of one direction."""

from dataclasses import replace

from .. import cells
from ..registry import Call, keras_layer
from ..tensor import Tensor
from ._flip import flip


@keras_layer("SimpleRNN", "LSTM", "GRU", *cells.CUDNN, masking="own")
def recurrent(call: Call) -> tuple[Tensor, ...]:
    """Return a recurrent layer; with ``go_backwards`` its sequence has its last step first."""
    cell = cells.read_cell(call.kind, call.fields, call.major)
    initial = cells.initial_states(call, cells.STATES[cell.kind])
    call = replace(call, inputs=call.inputs[:1])
    _check(call, cell, bool(initial))
    arrays = cells.take_arrays(cell, call.vault, call.label)
    result, sequence = cells.run(call, cell, cell.weights(arrays), initial)
    if not cell.sequences:
        return cells.outputs(call, cell, [result.last], result.state)
    if cell.backwards:
        sequence = flip(call.ops, sequence)
    return cells.outputs(call, cell, [sequence], result.state)


def _check(call: Call, cell: cells.Cell, given: bool) -> None:
    if cell.stateful and given:
        raise call.refuse("is stateful and starts from given states; only one of them is converted")
    if call.x.mask is not None and cell.zeros_at_mask and not cell.sequences:
        raise call.refuse("zero_output_for_mask of the last step is not converted")
