"""What a model takes and gives, as servers describe it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import onnx

from ...skeleton import inferred, skeleton
from ..targets.states import StatePair, state_pairs
from .errors import BundleError

Dims = tuple[int | str, ...]


@dataclass(frozen=True)
class Tensor:
    """A graph input or output."""

    name: str
    element: int
    """ONNX's number of the element type."""
    dims: Dims
    """A number where the dim is fixed, else its name, "" without one."""

    @property
    def type_name(self) -> str:
        """ONNX's name of the element type, such as ``FLOAT``."""
        return str(onnx.TensorProto.DataType.Name(self.element))


@dataclass(frozen=True)
class State:
    """An input and the output that is its next value."""

    taken: Tensor
    given: Tensor

    @property
    def pair(self) -> StatePair:
        """The two names."""
        return StatePair(self.taken.name, self.given.name)


@dataclass(frozen=True)
class Signature:
    """All that must be fed and all that comes out, in the model's order."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    states: tuple[State, ...]
    """Those among the inputs and outputs that are states, sorted by the inputs' names."""

    @property
    def plain_inputs(self) -> tuple[Tensor, ...]:
        """The inputs that are no states."""
        states = {state.taken.name for state in self.states}
        return tuple(tensor for tensor in self.inputs if tensor.name not in states)

    @property
    def plain_outputs(self) -> tuple[Tensor, ...]:
        """The outputs that are no states."""
        states = {state.given.name for state in self.states}
        return tuple(tensor for tensor in self.outputs if tensor.name not in states)


def read_signature(model: onnx.ModelProto) -> Signature:
    """Return what the model takes and gives; inputs that have a default are left out.

    Raises
    ------
    BundleError
        An input or output is no tensor, or its rank is not known.
    """
    defaults = {tensor.name for tensor in model.graph.initializer}
    inputs = tuple(_tensor(i, "input") for i in model.graph.input if i.name not in defaults)
    outputs = tuple(_tensor(o, "output") for o in _with_shapes(model))
    return Signature(inputs, outputs, tuple(_states(model, inputs, outputs)))


def _with_shapes(model: onnx.ModelProto) -> Iterable[onnx.ValueInfoProto]:
    """Return the outputs; those without a shape get the one that ONNX infers."""
    declared = list(model.graph.output)
    if all(info.type.tensor_type.HasField("shape") for info in declared):
        return declared
    known = inferred(skeleton(model))
    found = {} if known is None else {info.name: info for info in known.graph.output}
    return [
        info if info.type.tensor_type.HasField("shape") else found.get(info.name, info)
        for info in declared
    ]


def _tensor(info: onnx.ValueInfoProto, kind: str) -> Tensor:
    if not info.type.HasField("tensor_type"):
        raise BundleError(
            f"{kind} '{info.name}' is no tensor, and servers take and give tensors alone",
            "export the model with tensors at its edge",
        )
    if not info.type.tensor_type.HasField("shape"):
        raise BundleError(
            f"{kind} '{info.name}' does not say how many dims it has, which servers must know",
            f"declare its shape in the graph's {kind} (a name for each dim that varies)",
        )
    shape = info.type.tensor_type.shape
    dims = tuple(d.dim_value if d.HasField("dim_value") else d.dim_param for d in shape.dim)
    return Tensor(info.name, info.type.tensor_type.elem_type, dims)


def _states(
    model: onnx.ModelProto, inputs: Iterable[Tensor], outputs: Iterable[Tensor]
) -> Iterator[State]:
    takers = {tensor.name: tensor for tensor in inputs}
    givers = {tensor.name: tensor for tensor in outputs}
    for pair in state_pairs(model.graph):
        if pair.taken in takers and pair.given in givers:
            yield State(takers[pair.taken], givers[pair.given])
