"""If."""

from typing import Any

from ...dtypes import Array
from ...plan import BoundBody
from ...registry import kernel


@kernel("If", since=1)
def branch(cond: Array, *, else_branch: BoundBody, then_branch: BoundBody) -> tuple[Any, ...]:
    """Return the outputs of one subgraph or the other; only that one is run."""
    return tuple(then_branch() if cond.item() else else_branch())
