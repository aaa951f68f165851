"""Computing, while the model is compiled, what does not depend on its inputs.

Only operators whose output's size is bounded beforehand are folded, and only as long as all that
they make together takes a small part of the memory limit, so that a small file cannot make the
loading take memory without end; the others wait for the run.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .plan import MISSING, Program, Step
from .run_limits import keep

MAX_ELEMENTS = 1 << 24
"""What an operator that can grow its inputs may make while the model is compiled."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_GROWING = _words(
    """Abs Acos Asin Atan BitCast Cast CastLike Ceil Compress Concat Constant Cos CumSum
    DepthToSpace DequantizeLinear Erf Exp Flatten Floor Identity IsInf IsNaN Log Neg Not NonZero
    QuantizeLinear Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape
    ReverseSequence Round Shape Sigmoid Sign Sin Size Slice Softmax SpaceToDepth Split Sqrt
    Squeeze Tanh Transpose Trilu Unsqueeze"""
)
"""Operators whose outputs are no larger than all their inputs together, or a number per axis."""

BROADCASTING = _words(
    """Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Clip Div Equal Gather GatherElements
    GatherND Gemm Greater GreaterOrEqual Less LessOrEqual MatMul Max Mean Min Mod Mul Or Pow
    PRelu ScatterElements ScatterND Sub Sum Where Xor"""
)
"""Operators whose output has at most as many elements as the product of their inputs' sizes."""

SIZED_BY_INPUT: dict[str, Callable[..., float]] = {
    "ConstantOfShape": lambda shape: math.prod(shape.tolist()),
    "Expand": lambda x, shape: x.size * math.prod(map(abs, shape.tolist())),
    "Range": lambda start, limit, delta: abs((limit.item() - start.item()) / delta.item()),
    "Tile": lambda x, repeats: x.size * math.prod(map(abs, repeats.tolist())),
}
"""Operators whose output's size is the value of an input, and that size."""


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
        if not _bounded(step.node.op_type, inputs):
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


def _bounded(op_type: str, inputs: list[Any]) -> bool:
    if op_type in NOT_GROWING:
        return True
    if op_type in BROADCASTING:
        return math.prod(max(1, np.size(x)) for x in inputs if x is not None) <= MAX_ELEMENTS
    size = SIZED_BY_INPUT.get(op_type)
    return size is not None and size(*inputs) <= MAX_ELEMENTS
