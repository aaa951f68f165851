"""``bench --suite``: a tiny suite measured for real, its card, and how it is asked for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.measure import machine
from onnxwright.bench.plan import suites
from onnxwright.bench.plan.suites import Sliding

from .conftest import Call

QUICK = ["--rounds", "3", "--max-rounds", "3", "--sample-time", "0.005", "--no-peaks"]
SUITE = ["bench", "--suite", "lstm-latency", "--on", "numpy", *QUICK, "--load-time", "0.3"]


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    # In place: other modules hold the same mapping, whenever they were imported.
    monkeypatch.setitem(suites.SLIDING, "lstm-a", Sliding(layers=2, units=4, steps=3, features=2))
    for name in ("lstm-b", "lstm-c"):
        monkeypatch.delitem(suites.SLIDING, name)
    models = ("lstm-a/window", "lstm-a/step")
    suite = replace(suites.SUITES["lstm-latency"], models=models)
    monkeypatch.setitem(suites.SUITES, "lstm-latency", suite)
    monkeypatch.setattr(machine, "usable_cores", lambda: 1)


def test_the_card_has_latencies_errors_and_throughput(call: Call) -> None:
    exports = ["--export-markdown", "r.md", "--export-html", "r.html", "--export-csv", "r.csv"]
    code, out, err = call(*SUITE, *exports, "--format", "json")
    np.testing.assert_equal(code, 0, err)
    told: dict[str, Any] = json.loads(out)
    np.testing.assert_equal(told["settings"]["loads"], ["poisson=25%", "processes=1"])
    np.testing.assert_equal(told["settings"]["axes"], {"threads": ["1"]})
    lines = told["card"]["lines"]
    np.testing.assert_equal([line["model"] for line in lines], ["lstm-a/window", "lstm-a/step"])
    for line in lines:
        np.testing.assert_equal((line["label"], line["status"]), ("numpy", "ok"))
        assert line["error"] < 1e-5
        assert line["requests"] > 0
        assert line["instances_per_s"]["1"] > 0
        expected = 0.25 / line["time_s"]
        np.testing.assert_allclose(line["rate_per_s"], expected)
    for name in ("r.md", "r.html"):
        assert told["card"]["text"].split(" within ")[0] in Path(name).read_text()
    assert Path("r.csv").read_text().count("poisson=25%") == 2


def test_the_card_fits_the_terminal(call: Call) -> None:
    code, out, err = call(*SUITE, "--out", "r.jsonl")
    np.testing.assert_equal(code, 0, err)
    assert out.startswith("lstm-latency: ")
    assert "lstm-a/step, " in out
    assert max(map(len, out.splitlines())) <= 80
    again = call("bench", "--resume", "r.jsonl")
    np.testing.assert_equal(again[:2], (0, out))
    code, _, err = call("bench", "--resume", "r.jsonl", "--suite", "lstm-latency")
    assert (code, "leave out MODEL, --suite, --on and --axis" in err) == (2, True)
    wide = call("report", "r.jsonl", "--wide")[1]
    assert "cores" not in out
    assert "lstm-a/step batch=1: numpy threads=1" in wide


def test_a_suite_without_a_name_lists_them(call: Call) -> None:
    code, out, _ = call("bench", "--suite")
    np.testing.assert_equal(code, 0)
    assert out.startswith("lstm-latency: sliding windows")
    assert "lstm-a: 2 layers of 4 units, windows of 3 x 2 numbers" in out
    told = json.loads(call("bench", "--format", "json", "--suite")[1])
    np.testing.assert_equal(told["suites"][0]["suite"], "lstm-latency")


def test_a_part_of_a_suite_and_other_loads(call: Call) -> None:
    asked = [*SUITE, "lstm-a/step", "--load", "poisson=50", "--axis", "threads=2", "--dry-run"]
    code, out, _ = call(*asked)
    np.testing.assert_equal(code, 0)
    assert out.startswith("lstm-a/step batch=1: numpy threads=2\n1 cases, 1 models")


def test_a_baseline_is_compared_with_below_the_card(call: Call) -> None:
    part = [*SUITE, "lstm-a/step", "--load", "processes=1"]
    np.testing.assert_equal(call(*part, "--save-baseline", "first")[0], 0)
    out = call(*part, "--baseline", "first")[1]
    assert "new is as fast" in out
