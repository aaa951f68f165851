"""The parameters of a request that the server knows; others are ignored, as the protocol says."""

from collections.abc import Mapping
from typing import Any

from ..protocol.sequences import Step
from .failures import bad


def sequence_step(parameters: Mapping[str, Any]) -> Step | None:
    """Return which sequence a request belongs to; None for none: an id of 0 or "" means that.

    >>> sequence_step({"sequence_id": 7, "sequence_start": True})
    Step(id=7, start=True, end=False)

    Raises
    ------
    RequestError
        A parameter has a value that it cannot have.
    """
    name = parameters.get("sequence_id", 0)
    whole = type(name) is int and 0 <= name < 2**64
    if not whole and not (isinstance(name, str) and len(name) <= 128):
        raise bad("sequence_id must be a whole number below 2^64, or at most 128 characters")
    start, end = (_flag(parameters, key) for key in ("sequence_start", "sequence_end"))
    if not name and (start or end):
        raise bad("sequence_start and sequence_end need a sequence_id other than 0")
    return Step(name, start, end) if name else None


def _flag(parameters: Mapping[str, Any], key: str) -> bool:
    value = parameters.get(key, False)
    if not isinstance(value, bool):
        raise bad(f"{key} must be true or false")
    return value
