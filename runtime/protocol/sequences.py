"""Sequences: requests that share states which the server keeps, by Triton's sequence extension."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..runner import TensorInfo


@dataclass(frozen=True)
class Step:
    """Which sequence a request belongs to, and whether it is its first or its last."""

    id: int | str
    start: bool
    end: bool

    def parameters(self) -> dict[str, int | str]:
        """Return the parameters that a request says it by; the flags are of type bool."""
        return {
            "sequence_id": self.id,
            "sequence_start": self.start,
            "sequence_end": self.end,
        }


def state_pairs(inputs: Sequence[TensorInfo], outputs: Sequence[TensorInfo]) -> dict[str, str]:
    """Return the output that each state leaves by, after the input that it enters by.

    States go in as ``NAME_in`` and come out as ``NAME_out``.
    """
    left = {info.name for info in outputs}
    stems = [info.name.removesuffix("_in") for info in inputs if info.name.endswith("_in")]
    return {f"{stem}_in": f"{stem}_out" for stem in stems if f"{stem}_out" in left}
