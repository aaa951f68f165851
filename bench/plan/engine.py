"""What runs a model, as a worker process is told of it: the standard library alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A runtime and its options."""

    on: str
    """As ``--on`` names it."""
    provider: str | None = None
    """onnxruntime's name of the provider; None for runtimes of ours and for served models."""
    plugin: str | None = None
    """The Python package that ships the provider, where onnxruntime itself does not."""
    provider_options: Mapping[str, str] = field(default_factory=dict)
    threads: int | None = None
    """None for the runtime's own choice."""
