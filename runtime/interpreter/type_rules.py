"""What an operator's schema says of types, checked while a model is compiled.

A type variable of the schema stands for one type in the whole node: a float32 and a float64 that
are added break it, although NumPy would add them. Only what is known for certain is checked: the
types of inputs and initializers, and what the schemas make of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import onnx
from onnx import AttributeProto, TypeProto

from ..errors import ModelError
from .attribute_binding import describe
from .registry import NodeInfo

Type = str | None
"""As a schema writes it, ``tensor(float)``; None where it is not known."""
_CONCRETE = ("tensor(", "seq(", "optional(", "map(", "sparse_tensor(")
_VARIADIC = onnx.defs.OpSchema.FormalParameterOption.Variadic

_SINGLE = onnx.defs.OpSchema.FormalParameterOption.Single


@dataclass(frozen=True)
class Rules:
    """The types of one operator; a letter or a name stands for any type, the same everywhere."""

    inputs: tuple[str, ...]
    rest: str
    """Of the inputs behind those, "" where each may have a type of its own."""
    outputs: tuple[str, ...]
    attributes: dict[str, int]
    kinds: dict[str, frozenset[str]]
    """What each variable may stand for: tensor, seq, optional, ..."""
    required: tuple[int, ...]
    """The places of the inputs that must be given."""


@lru_cache(maxsize=1024)
def rules(op_type: str, domain: str, opset: int) -> Rules | None:
    """Return what the schema says, None where there is no schema."""
    try:
        schema: Any = onnx.defs.get_schema(op_type, opset, domain)
    except onnx.defs.SchemaError:
        return None
    single = [value for value in schema.inputs if value.option != _VARIADIC]
    more = [value for value in schema.inputs if value.option == _VARIADIC and value.is_homogeneous]
    required = [n for n, value in enumerate(single) if value.option == _SINGLE]
    return Rules(
        tuple(value.type_str for value in single),
        more[0].type_str if more else "",
        tuple(v.type_str if v.option != _VARIADIC else "" for v in schema.outputs),
        {name: int(attribute.type) for name, attribute in schema.attributes.items()},
        {
            constraint.type_param_str: frozenset(map(_kind, constraint.allowed_type_strs))
            for constraint in schema.type_constraints
        },
        tuple(required),
    )


def check_node(
    info: NodeInfo, place: str, inputs: Sequence[str], attributes: dict[str, AttributeProto]
) -> None:
    """Refuse an attribute of another type than the schema's, and a needed input that is left out.

    Raises
    ------
    ModelError
        There is one.
    """
    found = rules(info.op_type, info.domain, info.opset)
    if found is None:
        return
    if "" in inputs:
        for number in found.required:
            if number < len(inputs) and not inputs[number]:
                raise ModelError(
                    f"{describe(info)} in {place}: input {number} is left out, but it is needed",
                    "the node is broken: export the model again",
                )
    for name, attribute in attributes.items():
        wanted = found.attributes.get(name)
        if wanted is not None and attribute.type != wanted:
            kinds = AttributeProto.AttributeType
            raise ModelError(
                f"{describe(info)} in {place}: its attribute {name!r} is "
                f"{kinds.Name(attribute.type)}, but must be {kinds.Name(wanted)}",
                "the node is broken: export the model again",
            )


def output_types(info: NodeInfo, place: str, inputs: tuple[Type, ...]) -> tuple[Type, ...]:
    """Check the inputs' types against one another; return those of the outputs.

    Raises
    ------
    ModelError
        Two inputs differ that must be of one type, or one is of a type that the operator never
        takes there.
    """
    problem, outputs = _judged(info.op_type, info.domain, info.opset, inputs)
    if problem:
        raise ModelError(
            f"{describe(info)} in {place}: {problem}",
            "cast one of them to the other's type, or export the model again",
        )
    return outputs


@lru_cache(maxsize=4096)
def _judged(
    op_type: str, domain: str, opset: int, inputs: tuple[Type, ...]
) -> tuple[str, tuple[Type, ...]]:
    """Return what is wrong with the inputs' types, or "", and the outputs' types."""
    found = rules(op_type, domain, opset)
    if found is None:
        return "", ()
    bound: dict[str, tuple[str, int]] = {}
    for number, given in enumerate(inputs):
        wanted = found.inputs[number] if number < len(found.inputs) else found.rest
        if given is None or not wanted:
            continue
        problem = _problem(found, wanted, given)
        other, first = bound.setdefault(wanted, (given, number))
        if not problem and other != given:
            problem = f"input {first} is {other}, and they must be of one type"
        if problem:
            return f"input {number} is {given}, but {problem}", ()
    return "", tuple(
        kind if kind.startswith(_CONCRETE) else bound.get(kind, (None,))[0]
        for kind in found.outputs
    )


def _problem(found: Rules, wanted: str, given: str) -> str:
    """Return why an input cannot be of the type `given`, whatever the others are, or ""."""
    if wanted.startswith(_CONCRETE):
        return "" if given == wanted else f"must be {wanted}"
    allowed = found.kinds.get(wanted, frozenset())
    if not allowed or _kind(given) in allowed:
        return ""
    return f"must be a {' or '.join(sorted(allowed))}"


def _kind(kind: str) -> str:
    """Return ``tensor`` for ``tensor(float)``."""
    return kind.partition("(")[0]


def value_type(kind: TypeProto) -> Type:
    """Return the type of a graph's input, None where the model does not say it."""
    if kind.HasField("tensor_type"):
        return tensor_type(kind.tensor_type.elem_type)
    if kind.HasField("sequence_type"):
        inner = value_type(kind.sequence_type.elem_type)
        return inner and f"seq({inner})"
    if kind.HasField("optional_type"):
        inner = value_type(kind.optional_type.elem_type)
        return inner and f"optional({inner})"
    return None


@lru_cache
def tensor_type(number: int) -> Type:
    """Return the name of the type of tensors of an element type.

    >>> tensor_type(onnx.TensorProto.FLOAT), tensor_type(0)
    ('tensor(float)', None)
    """
    names = {value: name.lower() for name, value in onnx.TensorProto.DataType.items() if value}
    return f"tensor({names[number]})" if number in names else None
