"""Any operator of ONNX by its name, and constants: what no layer of ours covers."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, TypeProto

from ...dims import read_dim
from ..builder.builder import FLOATS, Builder
from ..builder.protobuf import make_attribute, value_info
from ..errors import GraphError, WeightError
from ..given import several, text, whole
from ..values import Dims, DimsLike, Value, compatible, format_dims, parse_dims
from ..weights.arrays import Array, ArrayLike, plain

Input: TypeAlias = Value | Array | float | Sequence[float] | None
"""What an operator takes: a value, numbers that become a constant, or nothing."""
MOST_OUTPUTS = 10_000
"""Far more than any node of a real net has."""


class Operators(Builder):
    """Adds ``op``, ``op_many`` and ``constant``."""

    def constant(self, array: ArrayLike, *, name: str | None = None) -> Value:
        """Return a constant: floats in the network's dtype, ints and bools in their own.

        Raises
        ------
        WeightError
            The array is of something else, such as strings or objects.
        """
        layer = self.layer_name("constant", name)
        return self._held(layer, "value", array, f"constant '{layer}'")

    def op(
        self,
        op_type: str,
        *inputs: Input,
        dims: DimsLike | None = None,
        name: str | None = None,
        **attributes: Any,
    ) -> Value:
        """Return the first output of any operator of the standard domain.

        Inputs are positional, None where an optional one is left out; an array, a number or a list
        of numbers becomes a constant, as by `constant`. Attributes are keywords with ONNX's own
        names. The dims and the dtype of the result are inferred; `dims` says them where they cannot
        be told before the model runs, or names them.

        >>> from onnxwright import graphs
        >>> net = graphs.Network("total")
        >>> x = net.input("x", "batch 4")
        >>> str(net.op("ReduceSum", x, [1], keepdims=0))
        "'op/ReduceSum' (batch, float32)"

        Raises
        ------
        GraphError
            There is no such operator or attribute at the opset, or the inputs do not fit.
        """
        many = None if dims is None else [dims]
        return self.op_many(op_type, *inputs, outputs=1, dims=many, name=name, **attributes)[0]

    def op_many(
        self,
        op_type: str,
        *inputs: Input,
        outputs: int,
        dims: Sequence[DimsLike] | None = None,
        name: str | None = None,
        **attributes: Any,
    ) -> tuple[Value, ...]:
        """Return the first `outputs` outputs of any operator; otherwise as `op`."""
        layer = self.layer_name("op", name)
        if not 0 < whole(outputs, f"op '{layer}': outputs") <= MOST_OUTPUTS:
            raise GraphError(
                f"op '{layer}': outputs is {outputs}, needs 1 to {MOST_OUTPUTS}",
                "say how many of the operator's outputs are wanted",
            )
        schema = _schema(op_type, self.opset, attributes, f"op '{layer}'")
        owned = [self._input(layer, schema, place, given) for place, given in enumerate(inputs)]
        given = _read_dims(dims, outputs, f"op '{layer}'")
        types = self._infer(schema, owned, given, attributes, f"op '{layer}'")
        names = {str(number): dims for number, (_, dims) in enumerate(types)}
        if outputs == 1:
            names = {"": types[0][1]}
        values = self.emit_many(op_type, *owned, layer=layer, outputs=names, **attributes)
        return tuple(
            Value(value.name, dtype, dims, self)
            for value, (dtype, dims) in zip(values, types, strict=True)
        )

    def _input(
        self, layer: str, schema: onnx.defs.OpSchema, place: int, given: Input
    ) -> Value | None:
        """Return a value of this network, or a constant that is named as the operator names it."""
        label = f"op '{layer}'"
        if given is None:
            return None
        if not isinstance(given, np.ndarray | np.generic | int | float | list | tuple):
            return self.own(given, label)  # type: ignore[arg-type]  # refuses what is no value
        formal = schema.inputs[min(place, len(schema.inputs) - 1)].name if schema.inputs else "in"
        taken = f"{layer}.{formal}" in self.initializers
        return self._held(layer, f"{formal}_{place}" if taken else formal, given, label)

    def _held(self, layer: str, part: str, given: Any, label: str) -> Value:
        """Return numbers as a constant: floats in the network's dtype, others in their own."""
        try:
            array = plain(given)
        except ValueError as error:  # lists of several lengths
            raise WeightError(f"{label}: {error}", "give lists of one length") from error
        if array.dtype in FLOATS.values():
            return self.weight(layer, part, array)
        if array.dtype.kind not in "iub":
            raise WeightError(
                f"{label}: dtype {array.dtype.name} is not of numbers or bools",
                "convert the array first",
            )
        return self.initializer(f"{layer}.{part}", array)

    def _infer(
        self,
        schema: onnx.defs.OpSchema,
        inputs: list[Value | None],
        dims: Sequence[Dims | None],
        attributes: dict[str, Any],
        label: str,
    ) -> list[tuple[np.dtype[Any], Dims]]:
        """Return the dtype and dims of each output, from ONNX's own inference for the operator."""
        node = NodeProto(op_type=schema.name, output=[f"out{i}" for i in range(len(dims))])
        node.input.extend("" if value is None else value.name for value in inputs)
        node.attribute.extend(make_attribute(key, value) for key, value in attributes.items())
        given = [value for value in inputs if value is not None]
        types = {value.name: value_info(value.name, value).type for value in given}
        known = {value.name: self._small_tensor(value) for value in given}
        try:
            inferred = onnx.shape_inference.infer_node_outputs(
                schema,
                node,
                types,
                {name: tensor for name, tensor in known.items() if tensor is not None},
                opset_imports=[onnx.helper.make_opsetid("", self.opset)],
                ir_version=onnx.IR_VERSION,
            )
        except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError) as error:
            raise GraphError(
                f"{label}: {schema.name} does not take {', '.join(map(str, given))}: "
                f"{' '.join(str(error).split())}",
                f"see the operator's specification at opset {self.opset}",
            ) from error
        return [
            _read_type(inferred.get(name), told, label)
            for name, told in zip(node.output, dims, strict=True)
        ]

    def _small_tensor(self, value: Value) -> TensorProto | None:
        """Return a constant that inference may want to read (a shape, axes), or None."""
        array = self.initializers.get(value.name)
        if array is None or array.size > 64:
            return None
        return onnx.numpy_helper.from_array(array, value.name)


def _schema(op_type: str, opset: int, attributes: dict[str, Any], label: str) -> onnx.defs.OpSchema:
    """Look the operator up and check the names of its attributes."""
    text(op_type, f"{label}: op_type")
    try:
        schema = onnx.defs.get_schema(op_type, opset, "")
    except onnx.defs.SchemaError as error:
        names = {schema.name for schema in onnx.defs.get_all_schemas()}
        near = get_close_matches(op_type, names, n=1)
        raise GraphError(
            f"{label}: opset {opset} has no operator '{op_type}'",
            f"did you mean '{near[0]}'?" if near else "see the list of ONNX's operators",
        ) from error
    for key in attributes:
        if key not in schema.attributes:
            raise GraphError(
                f"{label}: {op_type} has no attribute '{key}' at opset {opset}",
                f"it has: {', '.join(schema.attributes) or 'none'}",
            )
    return schema


def _read_dims(dims: Sequence[DimsLike] | None, outputs: int, label: str) -> list[Dims | None]:
    """Return the dims that the caller gives for each output: None where they are to be inferred."""
    if dims is None:
        return [None] * outputs
    given = [parse_dims(one, label) for one in several(dims, f"{label}: dims")]
    if len(given) != outputs:
        raise GraphError(
            f"{label}: dims are given for {len(given)} outputs of {outputs}",
            "give them for each output, in a list",
        )
    return list(given)


def _read_type(
    inferred: TypeProto | None, told: Dims | None, label: str
) -> tuple[np.dtype[Any], Dims]:
    """Return the dtype and dims of an inferred tensor; `told` are those that the caller gives.

    Raises
    ------
    GraphError
        It is no tensor, its rank cannot be told, or it has other dims than those given.
    """
    tensor = None if inferred is None else inferred.tensor_type
    if tensor is None or not tensor.elem_type or not (told is not None or tensor.HasField("shape")):
        raise GraphError(
            f"{label}: the dims of its output cannot be told before the model runs",
            "give them: op(..., dims='batch 8')",
        )
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    dims = tuple(map(read_dim, tensor.shape.dim))
    if told is None:
        return dtype, dims
    if tensor.HasField("shape") and not _agree(dims, told):
        raise GraphError(
            f"{label}: dims {format_dims(told)} contradict those of the operator's output, "
            f"{format_dims(dims)}",
            "leave the dims out, or give those that it has",
        )
    return dtype, told


def _agree(dims: Dims, told: Dims) -> bool:
    return len(dims) == len(told) and all(map(compatible, dims, told))
