"""The way back from a lowered recurrent layer: its container, from the arrays in the model.

The forms made of standard operators (:mod:`.equations`) write their weights under the layer's
name: ``encoder.W``, ``encoder/backward.Rh``. What the arrays do not tell, such as the reset form of
a GRU, stands in the model's metadata as a :class:`~onnxwright.graphs.builder.provenance.Record`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx

from ...walking import walk_graphs
from ..builder.constants import to_array
from ..builder.provenance import Record, entries, read_records, read_shared
from ..errors import WeightError
from ..weights import GRUWeights, LSTMWeights, RNNWeights
from ..weights.arrays import Array
from ..weights.base import Weights
from .cell import Cell, RecurrentWeights
from .equations import LSTMEquations

DIRECTIONS = {1: ("",), 2: ("/forward", "/backward")}
"""What stands behind the layer's name for each direction."""
ROLES = ("W", "Wh", "R", "Rh", "projection")
"""The matrices that a product of a lowered layer may read."""
Arrays = Mapping[str, Array]
"""Every initializer of a model by name, also those in bodies."""


def record(cell: Cell) -> Record:
    """Return what the metadata keep of a layer that is about to be lowered."""
    weights = cell.weights
    kind = type(weights).__name__.removesuffix("Weights")
    form = getattr(weights, "reset", getattr(weights, "peephole", ""))
    return Record(kind, weights.input_size, weights.directions, form)


class Lowered:
    """The matrices of recurrent layers that were lowered to other operators, and their layers.

    Their products are no dense layers. They are known by their names: the input's weights
    ``encoder.W`` and the state's ``encoder.R``, which may stand in the body of a Scan.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        tensors = {
            tensor.name: tensor
            for graph in walk_graphs(model)
            if isinstance(graph, onnx.GraphProto)
            for tensor in graph.initializer
        }
        shared = read_shared(model)
        tensors |= {name: tensors[kept] for name, kept in shared.items() if kept in tensors}
        stems = {
            name[:-2] for name in tensors if name.endswith(".R") and f"{name[:-1]}W" in tensors
        }
        self.layers: dict[str, tuple[str, Record] | None] = {
            f"{stem}.{role}": None for stem in stems for role in ROLES
        }
        for layer, found in read_records(entries(model)).items():
            for suffix in DIRECTIONS[found.directions]:
                self.layers |= {f"{layer}{suffix}.{role}": (layer, found) for role in ROLES}
        self._tensors = tensors
        self._given: set[str] = set()

    def take(self, matrix: str) -> tuple[str, Weights] | None:
        """Return the layer that `matrix` belongs to; None where it has been taken before."""
        layer, found = self.layers[matrix] or ("", None)
        if found is None or layer in self._given:
            return None
        self._given.add(layer)
        roles = [f"{layer}{end}." for end in DIRECTIONS[found.directions]]
        mine = {
            name: to_array(tensor)
            for name, tensor in self._tensors.items()
            if name.startswith(tuple(roles))
        }
        weights = recover(layer, found, mine)
        return None if weights is None else (layer, weights)


def recover(layer: str, found: Record, arrays: Arrays) -> RecurrentWeights | None:
    """Return the container of a lowered layer, or None where its arrays are not (all) there.

    The two biases of a gate come back as their sum in the first, except where the net keeps them
    apart (a GRU with ``reset="after"``): lowering has added them. All else is bit for bit.
    """
    try:
        parts = [
            RECOVER[found.kind](Part(layer + suffix, found.input_size, arrays), found.form)
            for suffix in DIRECTIONS[found.directions]
        ]
        return parts[0] if len(parts) == 1 else _both(*parts)
    except (KeyError, ValueError, WeightError):
        return None  # quantized, renamed or edited since


@dataclass(frozen=True)
class Part:
    """The arrays of one direction, of a layer with `features` inputs a step."""

    prefix: str
    features: int
    arrays: Arrays

    def array(self, role: str) -> Array | None:
        """Return the array of that role, None where the direction has none."""
        return self.arrays.get(f"{self.prefix}.{role}")

    def need(self, role: str) -> Array:
        """Return the array of that role; KeyError where it is not there."""
        return self.arrays[f"{self.prefix}.{role}"]

    def project(self, role: str) -> tuple[Array, Array | None]:
        """Return the input weights ``[rows, features]`` of a role and their bias ``[rows]``."""
        matrix = self.need(role)
        if matrix.ndim != 2 or matrix.shape[0] not in (self.features, self.features + 1):
            raise ValueError(f"{role} has the shape {matrix.shape}")
        folded = matrix[self.features] if matrix.shape[0] > self.features else None
        bias = self.array(f"B{role.removeprefix('W')}") if folded is None else folded
        return matrix[: self.features].T, bias


def _rnn(part: Part, form: str) -> RNNWeights:
    w, b = part.project("W")
    return RNNWeights(w[None], part.need("R").T[None], _bias(b, None))


def _lstm(part: Part, form: str) -> LSTMWeights:
    w, b = part.project("W")
    p, projection = part.array("P"), part.array("projection")
    if p is not None and form == "lecture":
        p = _by_gate(p.reshape(-1, 1)).reshape(-1)
    elif p is not None:
        seen_i, seen_f = p.reshape(2, -1)
        p = np.concatenate([seen_i, part.need("Po").reshape(-1), seen_f])
    return LSTMWeights(
        _by_gate(w)[None],
        _by_gate(part.need("R").T)[None],
        _bias(None if b is None else _by_gate(b.reshape(-1, 1)).reshape(-1), None),
        None if p is None else p[None],
        "lecture" if form == "lecture" else "onnx",
        None if projection is None else projection.T[None],
    )


def _gru(part: Part, form: str) -> GRUWeights:
    (w, b), (wh, bh) = part.project("W"), part.project("Wh")
    r, rh = part.need("R").T, part.need("Rh").T
    given, kept = _joined(b, bh, len(w), len(wh)), part.array("Rbh")
    recurrent = None if kept is None else np.concatenate([np.zeros_like(r[:, 0]), kept])
    return GRUWeights(
        np.concatenate([w, wh])[None],
        np.concatenate([r, rh])[None],
        _bias(given, recurrent),
        reset="after" if form == "after" else "before",
    )


def _by_gate(rows: Array) -> Array:
    """Return rows in the order i, f, o, c of the equations in the operator's, i, o, f, c."""
    order = list(LSTMEquations.ORDER)  # its own inverse
    return rows.reshape(len(order), -1, rows.shape[-1])[order].reshape(rows.shape)


def _joined(first: Array | None, second: Array | None, rows: int, more: int) -> Array | None:
    """Return two biases end to end, zeros where one is None, None where both are."""
    if first is None and second is None:
        return None
    dtype = next(array.dtype for array in (first, second) if array is not None)
    halves = [np.zeros(rows, dtype) if first is None else first]
    halves += [np.zeros(more, dtype) if second is None else second]
    return np.concatenate(halves)


def _bias(given: Array | None, recurrent: Array | None) -> Array | None:
    """Return ``[1, 2 * rows]``: the input bias and then the recurrent one."""
    known = given if given is not None else recurrent
    if known is None:
        return None
    both = _joined(given, recurrent, len(known), len(known))
    return None if both is None else both[None]


def _both(forward: RecurrentWeights, backward: RecurrentWeights) -> RecurrentWeights:
    """Return the layer of two directions; a bias that is zero in one was not written for it."""
    if (forward.b is None) != (backward.b is None):
        forward, backward = (_with_bias(one) for one in (forward, backward))
    return type(forward).bidirectional(forward, backward)  # type: ignore[arg-type]


def _with_bias(weights: RecurrentWeights) -> RecurrentWeights:
    zeros = np.zeros((1, 2 * weights.w.shape[1]), weights.w.dtype)
    return weights if weights.b is not None else replace(weights, b=zeros)


RECOVER: dict[str, Callable[[Part, str], RecurrentWeights]] = {
    "RNN": _rnn,
    "LSTM": _lstm,
    "GRU": _gru,
}
"""What puts one direction together again, by the kind of the layer."""
