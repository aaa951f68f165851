"""What a network was told, call by call, so that its model can tell it again.

A call of a layer becomes a table, as a network file has it: its kind, its name and those arguments
that are not the defaults. Values are told by the layers that gave them; arrays and containers by
their names in the model, which has them already. Nodes that were emitted by no layer, and the
layers whose arguments cannot be told, become tables of the operators themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, NodeProto

from ...errors import OnnxwrightError
from ..values import Dims, Value, format_dims, parse_dims
from ..weights.arrays import Array, plain
from ..weights.base import Weights
from .protobuf import make_attribute

LARGEST_TENSOR = 64
"""Numbers that a tensor among an operator's attributes may have to be told."""
LISTS = {AttributeProto.INTS, AttributeProto.FLOATS, AttributeProto.STRINGS}
Table = dict[str, Any]


class UntoldError(Exception):
    """Something that no table can tell; the message names it."""


@dataclass(frozen=True)
class Entry:
    """One layer: its table, and the names of the layers and inputs that it reads."""

    table: Table
    reads: frozenset[str]


class Recorder:
    """Notes the calls of one network."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        """The network's initializers."""
        self.entries: dict[str, Entry] = {}
        self.calling = False
        self.made: list[str] = []
        """The initializers that the layer being called has added."""
        self.name = ""
        """The name that the layer being called has got."""
        self._untold: dict[str, str] = {}
        """Why a value cannot be told, by its name."""
        self._refs: dict[str, tuple[str, str]] = {}
        self._reads: set[str] = set()
        self._pending: list[tuple[NodeProto, Sequence[Value]]] = []

    def begin(self) -> None:
        """Hold back what is emitted until `calling` is False again: it belongs to a layer."""
        self.calling, self.name = True, ""
        self.made.clear()
        self._pending.clear()

    def emitted(self, node: NodeProto, values: Sequence[Value]) -> None:
        """Note a node, which is told by itself unless a layer is being called."""
        if self.calling:
            self._pending.append((node, values))
        else:
            self._operator(node, values)

    def result(self, value: Value, ref: str, owner: str) -> None:
        """Note how tables name a value: `ref`, a part of what `owner` gives."""
        self._refs.setdefault(value.name, (ref, owner))

    def layer(self, kind: str, arguments: Mapping[str, Any], result: Any) -> None:
        """Note a layer that was called with these arguments and gave `result`."""
        self._reads.clear()
        try:
            told = {
                key: self.tell(given, f"{kind} {key}" if key == "dims" else key)
                for key, given in arguments.items()
            }
        except UntoldError:
            for node, values in self._pending:
                self._operator(node, values)
            return
        self._add(
            {"kind": kind, **{k: one for k, one in told.items() if one != {}}, "name": self.name}
        )
        for part, value in parts(result):
            self.result(value, f"{self.name}.{part}" if part else self.name, self.name)

    def ref(self, value: Value) -> str:
        """Return how a table names a value.

        Raises
        ------
        UntoldError
            No layer gave it.
        """
        if value.name not in self._refs:
            reason = f"'{value.name}', which no layer gave"
            raise UntoldError(self._untold.get(value.name, reason))
        ref, owner = self._refs[value.name]
        self._reads.add(owner)
        return ref

    def tell(self, given: Any, key: str) -> Any:
        """Return an argument as a table has it.

        Raises
        ------
        UntoldError
            No table can have it.
        """
        if isinstance(given, Value):
            held = given.name in self.arrays and given.name not in self._refs
            return {"array": given.name} if held else self.ref(given)
        if isinstance(given, Weights):
            return {"weights": self.name if key != "merge" else f"{self.name}.merge"}
        if key == "attributes":
            return {name: _attribute(make_attribute(name, one)) for name, one in given.items()}
        if key == "op_many dims":
            return [_dims(parse_dims(one)) for one in given]
        if key.endswith(" dims"):
            return _dims(parse_dims(given))
        if given is None or isinstance(given, bool | int | float | str):
            return "" if given is None else given
        if isinstance(given, np.generic) and key not in ("", "array"):
            return given.item()
        if isinstance(given, Sequence):
            return [self.tell(one, "") for one in given]
        return self._array(given, key)

    def needed(self, outputs: Sequence[str]) -> list[Table]:
        """Return the tables of the layers that `outputs`, names of layers, are made from."""
        wanted, kept = set(outputs), []
        for name, entry in reversed(self.entries.items()):
            if name in wanted:
                wanted |= entry.reads
                kept.append(entry.table)
        return kept[::-1]

    def owner(self, value: Value) -> str:
        """Return the name of the layer that gave a value, or "" where none did."""
        return self._refs.get(value.name, ("", ""))[1]

    def _array(self, given: Any, key: str) -> Any:
        """Tell an array by the initializer that the layer has made of it."""
        try:
            array = plain(given)
        except (OnnxwrightError, ValueError, TypeError) as error:
            raise UntoldError(f"a {type(given).__name__}") from error
        for name in self.made:
            held = self.arrays.get(name)
            if held is not None and _same(held, array):
                shape = {} if held.shape == array.shape else {"shape": list(array.shape)}
                return {"array": name, **shape}
        return _tensor(array)["numbers"]

    def _operator(self, node: NodeProto, values: Sequence[Value]) -> None:
        """Note a node as the operator that it is."""
        self._reads.clear()
        many = len(values) > 1
        try:
            attributes = {item.name: _attribute(item) for item in node.attribute}
            inputs = [self._input(name) for name in node.input]
        except UntoldError as untold:
            self._untold |= dict.fromkeys((value.name for value in values), str(untold))
            return
        table: Table = {"kind": "op_many" if many else "op", "op_type": node.op_type}
        table |= {"inputs": inputs, "name": node.name}
        table |= {"attributes": attributes} if attributes else {}
        dims = [_dims(value.dims) for value in values]
        self._add(table | ({"outputs": len(values), "dims": dims} if many else {"dims": dims[0]}))
        for number, value in enumerate(values):
            self.result(value, f"{node.name}.{number}" if many else node.name, node.name)

    def _input(self, name: str) -> Any:
        if name in self.arrays and name not in self._refs:
            return {"array": name}
        return name and self.ref(Value(name, np.dtype("float32"), (), self))

    def _add(self, table: Table) -> None:
        self.entries[table["name"]] = Entry(table, frozenset(self._reads))


def parts(result: Any) -> Iterator[tuple[str, Value]]:
    """Yield the values of a layer's result, each under the name of the part that it is."""
    if isinstance(result, Value):
        yield "", result
        return
    named = vars(result) if is_dataclass(result) else dict(enumerate(result))
    for name, part in named.items():
        for below, value in parts(part):
            yield f"{name}.{below}" if below else str(name), value


def _same(held: Array, given: Array) -> bool:
    """Say whether an initializer holds the numbers of an array, whatever its dtype and shape."""
    if held.size != given.size:
        return False
    with np.errstate(all="ignore"):
        return held.tobytes() == given.astype(held.dtype).tobytes()


def _tensor(array: Array) -> Table:
    if array.size > LARGEST_TENSOR or array.dtype.kind not in "biuf":
        raise UntoldError(f"an array of {array.dtype.name} {list(array.shape)}")
    return {"numbers": array.tolist(), "dtype": array.dtype.name}


def _dims(dims: Dims) -> str | list[int]:
    """Return dims as a text, where words that are no names stand for nothing that is known."""
    named = [dim if isinstance(dim, int) or (dim and dim.isidentifier()) else None for dim in dims]
    return format_dims(named) if named else []


def _attribute(item: AttributeProto) -> Any:
    given = onnx.helper.get_attribute_value(item)
    if isinstance(given, onnx.TensorProto):
        return _tensor(onnx.numpy_helper.to_array(given))
    if isinstance(given, bytes):
        return given.decode()
    if isinstance(given, int | float):
        return given
    if item.type not in LISTS:
        raise UntoldError(f"a node whose '{item.name}' is neither numbers nor text")
    return [one.decode() if isinstance(one, bytes) else one for one in given]
