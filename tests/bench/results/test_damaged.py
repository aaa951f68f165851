"""Results and journals that are damaged or hostile: each is one error that names file and place."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.codec import encode
from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.reports.columns import WIDE
from onnxwright.bench.reports.csv_text import to_csv
from onnxwright.bench.reports.loads import load_table
from onnxwright.bench.reports.markdown import to_markdown
from onnxwright.bench.reports.ops import ops_table
from onnxwright.bench.reports.table import answers, table
from onnxwright.bench.reports.warnings import noise, warnings
from onnxwright.bench.results.compare import compare
from onnxwright.bench.results.document import SCHEMA_VERSION
from onnxwright.bench.results.store import read_results

from ..conftest import Bench

CASES = 400
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 3, 2**70, 0.5, -1e-3, 1e99, 1e300, "", "ok", "x\x1b[2J", "=1+1",
    [], [1, 2], [None], {}, {"a": 1}, "[" * 50,
)  # fmt: skip


@pytest.fixture
def lines(make_bench: Callable[..., Bench]) -> list[dict[str, Any]]:
    """Return the documents of a small journal: its header and its entries."""
    bench = make_bench({"numpy": 2e-3, "cpu": 1e-3}, rounds=3, max_rounds=3)
    journal = bench.journal()
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    header = {"schema_version": SCHEMA_VERSION, **encode(journal.header)}
    found: list[dict[str, Any]] = json.loads(
        json.dumps([header, *(encode(entry) for entry in journal.entries)])
    )
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


def mutate(document: Any, random: np.random.Generator) -> Any:
    """Return the document with one to three things in it removed, doubled or replaced."""
    changed = copy.deepcopy(document)
    for _ in range(random.integers(1, 4)):
        found = list(places(changed))
        path = found[random.integers(len(found))]
        parent = changed
        for key in path[:-1]:
            parent = parent[key]
        action = random.integers(4)
        if action == 0:
            del parent[path[-1]]
        elif action == 1 and isinstance(parent, dict):
            parent[f"{path[-1]}x"] = parent.pop(path[-1])
        else:
            parent[path[-1]] = copy.deepcopy(VALUES[random.integers(len(VALUES))])
    return changed


def use(path: Path) -> None:
    """Do all that is done with results."""
    results = read_results(path)
    for make in (table, load_table, ops_table):
        make(results)
    table(results, WIDE)
    answers(results)
    for text in (to_csv(results), to_markdown(results)):
        assert "\x1b" not in text
    noise(results)
    warnings(results)
    compare(results, results)


def check(path: Path) -> bool:
    """Return whether the file could be used; whatever else happens must be an error of ours."""
    try:
        use(path)
    except BenchError as error:
        told = len(error.problem)
    else:
        return True
    np.testing.assert_array_less(told, 500)
    return False


@pytest.mark.parametrize("kind", ["journal", "document"])
def test_damaged_files_are_refused_or_used(
    kind: str, lines: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / ("r.jsonl" if kind == "journal" else "r.json")
    (tmp_path / "whole.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    whole = read_results(tmp_path / "whole.jsonl").to_json()
    outcomes = []
    for seed in range(CASES):
        random = np.random.default_rng([seed, len(kind)])
        if kind == "journal":
            content = "".join(json.dumps(line) + "\n" for line in mutate(lines, random))
        else:
            content = json.dumps(mutate(json.loads(json.dumps(whole)), random))
        path.write_text(content)
        outcomes.append(check(path))
    assert 0.05 < np.mean(outcomes) < 0.95, "the changes are all harmless, or all noticed at once"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[" * 100_000, "nested deeper than 100 levels"),
        ('{"schema_version": 1, "kind": "results", "rows": NaN}', "it holds NaN"),
        ('{"schema_version": 1, "kind": "results", "rows": 1' + "0" * 5000 + "}", "JSON document"),
        ('{"schema_version": true}', "schema_version True"),
        ('{"schema_version": 1, "kind": "results"}', "is not whole: counts is missing"),
        ('{"schema_version": 1, "kind": "run"}\n', "is not whole: line 1.cases is missing"),
        ("\xff\xfe", "is not a JSON document"),
    ],
)
def test_hostile_files_are_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(BenchError, match=said):
        read_results(tmp_path / "r.json")


def test_machines_inside_machines_are_bounded(lines: list[dict[str, Any]], tmp_path: Path) -> None:
    lines[0]["machine"] = "HERE"
    deep = '{"nodes": {"%s": ' % ("a" * 40) * 45 + "{}" + "}}" * 45
    content = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "r.jsonl").write_text(content.replace('"HERE"', deep))
    with pytest.raises(BenchError, match="nested too deep"):
        read_results(tmp_path / "r.jsonl")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "r.json").open("wb") as stream:
        stream.truncate(2**30 + 1)
    with pytest.raises(BenchError, match="1073741825 bytes, results have 1073741824 at most"):
        read_results(tmp_path / "r.json")
