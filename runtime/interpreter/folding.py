"""Computing, while the model is compiled, what does not depend on its inputs.

Only operators whose output's size is bounded beforehand are folded, and only as long as all that
they make together takes a small part of the memory limit, so that a small file cannot make the
loading take memory without end; the others wait for the run.
"""

import math
from typing import Any

import numpy as np

from .plan import MISSING, Program, Step
from .registry import Traits
from .run_limits import keep

MAX_ELEMENTS = 1 << 24
"""Elements of a result that is larger than its inputs and yet computed at load."""


def fold_or_append(step: Step, program: Program) -> None:
    """Compute the step now where it is constant and small; else leave it for the run.

    A node that fails here is left for the run, which says where it stands.
    """
    values = _folded(step, program.constants)
    if values is None:
        program.steps.append(step)
    else:
        program.constants.update(zip(step.outputs, values, strict=False))


def _folded(step: Step, constants: dict[int, Any]) -> tuple[Any, ...] | None:
    if step.source != "own" or any(
        slot != MISSING and slot not in constants for slot in step.inputs
    ):
        return None
    inputs = [constants.get(slot) for slot in step.inputs]
    try:
        if not _bounded(step.traits, inputs):
            return None
        with np.errstate(all="ignore"):
            result = step.function(*inputs)
    except Exception:
        return None
    values = result if type(result) is tuple else (result,)
    return values if keep(sum(_fresh_bytes(value, inputs) for value in values)) else None


def _fresh_bytes(value: Any, inputs: list[Any]) -> int:
    """Return what `value` takes besides the inputs: nothing for a view of one of them."""
    if not isinstance(value, np.ndarray):
        return sum(_fresh_bytes(item, inputs) for item in value) if isinstance(value, list) else 0
    arrays = [x for x in inputs if isinstance(x, np.ndarray)]
    return 0 if any(np.may_share_memory(value, x) for x in arrays) else value.nbytes


def _bounded(traits: Traits, inputs: list[Any]) -> bool:
    """Say whether what a kernel makes of `inputs` is small for certain."""
    if traits.growth is None or traits.growth == "bounded":
        return traits.growth is not None
    if traits.growth == "sized" and traits.size is not None:
        return math.prod(map(abs, traits.size(*inputs)[0])) <= MAX_ELEMENTS
    return math.prod(max(1, np.size(x)) for x in inputs if x is not None) <= MAX_ELEMENTS
