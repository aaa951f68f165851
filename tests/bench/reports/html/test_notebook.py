"""Results as a notebook shows them: HTML without scripts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from onnxwright.bench.reports.html.notebook import MOST, view
from onnxwright.bench.results.compare import compare
from onnxwright.bench.results.rows import concluded
from onnxwright.bench.results.series import make_series
from onnxwright.bench.results.views import Shown

from ..recorded import many, recorded, slower

AFTER = slower(recorded(), "cpu", 4.0)
SHOWN: dict[str, tuple[Callable[[], Shown], tuple[str, ...]]] = {
    "results": (recorded, ("cpu is fastest, 2.81x as fast as openvino", "10.3 µs [10.2, 10.5]")),
    "comparison": (
        lambda: compare(recorded(), AFTER),
        ("of 18 cases: 2 inaccurate, 6 slower", "lecture_peephole batch=1"),
    ),
    "series": (
        lambda: make_series([("monday", recorded()), ("friday", AFTER)]),
        ("friday against monday", ">monday<", "41.1 µs"),
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_notebook_shows_answer_and_table(name: str) -> None:
    make, words = SHOWN[name]
    shown = make()._repr_html_()
    for word in words:
        assert word in shown, word
    assert "<table" in shown
    assert "<script" not in shown
    assert "<button" not in shown


def test_names_from_files_stay_text_in_a_notebook() -> None:
    rows = tuple(replace(row, label=f"<img src=x>{row.label}") for row in recorded().rows)
    shown = concluded(replace(recorded(), rows=rows))._repr_html_()
    assert "<img" not in shown
    assert "&lt;img src=x&gt;cpu" in shown


def test_a_long_table_is_cut_and_says_so() -> None:
    shown = many(100)._repr_html_()
    np.testing.assert_equal(shown.count("<tr>"), 1 + MOST)
    assert "40 more rows: write the whole with onnxwright report." in shown


def test_nothing_else_has_a_view() -> None:
    with pytest.raises(TypeError, match="no view of int"):
        view(3)
