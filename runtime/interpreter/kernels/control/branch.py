"""If."""

from collections.abc import Callable
from typing import Any

from ...dtypes import Array
from ...registry import kernel


@kernel("If", since=1)
def branch(
    cond: Array, *, else_branch: Callable[..., list[Any]], then_branch: Callable[..., list[Any]]
) -> tuple[Any, ...]:
    """The outputs of one subgraph or the other; only that one is run."""
    return tuple(then_branch() if cond.item() else else_branch())
