import json
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.machine import differences, machine
from onnxwright.bench.results.store import (
    SCHEMA_VERSION,
    Journal,
    load_results,
    read_journal,
    save_results,
)


def test_results_come_back_unrounded_from_a_folder_that_was_missing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "r.json"
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
    Journal(path, {"run": 1}).append({"n": 1})
    with path.open("ab") as stream:
        stream.write(b'{"n": 2, "cut')
    journal = Journal(path, {"run": 2})
    np.testing.assert_equal(journal.header["run"], 1)
    journal.append({"n": 3})
    np.testing.assert_equal(journal.entries, [{"n": 1}, {"n": 3}])
    np.testing.assert_equal(read_journal(path)[1], [{"n": 1}, {"n": 3}])


def test_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text("not json\n")
    with pytest.raises(BenchError, match="not a results journal"):
        read_journal(path)
    path.write_text("")
    with pytest.raises(BenchError, match="holds no complete line"):
        read_journal(path)


def test_the_machine_is_described_in_json() -> None:
    facts = json.loads(json.dumps(machine(), allow_nan=False))
    np.testing.assert_equal(facts["packages"]["numpy"], np.__version__)
    assert facts["cores"] >= 1


def test_unlike_machines_are_told_apart() -> None:
    here = machine()
    np.testing.assert_equal(differences(here, here), [])
    np.testing.assert_equal(
        differences({**here, "cpu": "other", "load_1min": 9}, here),
        [f"cpu: 'other' and {here['cpu']!r}"],
    )
