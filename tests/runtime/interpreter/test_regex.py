"""RegexFullMatch by RE2, where it is installed, and by Python's engine: what onnxruntime gives."""

import time
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.runtime.interpreter.kernels.elementwise import regex

HEAD = '<ir_version: 10, opset_import: ["" : 20]> g '
MATCH = '(string[n] s) => (bool[n] y) { y = RegexFullMatch <pattern = ""> (s) }'


def model(pattern: str) -> onnx.ModelProto:
    found = onnx.parser.parse_model(HEAD + MATCH)
    found.graph.node[0].attribute[0].s = pattern.encode()
    return found


def matcher(pattern: str) -> runtime.Runner:
    return runtime.load(model(pattern))


def texts(*given: str) -> NDArray[Any]:
    return np.array(given, object)


@pytest.fixture
def without_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "linear_engine", lambda: None)


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a+)+b", "repeats what can match in several ways"),
        ("(a|ab)*c", "repeats what can match in several ways"),
        ("((a?)b){2,9}", "repeats what can match in several ways"),
        ("(?=a)b", "in another way than RE2"),
        (r"(a)\1", "looks back at what was found"),
        ("(a", "cannot read the pattern"),
    ],
)
@pytest.mark.usefixtures("without_re2")
def test_patterns_that_may_backtrack_without_end_are_refused(pattern: str, problem: str) -> None:
    with pytest.raises(runtime.NodeError, match=f"RegexFullMatch.*{problem}"):
        matcher(pattern).run({"s": texts("a" * 40)})


@pytest.mark.usefixtures("without_re2")
def test_the_refusal_names_the_remedy() -> None:
    with pytest.raises(runtime.NodeError, match=r"\n.*pip install 'onnxwright\[text\]'"):
        matcher("(a+)+b").run({"s": texts("a")})


@pytest.mark.usefixtures("without_re2")
def test_repeats_beside_one_another_count_as_steps() -> None:
    runner = matcher("a*" * 12 + "b")
    start = time.process_time()
    with pytest.raises(runtime.NodeError, match="more than 10000000 steps"):
        runner.run({"s": texts("a" * 100)})
    assert time.process_time() - start < 30


@pytest.mark.usefixtures("without_re2")
def test_plain_patterns_match_whole_texts() -> None:
    found = matcher("(www.)?[a-z]+.(com|org)").run({"s": texts("www.a.com", "b.org", "b.orgs")})
    np.testing.assert_array_equal(found["y"], [True, True, False])


PATTERNS = [
    "a", "a$", "^a$", "a$\n", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"[\s_]", r"[\d]", r"[\w-]",
    r"\bab\b", "(?i)é", "(?i)k", "[[:alpha:]]", "a{,2}", "a{1,2}", "a++", "(?>a)b", r"\Qa\E",
    r"\pL", "[^a]", ".", "(?s).", r"\x61", "a|b", "(a|b)*", r"\Aa\z", "(?P<n>a)", "(?:a)",
    r"[a\]]+",
    "[]a]+", r"x\.y", r"a\Z", "(?m)a$", r"\0", "a\\", "*", "(a", "[b-a]", "a{1001}", "(?x) a",
    r"\u0041", "é?", "a**", "a*?", "(?a)a", "[a&&b]", "[[a]", r"(a)\1", "(a+)+", "(?=a)b",
]  # fmt: skip
TEXTS = [
    "a", "a\n", "aa", "ab", "É", "é", "٣", "3", "\v", " ", "\t", "a{,2}", "a:", "l", "B", "b", "",
    "aé",
    "\u1680", "K", "\u212a", "[", "]", "a]", "x.y", "xzy", "_", "\0", "&", "-", "aaaa",
]  # fmt: skip
MUST_RUN = ("a", "a$", r"\d", r"\w", r"\s", r"\S", "a{1,2}", "[^a]", ".", "a|b", r"x\.y", r"\bab\b")
"""Patterns that Python's engine must take as well."""


def _by_onnxruntime(pattern: str) -> list[bool] | None:
    """Return what onnxruntime finds, None where it refuses the pattern."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="compares with onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model(pattern).SerializeToString(), options)
    except Exception as error:
        if "Invalid regex pattern" not in str(error):
            raise
        return None
    found: list[bool] = session.run(None, {"s": np.array(TEXTS, object)})[0].tolist()
    return found


def _here(pattern: str) -> list[bool] | None:
    try:
        found: list[bool] = matcher(pattern).run({"s": texts(*TEXTS)})["y"].tolist()
    except runtime.NodeError:
        return None
    return found


@pytest.mark.parametrize("pattern", PATTERNS)
def test_re2_gives_what_onnxruntime_gives(pattern: str) -> None:
    pytest.importorskip("re2", reason="needs the extra [text]")
    np.testing.assert_equal(_here(pattern), _by_onnxruntime(pattern))


@pytest.mark.usefixtures("without_re2")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_pythons_engine_gives_what_onnxruntime_gives_or_refuses(pattern: str) -> None:
    found = _here(pattern)
    assert found is not None or pattern not in MUST_RUN
    if found is not None:
        np.testing.assert_equal(found, _by_onnxruntime(pattern))


def test_re2_takes_patterns_that_backtrack_without_end_elsewhere() -> None:
    pytest.importorskip("re2", reason="needs the extra [text]")
    found = matcher("(a+)+b").run({"s": texts("a" * 100_000, "a" * 100_000 + "b")})["y"]
    np.testing.assert_array_equal(found, [False, True])


def test_re2_says_what_is_wrong_with_a_pattern_and_writes_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("re2", reason="needs the extra [text]")
    with pytest.raises(runtime.NodeError, match=r"the pattern '\(a' is no RE2 pattern: missing"):
        matcher("(a").run({"s": texts("a")})
    np.testing.assert_equal(capfd.readouterr().err, "")
