"""Series of runs: each case over the runs, and the last against the first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.codec import encode
from onnxwright.bench.errors import BenchError
from onnxwright.bench.results.series import make_series, run_names

from ..reports.recorded import recorded, slower


def test_a_series_follows_each_case() -> None:
    runs = [("a", recorded()), ("b", slower(recorded(), "cpu", 1.5)), ("c", recorded())]
    series = make_series(runs)
    np.testing.assert_equal(series.runs, ("a", "b", "c"))
    for case, row in zip(series.cases, recorded().rows, strict=True):
        np.testing.assert_equal((case.id, [each.run for each in case.points]), (row.id, [0, 1, 2]))
        factor = 1.5 if row.label == "cpu" else 1.0
        times = [each.median_s for each in case.points]
        np.testing.assert_allclose(times, np.array([1, factor, 1]) * (row.median_s or 0))
        np.testing.assert_equal(case.points[0].verdict, None)
    np.testing.assert_equal(encode(series)["kind"], "series")


def test_a_step_is_told_where_it_is() -> None:
    runs = [("a", recorded()), ("b", slower(recorded(), "numpy", 3.0)), ("c", recorded())]
    series = make_series(runs)
    middle = {case.label: case.points[1].verdict for case in series.cases if "lstm" in case.id}
    np.testing.assert_equal(middle["numpy"], "slower")
    assert "slower" not in {row.verdict for row in series.comparison.rows}


def test_a_case_that_a_run_lacks_has_no_point_there() -> None:
    fewer = replace(recorded(), rows=recorded().rows[1:])
    series = make_series([("a", fewer), ("b", recorded())])
    np.testing.assert_equal([each.run for each in series.cases[0].points], [1])
    np.testing.assert_equal(series.comparison.added, (recorded().rows[0].id,))


def test_unlike_machines_are_no_series() -> None:
    other = replace(recorded(), machine=replace(recorded().machine, cpu="another"))
    with pytest.raises(BenchError, match=r"unlike machines: cpu: .*another"):
        make_series([("a", recorded()), ("b", other)])
    differs = make_series([("a", recorded()), ("b", other)], lenient=True).comparison.differs
    assert "another" in differs[0]


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    paths = [Path("a/r.json"), Path("b/r.json")]
    np.testing.assert_equal(run_names(paths), [str(path) for path in paths])
