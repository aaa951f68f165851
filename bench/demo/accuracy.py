"""Whether a net gives the answer that it must give, and how far it is from the judge."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...runtime import Runner
from ..digits.cases import Case

JUDGE = "numpy:float64"


@dataclass(frozen=True)
class Accuracy:
    """What one runtime gave for all inputs of one net. Errors are maxima of absolute differences.

    `top1` is the share of images whose class is right, `agreeing` the number of the `of` inputs
    that are put into the recorded class; both None for a net that does not classify.
    """

    error: float
    """From the float64 judge."""
    error_recorded: float
    """From the recorded answer."""
    tolerance: float
    """How large `error_recorded` may be."""
    of: int
    top1: float | None = None
    agreeing: int | None = None

    @property
    def right(self) -> bool:
        """Whether the answer is the recorded one: within the tolerance, with the same classes."""
        return self.error_recorded <= self.tolerance and self.agreeing in (None, self.of)


def compute(case: Case, runner: Runner) -> NDArray[Any]:
    """Return the net's output for all its inputs, in one batch."""
    return runner.run(case.batch(len(case.x)))[case.output]


def assess(case: Case, output: NDArray[Any], reference: NDArray[Any]) -> Accuracy:
    """Compare a runtime's `output` with the judge's `reference` and the recorded answer.

    An output that is not finite is infinitely wrong.
    """
    errors = _distance(output, reference), _distance(output, case.expected)
    if case.labels is None:
        return Accuracy(*errors, case.tolerance, len(case.x))
    classes = output.argmax(axis=1)
    return Accuracy(
        *errors,
        case.tolerance,
        len(case.x),
        top1=float(np.mean(classes == case.labels)),
        agreeing=int(np.count_nonzero(classes == case.expected.argmax(axis=1))),
    )


def _distance(one: NDArray[Any], other: NDArray[Any]) -> float:
    if one.shape != other.shape or not np.isfinite(one).all():
        return float("inf")
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())
