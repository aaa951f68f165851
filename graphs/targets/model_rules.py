"""Conditions about a model as a whole. Each answers with the names that it is about.

=============  ================================================================================
``ir``         ``">13"``: the model's IR version
``opset``      ``">21"``: the version of ONNX's own domain
``first_dim``  ``"fixed"``: graph inputs and outputs whose first dim is a number or that have none
``states``     ``"swapped when sorted"``: pairs whose sorted names do not pair, :mod:`.states`
``weights``    ``["double"]``: initializers of these types
``functions``  ``"present"``: the model's own functions
``outputs``    ``"without dims"``: graph outputs whose shape is not declared
=============  ================================================================================
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from onnx import ModelProto, ValueInfoProto

from ...dims import fixed_dim
from .conditions import compare
from .errors import TargetError
from .states import state_pairs, swapped_when_sorted
from .walk import dtype_name, versions

Names = tuple[str, ...]


def needs_model(model: object) -> None:
    """Refuse what is no model, such as the path of one."""
    if not isinstance(model, ModelProto):
        raise TargetError(
            f"lint takes a ModelProto, not a {type(model).__name__}",
            'read the file first: onnx.load("model.onnx")',
        )


def concerned(when: Mapping[str, Any], model: ModelProto) -> Names | None:
    """Return the names that a condition holds for, None where one of its parts does not hold."""
    names: list[str] = []
    for key, wanted in when.items():
        if key not in _PARTS:
            raise TargetError(
                f"a rule about a model asks for {key!r}", f"write one of {', '.join(_PARTS)}"
            )
        found = _PARTS[key](model, wanted)
        if not found:
            return None
        names.extend(found)
    return tuple(names)


def _ir(model: ModelProto, wanted: str) -> Names:
    return (f"IR {model.ir_version}",) if compare(model.ir_version, wanted) else ()


def _opset(model: ModelProto, wanted: str) -> Names:
    opset = versions(model.opset_import).get("", 0)
    return (f"opset {opset}",) if compare(opset, wanted) else ()


def _first_dim(model: ModelProto, wanted: str) -> Names:
    given = {tensor.name for tensor in model.graph.initializer}
    edge = [info for info in model.graph.input if info.name not in given]
    return tuple(info.name for info in [*edge, *model.graph.output] if _fixed_first(info))


def _fixed_first(info: ValueInfoProto) -> bool:
    dims = info.type.tensor_type.shape.dim
    return not dims or fixed_dim(dims[0]) is not None


def _states(model: ModelProto, wanted: str) -> Names:
    return tuple(
        f"{pair.taken} -> {pair.given}" for pair in swapped_when_sorted(state_pairs(model.graph))
    )


def _weights(model: ModelProto, wanted: Sequence[str]) -> Names:
    return tuple(t.name for t in model.graph.initializer if dtype_name(t.data_type) in wanted)


def _functions(model: ModelProto, wanted: str) -> Names:
    return tuple(function.name for function in model.functions)


def _outputs(model: ModelProto, wanted: str) -> Names:
    return tuple(
        info.name for info in model.graph.output if not info.type.tensor_type.HasField("shape")
    )


_PARTS: dict[str, Callable[[ModelProto, Any], Names]] = {
    "ir": _ir,
    "opset": _opset,
    "first_dim": _first_dim,
    "states": _states,
    "weights": _weights,
    "functions": _functions,
    "outputs": _outputs,
}
