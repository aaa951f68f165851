"""The card of a suite: what it says, and what it refuses to say."""

from dataclasses import replace

import numpy as np
import pytest

from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.reports.card import card_lines, card_rows, card_tables
from onnxwright.bench.results.card import Card
from onnxwright.bench.results.document import Row
from onnxwright.bench.results.elements import Loaded
from onnxwright.bench.results.load_row import LoadRow
from onnxwright.bench.results.loads import load_rows, percentile_interval
from onnxwright.bench.results.measured import Errors, LoadRun
from onnxwright.bench.results.suite_card import card_of

SETTINGS = Settings(suite="lstm-latency")


def load(latency_s: float, requests: int = 4000, wall_s: float = 1.0) -> LoadRow:
    """Return a row under arrivals: evenly spread latencies around `latency_s`."""
    spread = tuple(np.linspace(0.5, 1.5, requests) * latency_s)
    result = Loaded(latencies_s=spread, requests=requests, wall_s=wall_s)
    run = LoadRun(
        case="c", load="poisson=25%", rate=1234.5, seconds=1.0, status="ok", result=result
    )
    return load_rows("c", [run])[0]


def instances(count: int, per_s: float) -> LoadRow:
    return LoadRow(
        load=f"processes={count}",
        status="ok",
        processes=3,
        clients=count,
        clients_are="processes",
        throughput_per_s=per_s,
    )


def row(model: str, label: str, *loads: LoadRow, passed: bool = True) -> Row:
    return Row(
        id=f"{model} {label}",
        group=model,
        model=model,
        sizes={},
        label=f"{label} threads=1",
        on=label,
        provider=None,
        environment=None,
        device="cpu",
        threads=1,
        provider_options={},
        status="ok",
        flags={},
        median_s=1e-4,
        interval_s=(0.9e-4, 1.1e-4),
        accuracy=Errors(passed=passed, max_abs=2e-7),
        load=loads,
    )


def card(*rows: Row) -> Card:
    found = card_of(SETTINGS, rows)
    assert found is not None
    return found


def test_the_answer_names_the_quickest_right_runtime_of_each_model() -> None:
    found = card(
        row("lstm-a/window", "numpy", load(1e-3)),
        row("lstm-a/window", "cpu", load(2e-4)),
        row("lstm-b/window", "numpy", load(3e-3)),
        row("lstm-b/window", "cpu", load(1e-4), passed=False),
        row("lstm-c/window", "cpu", load(1e-4, requests=367)),
    )
    np.testing.assert_equal(
        found.text,
        "lstm-latency: 99 % of the answers come within 298 µs for lstm-a/window on cpu and "
        "4.47 ms for lstm-b/window on numpy; no p99 of lstm-c/window (367 answers)",
    )


@pytest.mark.parametrize(
    ("requests", "known"), [(5, (0, 0, 0)), (367, (1, 0, 0)), (368, (1, 1, 0)), (3688, (1, 1, 1))]
)
def test_quantiles_of_too_few_answers_are_refused(requests: int, known: tuple[int, ...]) -> None:
    (line,) = card(row("lstm-a/window", "cpu", load(1e-3, requests))).lines
    np.testing.assert_equal(
        tuple(each is not None for each in (line.p50, line.p99, line.p99_9)),
        tuple(map(bool, known)),
    )


def test_an_overloaded_runtime_is_never_the_answer() -> None:
    late = card(row("lstm-a/window", "cpu", load(1e-3, wall_s=1.2)))
    np.testing.assert_equal(late.lines[0].overloaded, True)
    np.testing.assert_equal(late.text, "lstm-latency: no p99 of lstm-a/window (wrong or late)")


def test_the_interval_holds_the_percentile_of_each_process() -> None:
    quick, slow = [*np.linspace(1.0, 2.0, 1000)], [*np.linspace(5.0, 6.0, 1000)]
    one, both = percentile_interval([quick], 50.0), percentile_interval([quick, slow], 50.0)
    assert one is not None
    assert both is not None
    np.testing.assert_allclose(one, (1.5, 1.5), atol=0.05)
    np.testing.assert_allclose(both, (1.5, 5.5), atol=0.01)
    np.testing.assert_equal(percentile_interval([quick[:300], slow[:67]], 99.0), None)


def test_the_tables_fit_eighty_columns_and_files_have_every_case() -> None:
    loads = [load(9.9951e-2), instances(1, 123456.0), instances(2, 234567.0), instances(4, 1e6)]
    found = card(row("lstm-a/window", "numpy", *loads), row("lstm-a/step", "openvino", *loads))
    for table in card_tables(found):
        assert sum(table.widths(78)) + 2 * len(table.headings) <= 80
    titles = [section.title for section in card_tables(found)[0].sections]
    np.testing.assert_equal(titles[0], "lstm-a/window, 1,234 requests/s, 4,000 answers")
    (latencies, first), (costs, second) = card_rows(found)
    np.testing.assert_equal(latencies[-2:], ("requests/s", "answers"))
    np.testing.assert_equal(costs[-2:], ("1 instance", "4 instances"))
    np.testing.assert_equal([len(first), len(second)], [2, 2])
    assert "p99 needs 368 answers and p99.9 3,688" in card_lines(found)[-1]


def test_only_a_suite_that_is_known_has_a_card() -> None:
    rows = [row("lstm-a/window", "cpu", load(1e-3))]
    for name in (None, "another", ""):
        np.testing.assert_equal(card_of(replace(SETTINGS, suite=name), rows), None)


def test_a_file_that_leaves_out_the_number_of_clients_shows_no_instances() -> None:
    nobody = replace(instances(1, 5.0), clients=None)
    found = card(row("lstm-a/window", "cpu", load(1e-3), nobody))
    np.testing.assert_equal(found.lines[0].instances_per_s, {})
    np.testing.assert_equal(len(card_tables(found)), 2)
