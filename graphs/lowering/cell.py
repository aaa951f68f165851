"""A recurrent layer with everything that its form in the graph depends on."""

from dataclasses import dataclass

from ..activations.notation import Activation
from ..values import Dim, Value
from ..weights import GRUWeights, LSTMWeights, RNNWeights

RecurrentWeights = RNNWeights | LSTMWeights | GRUWeights


@dataclass(frozen=True)
class Cell:
    """One recurrent layer, whatever its form in the graph will be.

    `activations` are those of one direction, in the operator's order (f; f, g, h; f, g).
    `direction` is ``forward``, ``reverse`` or ``bidirectional``. `lengths` is ``[batch]`` of int32.
    Each of `initial` is ``[batch, units]`` for one direction, ``[2, batch, units]`` for two: h, and
    for an LSTM also c.
    """

    layer: str
    weights: RecurrentWeights
    activations: tuple[Activation, ...]
    direction: str
    clip: float | None = None
    coupled: bool = False
    lengths: Value | None = None
    initial: tuple[Value, ...] | None = None

    @property
    def states(self) -> int:
        """How many states the layer carries from step to step."""
        return 2 if isinstance(self.weights, LSTMWeights) else 1

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The units of each state per direction: h, and for an LSTM also c."""
        return (self.weights.output_size, self.weights.hidden_size)[: self.states]


@dataclass(frozen=True)
class Lowered:
    """What a form of the layer gives, time first as the operators have it.

    For one direction `sequence` is ``[time, batch, units]`` and each of `finals`
    ``[batch, units]``; for two there is a dim of 2 before the batch.
    """

    sequence: Value
    finals: tuple[Value, ...]


def batch_dim(x: Value) -> Dim:
    """Return the batch dim of a time-major sequence."""
    return x.dims[1]
