"""The table of served models."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.reports.served import served_table
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.elements import Share, mean_share
from onnxwright.bench.results.load_row import LoadRow
from onnxwright.bench.results.rows import summarize

from ..conftest import Bench

SHARE = Share(queue_s=1e-4, compute_s=3e-4, batch=2.5)


@pytest.fixture
def document(make_bench: Callable[..., Bench]) -> Results:
    """Return the results of two runtimes, the second of which stands for a served model."""
    bench = make_bench({"numpy": 2e-3, "cpu": 1e-3}, rounds=6, max_rounds=6)
    bench.noise = 0.0
    journal = bench.journal()
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    return summarize(journal.header, journal.entries)


def load(median: float, server: Share | None) -> LoadRow:
    return LoadRow(load="closed=8", status="ok", processes=3, median_s=median, server=server)


def told(document: Results, local: dict[str, Any], served: dict[str, Any]) -> list[list[str]]:
    """Return the words of each line, the runtimes' rows changed so."""
    first, second = document.rows
    rows = replace(first, **local), replace(second, **served, device="server")
    stream = io.StringIO()
    Console(file=stream, width=120).print(served_table(replace(document, rows=rows)) or "")
    return [line.split() for line in stream.getvalue().splitlines()]


def test_no_server_told_anything(document: Results) -> None:
    np.testing.assert_equal(served_table(document), None)


def test_the_rest_and_the_difference_to_the_local_run(document: Results) -> None:
    local = {"median_s": 5e-4, "load": (load(7e-4, None),)}
    served = {"median_s": 1e-3, "server": SHARE, "load": (load(2e-3, SHARE),)}
    head, _, title, alone, under_load = told(document, local, served)
    np.testing.assert_equal(head[:4], ["load", "median", "queue", "compute"])
    np.testing.assert_equal(title[-2:], ["local:", "numpy"])
    np.testing.assert_equal(
        " ".join(alone), "one by one 1 ms 100 µs 300 µs 2.5 600 µs 500 µs"
    )  # median, queue, compute, rows a run, the rest, over local
    np.testing.assert_equal(" ".join(under_load), "closed=8 2 ms 100 µs 300 µs 2.5 1.6 ms 1.3 ms")


def test_without_a_local_run(document: Results) -> None:
    lines = told(document, {"status": "error"}, {"median_s": 1e-3, "server": SHARE})
    np.testing.assert_equal((lines[-1][-1], "local:" in lines[2]), ("-", False))


def test_the_mean_over_processes() -> None:
    other = Share(queue_s=3e-4, compute_s=1e-4, batch=1.5)
    mean = mean_share([SHARE, None, other])
    assert mean is not None
    np.testing.assert_allclose((mean.queue_s, mean.compute_s, mean.batch), (2e-4, 2e-4, 2.0))
    np.testing.assert_equal(mean_share([None]), None)
