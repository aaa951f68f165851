"""How bad it is when a target does not run a node as the model asks."""

from enum import StrEnum


class Severity(StrEnum):
    """What a target does with a node or a model.

    >>> Severity.WRONG.rank > Severity.SLOW.rank
    True
    """

    UNKNOWN = "unknown"
    """It depends on what the model alone does not tell: a type, a dim, the values fed."""
    NOTE = "note"
    """It is legal and seldom meant."""
    SLOW = "slow"
    """It runs, and a form that computes the same runs faster."""
    FALLBACK = "falls back to CPU"
    """It runs, but on the CPU, with copies around it."""
    UNSUPPORTED = "unsupported"
    """Loading or running it fails."""
    INVALID = "invalid"
    """It breaks the ONNX specification: what a runtime does with it is not defined."""
    WRONG = "silently wrong"
    """It runs without an error and computes something else."""

    @property
    def rank(self) -> int:
        """Return its place in the order from harmless (0) to worst."""
        return list(Severity).index(self)
