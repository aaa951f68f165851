"""Whether a net gives the answer that it must give, and how far it is from the reference."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..digits.cases import Case
from ..verify.accuracy import Accuracy, Tolerance, compare


@dataclass(frozen=True)
class Answer:
    """What one runtime gave for all inputs of one net, held against what it should be."""

    judged: Accuracy
    """Against the float64 reference's output."""
    recorded: Accuracy
    """Against the recorded output."""
    tolerance: float
    """How far any number may be from the recorded one."""
    top1: float | None
    """The share of images whose class is right; None for a net that does not classify."""

    @property
    def right(self) -> bool:
        """Whether it is the recorded answer: within the tolerance, and every class the same."""
        return self.recorded.passed and self.recorded.top1 in (None, 1.0)

    @property
    def same_classes(self) -> int | None:
        """How many images are put into the class of the recorded output."""
        share = self.recorded.top1
        return None if share is None else round(share * self.recorded.shape[0])


def assess(case: Case, output: NDArray[Any], reference: NDArray[Any]) -> Answer:
    """Hold a runtime's `output` against the float64 `reference` and the recorded output."""
    return Answer(
        judged=compare(case.output, output, reference),
        recorded=compare(case.output, output, case.expected, Tolerance(case.tolerance, rtol=0)),
        tolerance=case.tolerance,
        top1=None if case.labels is None else float(np.mean(output.argmax(axis=1) == case.labels)),
    )
