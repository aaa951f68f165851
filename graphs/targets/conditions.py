"""Whether a rule's condition holds for a node.

A condition is a TOML table; all its keys must hold:

=====================  ===============================================================
``opset``, ``since``   ``">=22"``: the opset in use; the operator's own version in it
``attributes.NAME``    ``"present"``, ``"absent"``, ``{is = v}``, ``{not = v}``,
                       ``{in = [..]}``, ``{above = v}``, ``{"multiple of" = v}``,
                       ``{reaches = NAME}`` (an element is not below that of another
                       attribute), ``"differ by side"`` (pads: begins and ends); a missing
                       one has its default, of a list any element counts
``activations``        ``"other than default"``, ``"differ by direction"``,
                       ``{outside = [..]}`` or ``{inside = [..]}``: any of them is
``inputs.NAME``        ``"present"``, ``"absent"``, ``"constant"``, ``"computed"``,
                       ``"open dims"``, ``"from OPERATOR"`` (a node of that operator gives it),
                       ``"negative"`` (a short list of whole numbers has one below 0),
                       ``"may be 0"`` (it is there, and no short list of numbers above 0),
                       ``"may be short"`` (lengths of a recurrent layer that are there, and not
                       known to be X's time dim in every row)
``clip``               ``"felt"``: a recurrent layer's clip changes what its activations give
``outputs.NAME``       ``"present"``, ``"absent"``
``ends_empty``         ``"inputs"`` or ``"outputs"``: that list of the node ends in the name ""
``rank.NAME``          ``">4"``: the rank of an input
``sizes``              ``[["W", 1, "above 3"], ..]``: input, axis, and ``"above N"``,
                       ``"multiple of N"`` or ``"no multiple of N"``
``fed``                ``"by the model's inputs"``: no input comes from another node
``dtype``              ``["double"]``: the element type of the first input
``types.NAME``         ``["int8"]``: the element type of an input
=====================  ===============================================================

The answer is True, False, or None where something that is asked for is not known.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import onnx

from .errors import TargetError
from .node import NodeFacts, ValueFacts, schema_of
from .recurrent import activations_differ, clip_is_felt, may_be_short

Answer = bool | None
_COMPARISONS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def holds(when: Mapping[str, Any], node: NodeFacts) -> Answer:
    """Say whether every part of the condition `when` holds for the node."""
    return every(_part(key, wanted, node) for key, wanted in when.items())


def every(answers: Any) -> Answer:
    """Return False if any answer is, else None if any is, else True.

    >>> every([True, None, False]), every([True, None]), every([])
    (False, None, True)
    """
    given = list(answers)
    return False if False in given else None if None in given else True


def compare(number: int, comparison: str) -> bool:
    """Say whether `number` fulfils a comparison.

    >>> compare(22, ">=22"), compare(22, "<22")
    (True, False)
    """
    matched = re.fullmatch(r"(>=|<=|>|<|=)\s*(\d+)", comparison)
    if not matched:
        raise TargetError(
            f"a rule compares with {comparison!r}", 'write it like ">=22", "<8" or "=3"'
        )
    result: bool = _COMPARISONS[matched[1]](number, int(matched[2]))
    return result


def _part(key: str, wanted: Any, node: NodeFacts) -> Answer:
    if key not in _PARTS:
        raise TargetError(
            f"a rule's condition asks for {key!r}", f"write one of {', '.join(_PARTS)}"
        )
    return _PARTS[key](node, wanted)


def _since(node: NodeFacts, wanted: str) -> Answer:
    schema = schema_of(node.op, node.opset, node.domain)
    return None if schema is None else compare(schema.since_version, wanted)


def _attributes(node: NodeFacts, wanted: Mapping[str, Any]) -> Answer:
    return every(_attribute(node, name, value) for name, value in wanted.items())


def _attribute(node: NodeFacts, name: str, wanted: Any) -> bool:
    if wanted in ("present", "absent"):
        return bool((name in node.attributes) == (wanted == "present"))
    value = node.attributes.get(name, _default(node, name))
    if wanted == "differ by side":
        numbers = _numbers(value)
        return numbers[: len(numbers) // 2] != numbers[len(numbers) // 2 :]
    ((question, against),) = wanted.items()
    tests: dict[str, Callable[[], bool]] = {
        "is": lambda: bool(value == against),
        "not": lambda: value is not None and bool(value != against),
        "in": lambda: value in against,
        "above": lambda: any(number > against for number in _numbers(value)),
        "multiple of": lambda: any(number % against == 0 for number in _numbers(value)),
        "reaches": lambda: _reaches(value, node.attributes.get(against)),
    }
    return tests[question]()


def _numbers(value: Any) -> list[float]:
    """Return a number, or those of a list; none where the attribute is neither."""
    given = value if isinstance(value, list | tuple) else [value]
    return [number for number in given if isinstance(number, int | float)]


def _reaches(value: Any, limits: Any) -> bool:
    """Say whether an element of `value` is not below that of `limits`, which is repeated."""
    bounds = _numbers(limits)
    numbers = _numbers(value)
    return bool(bounds) and any(
        number >= bounds[place % len(bounds)] for place, number in enumerate(numbers)
    )


def _default(node: NodeFacts, name: str) -> Any:
    schema = schema_of(node.op, node.opset, node.domain)
    if schema is None or name not in schema.attributes:
        return None
    default = schema.attributes[name].default_value
    if not default.type:
        return None
    value = onnx.helper.get_attribute_value(default)
    return value.decode() if isinstance(value, bytes) else value


def _inputs(node: NodeFacts, wanted: Mapping[str, str]) -> Answer:
    return every(_input(node.inputs.get(name), value, node) for name, value in wanted.items())


def _input(value: ValueFacts | None, wanted: str, node: NodeFacts) -> Answer:
    if wanted == "absent":
        return value is None
    if value is None:
        return False
    if wanted == "present":
        return True
    if wanted == "open dims":
        return None if value.dims is None else None in value.dims
    if wanted == "negative":
        return None if value.numbers is None else any(number < 0 for number in value.numbers)
    if wanted == "may be 0":
        return value.numbers is None or any(number <= 0 for number in value.numbers)
    if wanted == "may be short":
        return may_be_short(value, node)
    if wanted.startswith("from "):
        return value.maker == wanted.removeprefix("from ")
    return value.constant == (wanted == "constant")


def _outputs(node: NodeFacts, wanted: Mapping[str, str]) -> bool:
    return all(
        (name in node.outputs) == (presence == "present") for name, presence in wanted.items()
    )


def _rank(node: NodeFacts, wanted: Mapping[str, str]) -> Answer:
    answers: list[Answer] = []
    for name, comparison in wanted.items():
        value = node.inputs.get(name)
        if value is None or value.dims is None:
            answers.append(None)
        else:
            answers.append(compare(len(value.dims), comparison))
    return every(answers)


def _sizes(node: NodeFacts, wanted: list[tuple[str, int, str]]) -> Answer:
    return every(_size(node.inputs.get(name), axis, test) for name, axis, test in wanted)


def _size(value: ValueFacts | None, axis: int, test: str) -> Answer:
    if value is None or value.dims is None:
        return None
    size = value.dims[axis] if axis < len(value.dims) else 0
    if size is None:
        return None
    question, number = test.rsplit(" ", 1)
    if question == "above":
        return size > int(number)
    return (size % int(number) == 0) == (question == "multiple of")


def _fed(node: NodeFacts, wanted: str) -> bool:
    return all(value.fed or value.constant for value in node.inputs.values())


def _dtype(node: NodeFacts, wanted: list[str]) -> Answer:
    return None if node.dtype is None else node.dtype in wanted


def _types(node: NodeFacts, wanted: Mapping[str, list[str]]) -> Answer:
    return every(_type(node.inputs.get(name), types) for name, types in wanted.items())


def _type(value: ValueFacts | None, types: list[str]) -> Answer:
    if value is None:
        return False
    return None if value.dtype is None else value.dtype in types


_PARTS: dict[str, Callable[[NodeFacts, Any], Answer]] = {
    "opset": lambda node, wanted: compare(node.opset, wanted),
    "since": _since,
    "attributes": _attributes,
    "activations": activations_differ,
    "clip": clip_is_felt,
    "inputs": _inputs,
    "outputs": _outputs,
    "rank": _rank,
    "sizes": _sizes,
    "ends_empty": lambda node, wanted: wanted in node.ends_empty,
    "fed": _fed,
    "dtype": _dtype,
    "types": _types,
}
