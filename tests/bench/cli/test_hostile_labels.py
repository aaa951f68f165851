"""Names in a results file that would command the terminal, a spreadsheet or a page."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.codec import DecodeError, decode
from onnxwright.bench.measure.launch import Ending
from onnxwright.bench.measure.matrix import run_matrix
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.rows import summarize

from ..conftest import Bench
from .conftest import Call

CLEAR = "\x1b[2J"


def texts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield where the texts of a document are: what holds each, and its key."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            yield value, key
        elif isinstance(item, dict | list):
            yield from texts(item)


@pytest.fixture
def hostile(make_bench: Callable[..., Bench], tmp_path: Path) -> Path:
    """Return results in which every text that may be anything clears the screen."""
    bench = make_bench({"numpy": 2e-3, "cpu": 1e-3, "cuda": 1.0}, rounds=3, max_rounds=3)
    bench.broken = {"cuda": Ending(status="crash", stage="session", message="killed")}
    journal = bench.journal()
    run_matrix(bench.groups(), bench.settings, journal, bench.context())
    document = json.loads(json.dumps(summarize(journal.header, journal.entries).to_json()))
    document |= {"processes": document["processes"][:2], "peaks": [], "loads": []}
    document["floors"] = {f"{CLEAR}{group}": floor for group, floor in document["floors"].items()}
    load = {"load": "closed=2", "status": "ok", "processes": 1, "requests": 9}
    load |= {"errors": 1, "first_error": "no"}
    for row in document["rows"]:
        row |= {"flags": {f"busy{CLEAR}": 3}, "load": [load | {"percentiles_s": {CLEAR: 1.0}}]}
        node = {"node": "n", "op": "Gemm", "provider": "p", "calls": 1, "seconds": 1.0}
        row["profile"] = [node]
    document["machine"]["packages"] = {CLEAR: "1"}
    decode(Results, document)
    for parent, key in list(texts(document)):
        kept, parent[key] = parent[key], f"={CLEAR}{parent[key]}"
        try:
            decode(Results, document)
        except DecodeError:  # one word of a few
            parent[key] = kept
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["report"],
        ["report", "--ops"],
        ["report", "--markdown"],
        ["report", "--csv"],
        ["report", "--format", "json"],
        ["compare"],
    ],
)
def test_no_name_reaches_the_terminal_as_a_command(
    words: list[str], hostile: Path, call: Call, tmp_path: Path
) -> None:
    arguments: list[str | Path] = [*words, hostile]
    if words == ["compare"]:
        other = json.loads(hostile.read_text())
        other["machine"]["packages"] = {CLEAR: "2"}
        other["rows"][0]["id"] += CLEAR
        (tmp_path / "other.json").write_text(json.dumps(other))
        arguments.append(tmp_path / "other.json")
    code, out, err = call(*arguments)
    assert code in (0, 1), err
    assert "[2J" in out
    np.testing.assert_equal("not what sets whole sessions apart" in err, words == ["compare"])
    np.testing.assert_equal([text.count("\x1b") for text in (out, err)], [0, 0])


def test_no_field_of_csv_is_a_formula(hostile: Path, call: Call) -> None:
    _, out, _ = call("report", "--csv", hostile)
    fields = [field for line in out.splitlines() for field in line.split(",")]
    assert any(field.startswith("'=") for field in fields), fields
    assert not any(field.startswith(("=", "+", "@")) for field in fields), fields
