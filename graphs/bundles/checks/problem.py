"""One thing that is wrong with a bundle."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, what it does on the server, and what to do."""

    where: str
    """The file or folder, by its path in the bundle."""
    problem: str
    effect: str
    """What happens on the server."""
    remedy: str
