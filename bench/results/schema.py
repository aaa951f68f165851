"""The JSON Schema of results, made from the dataclasses.

``python -m onnxwright.bench.results.schema`` prints it.
"""

import inspect
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ..codec import Least
from .document import SCHEMA_VERSION, Results

Schema = dict[str, Any]
"""A JSON Schema, as JSON holds it."""
PLAIN = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    NoneType: "null",
}


def schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a document with results."""
    definitions: Schema = {}
    root = _schema(Results, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"onnxwright results, schema_version {SCHEMA_VERSION}",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(kind: Any, definitions: Schema) -> Schema:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _schema(arguments[0], definitions) | _bound(arguments[1])
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(each, definitions) for each in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return _array(arguments, definitions)
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if isinstance(kind, type) and is_dataclass(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # a place for types that hold themselves
            definitions[kind.__name__] = _object(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    return {"type": PLAIN[kind]}


def _bound(least: Least) -> Schema:
    return {"exclusiveMinimum" if least.exclusive else "minimum": least.value}


def _array(kinds: tuple[Any, ...], definitions: Schema) -> Schema:
    if kinds[-1] is Ellipsis:
        return {"type": "array", "items": _schema(kinds[0], definitions)}
    each = [_schema(kind, definitions) for kind in kinds]
    return {"type": "array", "prefixItems": each, "minItems": len(each), "maxItems": len(each)}


def _object(kind: type[Any], definitions: Schema) -> Schema:
    hints = get_type_hints(kind, include_extras=True)
    described = {"description": (inspect.getdoc(kind) or "").partition("\n\n")[0]}
    optional = {
        field.name
        for field in fields(kind)
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    return {
        **described,
        "type": "object",
        "properties": {
            field.name: _schema(hints[field.name], definitions) for field in fields(kind)
        },
        "required": [field.name for field in fields(kind) if field.name not in optional],
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
