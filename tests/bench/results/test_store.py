from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.plan.settings import Settings
from onnxwright.bench.results.document import SCHEMA_VERSION, Header
from onnxwright.bench.results.machine import Machine
from onnxwright.bench.results.measured import Process
from onnxwright.bench.results.store import Journal, load_results, read_journal, save_results

HEADER = Header(settings=Settings(), machine=Machine(cpu="test"), counts={}, cases=())


def process(number: int) -> Process:
    return Process(case="c", round=number, status="crash", stage="start", message="m")


def test_results_come_back_unrounded(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    save_results(path, {"value": 0.1 + 0.2})
    np.testing.assert_equal(
        load_results(path), {"schema_version": SCHEMA_VERSION, "value": 0.1 + 0.2}
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read results"),
        ("{", "not a JSON document"),
        ("[]", "schema_version None"),
        ('{"schema_version": 99}', "schema_version 99, this version reads 1"),
    ],
)
def test_unreadable_results_are_refused(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BenchError, match=said):
        load_results(path)


def test_a_journal_goes_on_after_a_kill_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    Journal(path, HEADER).append(process(1))
    with path.open("ab") as stream:
        stream.write(b'{"n": 2, "cut')
    journal = Journal(path, replace(HEADER, machine=Machine(cpu="another")))
    np.testing.assert_equal(journal.header, HEADER)
    journal.append(process(3))
    np.testing.assert_equal(journal.entries, [process(1), process(3)])
    np.testing.assert_equal(read_journal(path)[1], [process(1), process(3)])


def test_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text("not json\n")
    with pytest.raises(BenchError, match="not a results journal"):
        read_journal(path)
    path.write_text("")
    with pytest.raises(BenchError, match="holds no complete line"):
        read_journal(path)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("m.onnx", b"\x08\x08", "a model"),
        ("net.toml", b"[network]\nname = 'n'\n[inputs]\n", "a network file"),
        ("x.npy", b"\x93NUMPY\x01\x00", "a NumPy array"),
    ],
)
@pytest.mark.parametrize("read", [load_results, read_journal])
def test_what_is_no_results_is_named(
    tmp_path: Path, name: str, content: bytes, what: str, read: Callable[[Path], Any]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BenchError, match=rf"{name} is {what}, not results\ngive a file written by"):
        read(tmp_path / name)
