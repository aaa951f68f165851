"""What runs a model, as a worker process is told; this file needs the standard library alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from ..codec import Least


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


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What the NumPy runtimes may take of the machine."""

    max_steps: Annotated[int, Least(1)] | None = None
    """Steps that the loops of one run may make together; the runtime's own default when None."""
    map_weights: bool = True
    """Map external weights; False copies them into memory."""

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments for ``runtime.load``: only what is not the default.

        >>> Allowance(max_steps=9, map_weights=False).options()
        {'max_steps': 9, 'map_weights': False}
        """
        steps = {"max_steps": self.max_steps} if self.max_steps else {}
        return steps if self.map_weights else {**steps, "map_weights": False}
