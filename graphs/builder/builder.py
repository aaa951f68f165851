"""Emitting nodes: names, dtypes and dims of everything that the layers add to a graph."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from ..errors import GraphError, ValueMismatchError, WeightError
from ..given import shown, text, writable
from ..targets import Target
from ..values import Dim, Dims, Value
from ..weights.arrays import Array, ArrayLike, plain
from .layouts import Layouts
from .narrow import narrow, warn_of_nonfinite
from .opsets import NEWEST_OPSET, OLDEST_OPSET, check_bfloat16
from .placement import Placement, planned
from .protobuf import make_attribute
from .provenance import Record
from .recorder import Recorder
from .sharing import LEAST_BYTES

FLOATS = {
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "float32": np.dtype(np.float32),
    "float64": np.dtype(np.float64),
}
"""The dtypes that a network can compute in."""


class Builder:
    """The graph under construction, and the few ways to add to it that every layer uses."""

    def __init__(self, name: str, opset: int, dtype: str, target: Target | None) -> None:
        if type(opset) is not int or not OLDEST_OPSET <= opset <= NEWEST_OPSET:
            raise GraphError(
                f"network '{name}': opset {opset!r} is not one of {OLDEST_OPSET} to {NEWEST_OPSET}",
                "use 17 to load nearly everywhere, or install a newer onnx for a newer opset",
            )
        text(name, "the network's name")
        if not isinstance(dtype, str) or dtype not in FLOATS:
            raise GraphError(
                f"network '{name}': dtype {shown(dtype)} is no float type of ONNX",
                f"use one of {', '.join(FLOATS)}",
            )
        self.name = name
        self.opset = opset
        self.target = target
        self.placement = Placement(target, opset)
        self.layouts = Layouts()
        self.dtype = FLOATS[dtype]
        self.inputs: dict[str, Value] = {}
        self.outputs: dict[str, Value] = {}
        self.initializers: dict[str, NDArray[Any]] = {}
        self.sources: dict[str, list[str]] = {}
        self.origins: dict[str, tuple[str, int | None]] = {}
        """Which layers took their weights from which layout."""
        self.lowered: dict[str, Record] = {}
        """The recurrent layers that became standard operators, and what they were."""
        self.nodes: list[NodeProto] = []
        self.streams: list[tuple[Value, Value]] = []
        """Pairs of a state's model input and output, see `stream_input`."""
        self.states: dict[str, str] = {}
        """What each streamed input is the state of: ``encoder.h``."""
        self.time_major: dict[str, Value] = {}
        """The time-major form of batch-first sequences, where one is there, by name."""
        self.recorder = Recorder(self.initializers)
        self.share_above = LEAST_BYTES
        """Arrays of more bytes that are equal stand in the model once."""
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}
        self._indices: dict[tuple[int, ...], Value] = {}
        self._open_streams = 0

    def layer_name(self, kind: str, name: str | None) -> str:
        """Reserve the name of a layer: `name`, or `kind` with a number where it is taken."""
        if name is None:
            return self._named(self.unique(kind))
        if not isinstance(name, str) or not name or name != name.strip() or not writable(name):
            raise GraphError(
                f"the {kind}'s name {name!r} in network '{self.name}' is no text, empty or padded",
                "give it a plain name, such as 'encoder'",
            )
        if name in self._names:
            raise GraphError(
                f"the name '{name}' is used twice in network '{self.name}'",
                "give each layer, input and output a name of its own",
            )
        self._names.add(name)
        return self._named(name)

    def _named(self, name: str) -> str:
        self.recorder.name = self.recorder.name or name
        return name

    def unique(self, stem: str) -> str:
        """Reserve `stem`, with the lowest free number behind it where it is taken."""
        name, number = stem, self._counts.get(stem, 0)
        while name in self._names:
            number += 1
            name = f"{stem}_{number}"
        self._counts[stem] = number
        self._names.add(name)
        return name

    def emit(
        self,
        op_type: str,
        *inputs: Value | None,
        layer: str,
        dims: Dims,
        dtype: Any = None,
        **attributes: Any,
    ) -> Value:
        """Add a node with one output, named ``layer/op_type``, and return the output.

        `dtype` is that of the output, the first input's when None. An attribute that is None is
        left out.
        """
        (value,) = self.emit_many(
            op_type, *inputs, layer=layer, outputs={"": dims}, dtype=dtype, **attributes
        )
        return value

    def emit_many(
        self,
        op_type: str,
        *inputs: Value | None,
        layer: str,
        outputs: Mapping[str, Dims],
        dtype: Any = None,
        **attributes: Any,
    ) -> tuple[Value, ...]:
        """Add a node with an output per entry of `outputs`: its suffix and its dims."""
        node = NodeProto(op_type=op_type, name=self.unique(f"{layer}/{op_type}"))
        node.input.extend("" if value is None else self.own(value).name for value in inputs)
        first = next((value for value in inputs if value is not None), None)
        given = np.dtype(dtype) if dtype is not None else first.dtype if first else self.dtype
        values = tuple(
            Value(f"{node.name}.{suffix}" if suffix else node.name, given, dims, self)
            for suffix, dims in outputs.items()
        )
        node.output.extend(value.name for value in values)
        if self.dtype.name == "bfloat16":
            check_bfloat16(op_type, self.opset, [*inputs, *values[:1]], layer)
        for key, attribute in attributes.items():
            if attribute is not None:
                node.attribute.append(make_attribute(key, attribute))
        self.placement.take(inputs, self.initializers, self.inputs)
        self.placement.add(node, layer)
        self.nodes.append(node)
        for value in values:
            self.layouts.follow(op_type, inputs, value)
        self.recorder.emitted(node, values)
        return values

    def runs(self, op_type: str, x: Value, **attributes: Any) -> bool:
        """Say whether the network's target runs such a node and gives the right numbers."""
        self.placement.take([x], self.initializers, self.inputs)
        return self.placement.runs(planned(op_type, x, attributes))

    def own(self, value: Value, label: str | None = None) -> Value:
        """Return `value`, after checking that it is one of this network's.

        `label` names the layer that takes it.
        """
        where = label or f"network '{self.name}'"
        if not isinstance(value, Value):
            raise ValueMismatchError(
                f"{where}: takes a value, got {type(value).__name__}",
                "name the part that is meant: .sequence, .last, or one of .state"
                if hasattr(value, "sequence")
                else "give what an input or a layer of this network returned; arrays of numbers "
                "go into weights or net.constant(array)",
            )
        if value.owner is not self:
            raise ValueMismatchError(
                f"{where}: value '{value.name}' belongs to another network than '{self.name}'",
                "build each network from its own inputs",
            )
        return value

    def weight(self, layer: str, role: str, array: ArrayLike) -> Value:
        """Add an array of weights as initializer ``layer.role``, in the network's dtype.

        Raises
        ------
        WeightError
            The array is not of floats, or a finite number in it is too large for the dtype.
        """
        given = plain(array)
        given = given.astype(given.dtype.newbyteorder("="), copy=False)
        if given.dtype not in FLOATS.values():
            raise WeightError(
                f"'{layer}': {role} has dtype {given.dtype.name}, weights must be floats",
                "convert it, for example with .astype('float32')",
            )
        warn_of_nonfinite(given, f"{layer}.{role}")
        return self.initializer(f"{layer}.{role}", narrow(given, self.dtype, f"{layer}.{role}"))

    def indices(self, *numbers: int) -> Value:
        """Add a 1-D int64 constant (axes, shapes, ...), shared by all who ask for the same."""
        if numbers not in self._indices:
            name = "const/" + "_".join(map(str, numbers))
            self._indices[numbers] = self.initializer(name, np.array(numbers, dtype=np.int64))
        return self._indices[numbers]

    def scalar(self, layer: str, number: float, dtype: Any = None) -> Value:
        """Add a scalar constant of the network's dtype (or of `dtype`)."""
        return self.initializer(f"{layer}/const", np.array(number, dtype=dtype or self.dtype))

    def initializer(self, name: str, array: Array) -> Value:
        """Add an array as it is, under `name` or, where that is taken, with a number behind it."""
        name = self.unique(name)
        self.initializers[name] = array
        self.recorder.made.append(name)
        return Value(name, array.dtype, array.shape, self)

    def stream_input(self, state: str, batch: Dim, units: int, dtype: Any) -> Value:
        """Add a model input of ``[batch, units]`` for the `state`, as ``encoder.h``."""
        name = self.layer_name("state", f"state_{len(self.streams) + self._open_streams}_in")
        self._open_streams += 1
        self.states[name] = state
        self.inputs[name] = Value(name, np.dtype(dtype), (batch, units), self)
        return self.inputs[name]

    def stream_output(self, state_in: Value, state_out: Value) -> None:
        """Make `state_out` the model output that belongs to the streamed input `state_in`."""
        self._open_streams -= 1
        self.streams.append((state_in, state_out))

    @contextmanager
    def body(self) -> Iterator[list[NodeProto]]:
        """Collect the nodes added inside the block apart, for the body of a Scan."""
        outer, self.nodes = self.nodes, []
        try:
            yield self.nodes
        finally:
            self.nodes = outer
