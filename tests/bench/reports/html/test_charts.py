"""What each chart draws, from the recorded run and from runs that have nothing for it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.reports.html.chart import Chart
from onnxwright.bench.reports.html.charts import (
    CHARTS,
    clients,
    cold,
    errors,
    forest,
    latency,
    operators,
    percentiles,
    roof,
    rounds,
    throughput,
    tradeoff,
)  # fmt: skip
from onnxwright.bench.results.document import Results, Row
from onnxwright.bench.results.measured import Errors
from onnxwright.bench.results.rows import concluded

from ..recorded import recorded


def made(chart: Chart | None) -> Chart:
    assert chart is not None
    return chart


def of(chart: Chart | None, label: str, results: Results | None = None) -> list[dict[str, Any]]:
    """Return a chart's data of a runtime."""
    rows = (results or recorded()).rows
    return [dict(each) for each in made(chart).data if rows[each["row"]].label == label]


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__module__.rpartition(".")[2])
def test_a_run_that_failed_has_no_charts(make: Any) -> None:
    results = recorded()
    rows = tuple(
        Row(**{name: getattr(row, name) for name in ("id", "group", "model", "sizes", "label", "on",
               "provider", "environment", "device", "threads", "provider_options")},
            status="crash", flags={})
        for row in results.rows
    )  # fmt: skip
    failed = concluded(replace(results, rows=rows, processes=(), conclusions=()))
    assert make(failed) is None


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__module__.rpartition(".")[2])
def test_a_chart_is_plain_json_and_belongs_to_rows(make: Any) -> None:
    chart = made(make(recorded()))
    json.dumps([chart.spec, *chart.data], allow_nan=False)
    assert {each["row"] for each in chart.data} <= set(range(len(recorded().rows)))


def test_the_forest_has_every_pair_both_ways() -> None:
    chart = made(forest.chart(recorded()))
    groups = len({row.group for row in recorded().rows})
    np.testing.assert_equal(len(chart.data), groups * 3 * 2)
    there = next(each for each in chart.data if each["against"] == "numpy")
    label = recorded().rows[there["row"]].label
    back = next(
        each
        for each in chart.data
        if each["against"] == label and recorded().rows[each["row"]].label == "numpy"
    )
    np.testing.assert_allclose(there["speed"] * back["speed"], 1)
    np.testing.assert_allclose([there["low"] * back["high"], there["high"] * back["low"]], 1)


def test_a_wrong_runtime_is_inaccurate_in_the_forest() -> None:
    wrong = [row.inaccurate for row in recorded().rows]
    assert any(wrong)
    for each in made(forest.chart(recorded())).data:
        np.testing.assert_equal(each["verdict"] == "wrong", wrong[each["row"]])


def test_latency_and_throughput_run_over_the_sizes() -> None:
    times, rates = of(latency.chart(recorded()), "cpu"), of(throughput.chart(recorded()), "cpu")
    np.testing.assert_equal({each["at"] for each in times}, {1, 64})
    for time, each in zip(times, rates, strict=True):
        np.testing.assert_allclose(each["value"], each["at"] / time["value"])
        assert time["low"] <= time["value"] <= time["high"]
        assert each["low"] <= each["value"] <= each["high"]
    assert all(each["panel"].endswith("over batch, items per second") for each in rates)


def test_errors_over_the_budget_are_marked() -> None:
    marked = {
        recorded().rows[each["row"]].id
        for each in made(errors.chart(recorded())).data
        if each["over"]
    }
    np.testing.assert_equal(marked, {row.id for row in recorded().rows if row.inaccurate})


def test_the_front_has_those_that_none_beats() -> None:
    results = recorded()
    first = [row for row in results.rows if row.group == results.rows[0].group]
    chosen = [(3e-6, 1e-7), (1e-6, 1e-6), (2e-6, 1e-5)]
    rows = tuple(
        replace(row, median_s=time, accuracy=Errors(passed=True, max_abs=error))
        for row, (time, error) in zip(first, chosen, strict=True)
    )
    data = made(tradeoff.chart(replace(results, rows=rows))).data
    np.testing.assert_equal([each["front"] for each in data], [True, True, False])


def test_a_wrong_runtime_is_on_no_front() -> None:
    rows = tuple(replace(row, median_s=1e-9) if row.inaccurate else row for row in recorded().rows)
    results = replace(recorded(), rows=rows)
    data = made(tradeoff.chart(results)).data
    wrong = [each["front"] for each in data if results.rows[each["row"]].inaccurate]
    assert wrong
    assert not any(wrong)


def test_the_budget_is_what_was_asked_for_or_the_usual_one() -> None:
    assert {each["budget"] for each in made(tradeoff.chart(recorded())).data} == {1e-4}
    asked = replace(recorded(), settings=replace(recorded().settings, atol=0.5))
    assert {each["budget"] for each in made(tradeoff.chart(asked)).data} == {0.5}


def test_no_case_is_above_its_roof() -> None:
    data = made(roof.chart(recorded())).data
    corners = [(each["x"], each["y"]) for each in data if each["is"] == "roof"]
    np.testing.assert_equal(len(corners), 3)
    assert corners[0][1] < corners[1][1] == pytest.approx(corners[2][1])
    xs, ys = zip(*sorted(corners), strict=True)
    for each in data:
        if each["is"] == "case":
            roof_there = np.exp(np.interp(np.log(each["x"]), np.log(xs), np.log(ys)))
            assert each["y"] <= roof_there


def test_operators_are_ranked_and_their_parts_sum_to_one() -> None:
    chart = made(operators.chart(recorded()))
    places = {each["row"] for each in chart.data}
    assert places
    for place in places:
        mine = [each for each in chart.data if each["row"] == place]
        np.testing.assert_allclose(sum(each["share"] for each in mine), 1)
        named = [each["value"] for each in mine if each["op"] != "others"]
        np.testing.assert_equal(named, sorted(named, reverse=True))


def test_the_cold_path_sums_to_the_start() -> None:
    data = made(cold.chart(recorded())).data
    for place, row in enumerate(recorded().rows):
        parts = [each["value"] for each in data if each["row"] == place]
        np.testing.assert_equal(len(parts), 3)
        np.testing.assert_allclose(sum(parts), row.cold_s or 0.0)


def test_every_process_is_in_the_rounds() -> None:
    data = made(rounds.chart(recorded())).data
    cases = {row.id for row in recorded().rows}
    np.testing.assert_equal(len(data), sum(p.case in cases for p in recorded().processes))


def test_loads_are_drawn_by_percentile_and_by_clients() -> None:
    tails = of(percentiles.chart(recorded()), "cpu")
    assert {each["percentile"] for each in tails} >= {"p50", "p90", "p99"}
    counts = of(clients.chart(recorded()), "cpu")
    np.testing.assert_equal({each["clients"] for each in counts}, {1, 2, 4})
