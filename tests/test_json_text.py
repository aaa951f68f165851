"""JSON of others is read within bounds that no interpreter's own limits move."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from onnxwright.json_text import DEEPEST, JSONError, read_json

ROOT = Path(__file__).parents[1]
DEEP = b"[" * (DEEPEST + 1)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "Expecting value"),
        (b"{]", "Expecting property name"),
        (b"[1] [2]", "Extra data"),
        (b"\xff\xfe", "'utf-8' codec can't decode"),
        ("[]".encode("utf-16"), "'utf-8' codec can't decode"),
        (b"[NaN]", "it holds NaN, which JSON does not have"),
        (b"-Infinity", "it holds -Infinity, which JSON does not have"),
        (b"9" * 5_000, "Exceeds the limit (4300 digits)"),
        (DEEP + b"]" * len(DEEP), f"it is nested deeper than {DEEPEST} levels"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, f"it is nested deeper than {DEEPEST} levels"),
        (b"[" * 900, f"it is nested deeper than {DEEPEST} levels, or not closed"),
        (b"[" * 1_000_000, "it has more than 1000 lists and objects"),
        (b"[" + b"{}," * 1001 + b"1]", "it has more than 1000 lists and objects"),
        (b"[" + b"[1]," * 1001 + b"1]", "it has more than 1000 lists and objects"),
        (b" " * 3_000_001, "it has 3000001 bytes, more than 3000000"),
    ],
)
@pytest.mark.parametrize("text", [True, False])
def test_what_is_refused(content: bytes, problem: str, text: bool) -> None:
    if text and problem.startswith("'utf-8'"):
        with pytest.raises(UnicodeDecodeError, match="utf-8"):
            content.decode()
        return
    with pytest.raises(JSONError, match=re.escape(problem)) as caught:
        read_json(content.decode() if text else content, largest=3_000_000, most_parts=1000)
    assert len(str(caught.value)) <= 200


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"\xef\xbb\xbf[1]", [1]),
        (DEEP[1:] + b"]" * DEEPEST, None),
        (b'["%s"]' % (b"[{" * 5000), ["[{" * 5000]),
        (b'["\\"%s", "\\\\"]' % (b"[" * 5000), ['"' + "[" * 5000, "\\"]),
        (b"9" * 4_000, int("9" * 4_000)),
    ],
)
def test_what_is_read(content: bytes, value: object) -> None:
    found = read_json(content, most_parts=1000)
    for _ in range(DEEPEST - 1 if value is None else 0):
        (found,) = found
    assert found == ([] if value is None else value)


def test_a_name_that_stands_twice() -> None:
    with pytest.raises(JSONError, match="a name stands twice"):
        read_json(b'[{"a": 1, "b": {}, "a": 2}]', unique=True)
    assert read_json(b'[{"a": 1}, {"a": 2}]', unique=True) == [{"a": 1}, {"a": 2}]


def test_constants_only_where_they_are_asked_for() -> None:
    np.testing.assert_equal(read_json(b"[NaN, -Infinity]", constants=True), [np.nan, -np.inf])


@pytest.mark.parametrize("content", [b'"' + b'\\"' * 2_000_000, b'"' * 2_000_000, b"[]" * 500_000])
def test_what_is_no_json_costs_no_more_than_its_length(content: bytes) -> None:
    start = time.thread_time()
    with pytest.raises(JSONError, match=r"Unterminated|Extra data"):
        read_json(content)
    assert time.thread_time() - start < 10  # takes some hundredths


OWN = {
    "onnxwright/json_text.py": "the rule",
    "runtime/protocol/numbers.py": "pieces of a list of numbers, of a bounded length",
    "runtime/ort/placement.py": "a profile that onnxruntime has just written",
    "bench/measure/reference.py": "what a worker of this run has written",
    "bench/measure/answering.py": "the request of the parent process",
    "bench/measure/launch.py": "the answer of a worker of this run",
    "bench/measure/profiles.py": "a profile of this run",
    "bench/measure/load_processes.py": "the answer of a worker of this run",
}
"""Files that may read JSON by themselves, and why: nobody else has written it."""


def test_no_other_reader_of_json() -> None:
    sources = [
        path
        for room in ("onnxwright", "graphs", "runtime", "bench")
        for path in (ROOT / room).rglob("*.py")
    ]
    found = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        if re.search(r"json\.loads?\(", path.read_text(encoding="utf-8"))
    }
    assert found == set(OWN)
