"""Releases as ``--ort`` names them, and where their environments are kept."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.releases import (
    MOST,
    environment_name,
    environments_folder,
    interpreter,
    parse_releases,
)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.20.", "v1.20", "1.20.1rc1", "1 .20", "==1.20", "1.20;x", "1.20\nx", "../1.20",
     "-r x", "1.20.1.1", "1234.1", "١.٢٠"],
)  # fmt: skip
def test_a_release_is_a_number_and_nothing_else(text: str) -> None:
    with pytest.raises(BenchError, match=r"is no release of onnxruntime\nwrite it as 1.20 or"):
        parse_releases([f"1.30,{text}"])


def test_releases_come_oldest_first() -> None:
    np.testing.assert_equal(parse_releases(["1.100, 1.9", "1.20.1"]), ("1.9", "1.20.1", "1.100"))


def test_too_many_or_the_same_twice_are_refused() -> None:
    with pytest.raises(BenchError, match=r"names 1\.20 twice\ngive each release once"):
        parse_releases(["1.20,1.21", "1.20"])
    with pytest.raises(BenchError, match=rf"names {MOST + 1} releases\ngive at most {MOST}"):
        parse_releases([f"1.{minor}" for minor in range(MOST + 1)])


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "{}/x"}, "x"),
        ("linux", {"XDG_CACHE_HOME": ""}, ".cache"),
        ("darwin", {}, "Library/Caches"),
        ("win32", {"LOCALAPPDATA": "{}/local"}, "local"),
    ],
)
def test_the_folder_is_where_the_system_keeps_caches(
    system: str,
    variables: dict[str, str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    np.testing.assert_equal(
        environments_folder(), tmp_path / expected / "onnxwright" / "environments"
    )


def test_another_python_has_another_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    here = environment_name("1.20")
    assert here.startswith(f"onnxruntime-1.20-{sys.implementation.cache_tag}-")
    monkeypatch.setattr(sys, "base_prefix", os.sep + "elsewhere")
    assert environment_name("1.20") != here


def test_the_interpreter_lies_in_its_folder(tmp_path: Path) -> None:
    assert interpreter(tmp_path).is_relative_to(tmp_path)
