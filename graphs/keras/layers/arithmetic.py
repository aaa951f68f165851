"""Arithmetic on tensors in a functional model: ``x * 2 + y`` and ``keras.ops.add``."""

from typing import Any

from ...builder.ops import Ops
from ...errors import GraphError
from ...values import Value, broadcast
from ..registry import Call, keras_layer
from ..tensor import Tensor

OPERATORS = {
    "Add": "Add",
    "Subtract": "Sub",
    "Multiply": "Mul",
    "TrueDivide": "Div",
    "Divide": "Div",
    "Maximum": "Max",
    "Minimum": "Min",
}
"""Classes of ``keras.ops``, and the operator of each."""

UNARY = {
    "Absolute": "Abs",
    "Abs": "Abs",
    "Exp": "Exp",
    "Log": "Log",
    "Sqrt": "Sqrt",
    "Negative": "Neg",
    "Reciprocal": "Reciprocal",
    "Floor": "Floor",
    "Ceil": "Ceil",
    "Sin": "Sin",
    "Cos": "Cos",
}
"""The same of one operand."""

FUNCTIONS = {
    "math.add": "Add",
    "__operators__.add": "Add",
    "math.subtract": "Sub",
    "math.multiply": "Mul",
    "math.divide": "Div",
    "math.truediv": "Div",
    "math.maximum": "Max",
    "math.minimum": "Min",
}
"""Functions of TensorFlow that Keras 2 puts into a model, and the operator of each."""


@keras_layer(*(f"ops.{kind}" for kind in OPERATORS), masking="own")
def arithmetic(call: Call) -> Tensor:
    """Return the operator of two operands, element by element."""
    return _binary(call, OPERATORS[call.kind])


@keras_layer(*(f"ops.{kind}" for kind in UNARY), "ops.Square", masking="own")
def function(call: Call) -> Tensor:
    """Return the operator of one operand, element by element."""
    operands = call.keywords.get("operands", [])
    if len(operands) != 1 or not isinstance(operands[0], Tensor):
        raise call.refuse("takes one tensor")
    x, ops = operands[0].keras(call.ops), call.ops
    return Tensor(ops.mul(x, x) if call.kind == "Square" else ops.unary(UNARY[call.kind], x))


@keras_layer("TFOpLambda", masking="own")
def tensorflow_function(call: Call) -> Tensor:
    """Return a function of TensorFlow that is arithmetic; any other is refused by its name."""
    name = call.fields.text("function")
    if name not in FUNCTIONS:
        raise GraphError(
            f"{call.label}: the function tf.{name} cannot be converted",
            f"converted are {', '.join(FUNCTIONS)}",
        )
    return _binary(call, FUNCTIONS[name])


def _binary(call: Call, op_type: str) -> Tensor:
    operands = call.keywords.get("operands", [])
    tensors = [one for one in operands if isinstance(one, Tensor)]
    if len(operands) != 2 or not tensors:
        raise call.refuse(f"is called with {len(operands)} operands, takes 2")
    like = tensors[0].keras(call.ops)
    a, b = (_operand(call, call.ops, one, like) for one in operands)
    dims = broadcast(a, b, call.label)
    return Tensor(call.net.emit(op_type, a, b, layer=call.layer, dims=dims))


def _operand(call: Call, ops: Ops, given: Any, like: Value) -> Value:
    if isinstance(given, Tensor):
        return given.keras(ops)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise call.refuse(f"has the operand {given!r:.60}, which is no tensor and no number")
    return call.net.scalar(call.layer, given, like.dtype)
