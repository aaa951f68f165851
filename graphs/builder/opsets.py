"""The opsets that a network can be built in."""

from collections.abc import Sequence

import onnx

from ..errors import GraphError
from ..values import Value

OLDEST_OPSET = 13
"""Axes became inputs of Squeeze, Unsqueeze and ReduceSum here; the layers use that form."""
NEWEST_OPSET = max(
    version for domain, version in onnx.helper.OP_SET_ID_VERSION_MAP if domain == "ai.onnx"
)
"""The last opset that the installed onnx has released: it may hold schemas of a later one."""


def check_bfloat16(op_type: str, opset: int, values: Sequence[Value | None], layer: str) -> None:
    """Refuse an operator that took bfloat16 only later; `values` are its inputs and an output."""
    schema = onnx.defs.get_schema(op_type, opset, "")
    # `formal.types` would say it too, but raises in onnx 1.20
    allowed = {kind.type_param_str: kind.allowed_type_strs for kind in schema.type_constraints}
    formals = [schema.inputs[min(i, len(schema.inputs) - 1)] for i in range(len(values) - 1)]
    for value, formal in zip(values, [*formals, schema.outputs[0]], strict=True):
        taken = allowed.get(formal.type_str, [formal.type_str])
        if value and value.dtype.name == "bfloat16" and "tensor(bfloat16)" not in taken:
            raise GraphError(
                f"'{layer}': {op_type} does not take bfloat16 at opset {opset}",
                "use opset 22 or newer, or compute in float16 or float32",
            )
