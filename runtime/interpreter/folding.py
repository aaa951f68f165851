"""Computing, while the model is compiled, what does not depend on its inputs."""

import math
from typing import Any

import numpy as np

from .plan import MISSING, Program, Step

MAX_ELEMENTS = 1 << 24
"""A folded value may have at most as many elements as its inputs, or this many."""

KEPT_SIZE = frozenset(
    "Abs Cast CastLike Ceil Clip Concat Constant CumSum DequantizeLinear Exp Flatten Floor Gemm "
    "Identity Log Neg Not Reciprocal ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu "
    "Reshape Round Shape Sigmoid Size Slice Softmax Split Sqrt Squeeze Tanh Transpose "
    "Unsqueeze QuantizeLinear".split()
)
"""Operators whose outputs are never larger than all their inputs together."""
GROWING = frozenset(
    "ConstantOfShape Expand EyeLike Loop OneHot Pad Range Resize Scan Tile If Upsample "
    "CenterCropPad AffineGrid HannWindow HammingWindow BlackmanWindow MelWeightMatrix DFT STFT "
    "Col2Im MaxUnpool SequenceMap SplitToSequence".split()
)
"""Operators whose output's size is an input's value: folded only where inputs are tiny scalars
would still be absurd, so they wait for the run."""
RANDOM = frozenset(
    "Bernoulli Dropout Multinomial RandomNormal RandomNormalLike RandomUniform "
    "RandomUniformLike".split()
)
"""Operators that give another value at every run, or may."""


def fold_or_append(step: Step, program: Program) -> None:
    """Compute the step now where it is constant and small; else leave it for the run.

    A node that fails here is left for the run, which says where it stands.
    """
    if _may_fold(step, program):
        try:
            with np.errstate(all="ignore"):
                result = step.function(*[program.constants.get(slot) for slot in step.inputs])
        except Exception:
            program.steps.append(step)
            return
        values = result if type(result) is tuple else (result,)
        program.constants.update(zip(step.outputs, values, strict=False))
        return
    program.steps.append(step)


def _may_fold(step: Step, program: Program) -> bool:
    if step.source == "none" or step.node.op_type in RANDOM | GROWING:
        return False
    constants = program.constants
    if any(slot != MISSING and slot not in constants for slot in step.inputs):
        return False
    if step.node.op_type in KEPT_SIZE:
        return True
    sizes = (max(1, int(np.size(constants[slot]))) for slot in step.inputs if slot != MISSING)
    return math.prod(sizes) <= MAX_ELEMENTS
