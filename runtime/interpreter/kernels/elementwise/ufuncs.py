"""Operators that are one NumPy function of their inputs, and nothing else."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ...registry import Growth, kernel, specializer

Function = Callable[..., Any]


def register(
    op_type: str,
    function: Function,
    *inputs: str,
    since: int,
    over: np.ufunc | None = None,
    growth: Growth = "bounded",
) -> None:
    """Register `function` of so many inputs as a kernel that gives fresh memory.

    The plan gets the bare function: one Python call less at every run.
    """
    add = kernel(op_type, since=since, fresh=True, over=over, growth=growth)
    add(named(function, *inputs))
    specializer(op_type, since=since)(lambda node, constants: function)


def named(function: Function, *inputs: str) -> Function:
    """Return `function` with a signature that names its inputs, which a ufunc's does not.

    >>> inspect.signature(named(np.add, "A", "B"))
    <Signature (A, B)>
    """

    def compute(*arrays: Any) -> Any:
        return function(*arrays)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in inputs]
    compute.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    compute.__name__ = function.__name__
    return compute
