"""What a caller may set about a served model."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import ProviderError

_TRUTHS = {"0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True)
class ServedOptions:
    """Options of one served model."""

    timeout: float = 60.0
    """Seconds that a request may take, from connecting to the last byte of its answer."""
    binary: bool | None = None
    """Over HTTP, send and ask for tensors as bytes; None for: where the server lists it."""
    ca_file: str | None = None
    """PEM file of the authorities whose certificates are trusted, in place of the system's."""
    token_file: str | None = None
    """File with a bearer token, which every request shows to the server."""
    token_env: str | None = None
    """Variable of the environment with that token."""
    sequences: bool | None = None
    """The server keeps the states of the model; None for: as the local model shows, if any."""


def served_options(on: str, options: Mapping[str, Any]) -> ServedOptions:
    """Check the keyword arguments of ``load``; those in ``provider_options`` may be texts.

    >>> served_options("http://h/v2/models/m", {"provider_options": {"timeout": "5"}}).timeout
    5.0

    Raises
    ------
    ProviderError
        An option is unknown or has a value that cannot be meant.
    """
    given = {**options, **options.get("provider_options", {})}
    given.pop("provider_options", None)
    known = [entry.name for entry in fields(ServedOptions)]
    for name in given:
        if name not in known:
            raise ProviderError(
                f"on='{on}' has no option '{name}'",
                f"a served model's options are {', '.join(known)}; the others are the server's",
            )
    return ServedOptions(
        timeout=_seconds(given.get("timeout", 60.0)),
        binary=_truth("binary", given.get("binary")),
        ca_file=_path("ca_file", given.get("ca_file")),
        token_file=_path("token_file", given.get("token_file")),
        token_env=_path("token_env", given.get("token_env")),
        sequences=_truth("sequences", given.get("sequences")),
    )


def _seconds(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < 1e6:
        raise ProviderError(
            f"timeout must be a number of seconds, got {value!r}", "give timeout=60"
        )
    return seconds


def _path(option: str, value: object) -> str | None:
    if value is None or isinstance(value, os.PathLike):
        return None if value is None else os.fspath(value)
    if isinstance(value, str) and value:
        return value
    raise ProviderError(f"{option} must be a text, got {value!r}", f"give {option}=NAME")


def _truth(option: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    found = _TRUTHS.get(str(value).lower())
    if found is None:
        raise ProviderError(f"{option} must be true or false, got {value!r}", f"give {option}=True")
    return found
