"""What the errors of a case's processes say together."""

from collections.abc import Sequence

import numpy as np
import pytest

from onnxwright.bench.results.accuracy import worst
from onnxwright.bench.results.measured import Errors

GOOD, LESS_GOOD = Errors(passed=True, max_abs=1e-7), Errors(passed=True, max_abs=1e-6)
WRONG, NAN = Errors(passed=False, max_abs=0.1), Errors(passed=False, max_abs=None)
UNJUDGED = Errors(passed=None, note="no reference")


@pytest.mark.parametrize(
    ("errors", "found"),
    [
        ([], None),
        ([UNJUDGED], UNJUDGED),
        ([GOOD, LESS_GOOD, GOOD], LESS_GOOD),
        ([WRONG, GOOD], WRONG),
        ([WRONG, NAN], NAN),
        ([UNJUDGED, GOOD], GOOD),
    ],
)
def test_the_worst_counts(errors: Sequence[Errors], found: Errors | None) -> None:
    np.testing.assert_equal(worst(errors), found)
