from pathlib import Path

import numpy as np
import pytest

from onnxwright.graphs.errors import SpecError
from onnxwright.graphs.spec.source import MAX_BYTES, Place, locate, read_source

TEXT = '''\
# [[layer]] in a comment
[network]
name = """
[[layer]]
kind = "in a string"
"""
doc.short = "a"

[[layer]]
kind = "lstm"
values = [
    "x",  # [[layer]]
    "y",
]
[layer.weights]
from = "torch"
[layer.weights.backward]
layer = 1

[[layer]]
"kind" = 'dense'
weights = { from = "keras", arrays = ["k", "b"] }
'''

PLACES: list[tuple[Place, int]] = [
    (("network",), 2),
    (("network", "name"), 3),
    (("network", "doc", "short"), 7),
    (("layer", 0), 9),
    (("layer", 0, "kind"), 10),
    (("layer", 0, "values"), 11),
    (("layer", 0, "weights"), 15),
    (("layer", 0, "weights", "from"), 16),
    (("layer", 0, "weights", "backward", "layer"), 18),
    (("layer", 1), 20),
    (("layer", 1, "kind"), 21),
    (("layer", 1, "weights", "arrays", 1), 22),
]


@pytest.mark.parametrize(("place", "line"), PLACES)
def test_locate(place: Place, line: int) -> None:
    np.testing.assert_equal(locate(TEXT)[place], line)


def test_a_place_that_is_not_there_has_its_parents_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TEXT)
    source = read_source(tmp_path / "a.toml")
    np.testing.assert_equal(source.line(("layer", 1, "activation")), 20)
    np.testing.assert_equal(source.line(("nothing",)), 1)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = \xff", "a.toml: not valid TOML: 'utf-8' codec can't decode"),
        (b"a = " + b"[" * 100_000, "a.toml: not valid TOML: "),
        (b"#" * (MAX_BYTES + 1), "a.toml: larger than the 4194304 bytes"),
    ],
    ids=["utf-8", "nested", "large"],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(SpecError, match=problem):
        read_source(tmp_path / "a.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"absent.toml: cannot be read: No such file or directory"):
        read_source(tmp_path / "absent.toml")


ODD: list[tuple[str, Place, int]] = [
    ('a = "x\u2028y"\nb = 1', ("b",), 2),
    ('a = "x\x85y"\r\nb = 1', ("b",), 2),
    ("a = '''\n[t]\n''''\nb = 1", ("b",), 4),
    ('a = """x\\"""y"""\nb = 1', ("b",), 2),
    ('a = "["  # [\nb = [ # ]\n1]\nc = 1', ("c",), 4),
    ("k = '\\'\nb = 1", ("b",), 2),
]


@pytest.mark.parametrize(("text", "place", "line"), ODD)
def test_only_line_feeds_count_and_brackets_in_strings_do_not(
    text: str, place: Place, line: int
) -> None:
    np.testing.assert_equal(locate(text)[place], line)


def test_a_long_array_is_read_once() -> None:
    text = "w = [\n" + "1,\n" * 100_000 + "]\nlast = 1\n"
    np.testing.assert_equal(locate(text)[("last",)], 100_003)  # quadratic would take hours


@pytest.mark.parametrize("text", [".".join(["a"] * 40_000) + " = 1", "a = " + "[" * 40 + "]" * 40])
def test_a_file_that_is_too_deep_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(SpecError, match=r"a.toml: tables or lists stand more than 32 deep"):
        read_source(tmp_path / "a.toml")
