"""Changes between runs, as Markdown and CSV."""

import csv
import io

import numpy as np

from onnxwright.bench.reports.changes import (
    comparison_csv,
    comparison_markdown,
    notable,
    series_csv,
    series_markdown,
    summary,
)
from onnxwright.bench.reports.html.series import comparison_html
from onnxwright.bench.results.compare import compare
from onnxwright.bench.results.series import Series, make_series

from .recorded import recorded, slower


def series() -> Series:
    return make_series([("before", recorded()), ("after", slower(recorded(), "cpu", 4.0))])


def test_the_summary_counts_the_worst_first() -> None:
    told = summary(series().comparison)
    assert told.startswith(f"of {len(recorded().rows)} cases: 2 inaccurate, 6 slower"), told


def test_what_is_worse_comes_first() -> None:
    words = [row.verdict for row in notable(series().comparison)]
    np.testing.assert_equal(words, ["inaccurate"] * 2 + ["slower"] * 6)


def test_the_markdown_begins_with_the_answer_and_has_what_changed_alone() -> None:
    lines = comparison_markdown(series().comparison).splitlines()
    assert lines[0].startswith("**New against base**, of ")
    rows = [line for line in lines if line.startswith("| ")][1:]
    np.testing.assert_equal(len(rows), 8)
    assert all(" 0.25" in row for row in rows if "slower" in row)
    assert "--replicates" in lines[-1]


def test_the_csv_has_every_case_unrounded() -> None:
    rows = list(csv.DictReader(io.StringIO(comparison_csv(series().comparison))))
    np.testing.assert_equal(len(rows), len(recorded().rows))
    first = series().comparison.rows[0]
    np.testing.assert_equal((rows[0]["id"], float(rows[0]["ratio"])), (first.id, first.ratio))


def test_the_series_as_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(series_csv(series()))))
    np.testing.assert_equal([row["run"] for row in rows[:2]], ["before", "after"])
    np.testing.assert_equal(len(rows), 2 * len(recorded().rows))
    assert "| case | on | before | after |" in series_markdown(series())


def test_the_page_of_a_comparison_has_what_changed_on_top() -> None:
    after = slower(recorded(), "cpu", 4.0)
    page = comparison_html(compare(recorded(), after), after, "before", "after")
    assert page.index('id="changes"') < page.index('id="change"') < page.index('id="answer"')
    assert "after against before, of 18 cases: 2 inaccurate, 6 slower" in page
    assert 'data-chart="trend"' not in page
