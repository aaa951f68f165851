"""The little of YAML that bundles write: mappings, lists, and scalars quoted as in JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def yaml_text(value: Mapping[str, Any]) -> str:
    """Return a mapping as YAML.

    >>> print(yaml_text({"spec": {"name": "a: b", "ports": [{"port": 1}]}}), end="")
    spec:
      name: "a: b"
      ports:
        - port: 1
    """
    return "".join(f"{line}\n" for line in _mapping(value))


def _mapping(value: Mapping[str, Any]) -> Iterator[str]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield f"{key}:"
            yield from (f"  {line}" for line in _mapping(item))
        elif isinstance(item, Sequence) and not isinstance(item, str):
            yield f"{key}:"
            for entry in item:
                first, *rest = _mapping(entry)
                yield f"  - {first}"
                yield from (f"    {line}" for line in rest)
        else:
            yield f"{key}: {json.dumps(item)}"
