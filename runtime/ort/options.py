"""What a caller may set about an onnxruntime session."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import ProviderError

LEVELS = {
    "none": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
"""Graph-optimisation levels: short name to the member of ``GraphOptimizationLevel``."""


MOST_THREADS = 1024
"""onnxruntime makes them all when the session opens, and millions of them for minutes."""


@dataclass(frozen=True)
class OrtOptions:
    """Options of one session; None leaves onnxruntime's own default."""

    threads: int | None = None
    """Threads inside one operator (intra-op)."""
    inter_threads: int | None = None
    """Threads across operators; more than 1 also asks for parallel execution."""
    optimization: str = "all"
    """Graph-optimisation level: none, basic, extended or all."""
    strict: bool = False
    """Refuse a model of which onnxruntime would run a single node on the CPU provider instead."""
    provider_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the provider by onnxruntime's names; they win over the defaults of ours."""
    library: str | os.PathLike[str] | None = None
    """A plugin library that holds the provider."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Session configuration entries (``SessionOptions.add_session_config_entry``)."""
    profile_prefix: str | None = None
    """Record a profile; its file's path begins with this."""


def ort_options(on: str, options: Mapping[str, Any]) -> OrtOptions:
    """Check the keyword arguments of ``load`` and return them as `OrtOptions`.

    Raises
    ------
    ProviderError
        An option is unknown or has a value that cannot be meant.
    """
    known = [entry.name for entry in fields(OrtOptions)]
    for name in options:
        if name not in known:
            raise ProviderError(
                f"on='{on}' has no option '{name}'", f"its options are {', '.join(known)}"
            )
    chosen = OrtOptions(**options)
    if chosen.optimization not in LEVELS:
        raise ProviderError(
            f"there is no graph-optimisation level '{chosen.optimization}'",
            f"use one of {', '.join(LEVELS)}",
        )
    for name in ("provider_options", "config"):
        if not isinstance(options.get(name, {}), Mapping):
            raise ProviderError(
                f"{name} must be a mapping of names to values, got {options[name]!r}",
                "write it as {'name': 'value'}",
            )
    for name in ("threads", "inter_threads"):
        count = options.get(name)
        if count is not None and not (type(count) is int and 1 <= count <= MOST_THREADS):
            raise ProviderError(
                f"{name} must be a whole number from 1 to {MOST_THREADS}, got {count!r}",
                "leave it out for onnxruntime's own choice",
            )
    return chosen
