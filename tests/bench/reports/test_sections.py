"""Columns share the width that there is, and break words only at last."""

import numpy as np
import pytest
from rich.text import Text

from onnxwright.bench.reports.sections import Section, Sections

CELLS = ("cpu@1.20.1 threads=1", "12.0 µs [11.9, 12.1]", "inconclusive")


@pytest.mark.parametrize(
    ("available", "expected"),
    [(80, [20, 20, 12]), (46, [10, 20, 12]), (44, [10, 20, 10]), (10, [8, 20, 8])],
)
def test_words_stay_whole_as_long_as_they_can(available: int, expected: list[int]) -> None:
    rows = [[Text(cell) for cell in CELLS]]
    table = Sections(("runtime", "time", "verdict"), [Section("", rows)], (True, False, True))
    np.testing.assert_equal(table.widths(available), expected)
