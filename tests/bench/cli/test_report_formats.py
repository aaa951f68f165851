"""``report`` and ``compare`` in several formats at once."""

import json
from pathlib import Path

import numpy as np
import pytest

from ..reports.recorded import PATH
from .conftest import Call

FORMATS = {"html": "<!doctype html>", "md": "", "csv": "model,", "json": "{"}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["-o", "r.html"], ["r.html"]),
        (["-o", "r.HTML"], ["r.HTML"]),
        (["-o", "r.html", "-o", "r.md", "-o", "s.csv"], ["r.html", "r.md", "s.csv"]),
        (["-o", "r", "--format", "html", "--format", "csv"], ["r.csv", "r.html"]),
        (["-o", "r.html", "--format", "html", "--format", "markdown"], ["r.html", "r.md"]),
        (["-o", "r.txt", "--format", "json", "-o", "page", "--format", "html"], ["page", "r.txt"]),
    ],
)  # fmt: skip
def test_files_are_written_in_their_formats(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    names: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call("report", PATH, *arguments)
    np.testing.assert_equal((code, out), (0, ""), err)
    np.testing.assert_equal(sorted(each.name for each in tmp_path.iterdir()), names)
    for path in tmp_path.iterdir():
        beginning = FORMATS.get(path.suffix.lower().lstrip("."), "")
        assert path.read_text(encoding="utf-8").startswith(beginning), path


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("html", "<!doctype html>"), ("csv", "model,"), ("json", "{\n"), ("markdown", "")],
)
def test_one_format_goes_to_stdout(call: Call, name: str, beginning: str) -> None:
    code, out, _ = call("report", PATH, "--format", name)
    np.testing.assert_equal(code, 0)
    assert out.startswith(beginning)
    if name == "json":
        np.testing.assert_equal(json.loads(out)["kind"], "results")


def test_compare_writes_a_page_and_keeps_its_exit_code(call: Call, tmp_path: Path) -> None:
    page = tmp_path / "c.html"
    code, out, err = call("compare", PATH, PATH, "-o", page)
    np.testing.assert_equal((code, out), (1, ""), err)  # one runtime is wrong, before and now
    assert "<h1>run against run</h1>" in page.read_text(encoding="utf-8")
    assert "--replicates" in err


@pytest.mark.parametrize("suffix", ["html", "md", "csv", "json"])
def test_a_series_is_a_report_too(call: Call, tmp_path: Path, suffix: str) -> None:
    copies = [tmp_path / f"{day}.json" for day in ("monday", "tuesday", "friday")]
    for copy in copies:
        copy.write_bytes(PATH.read_bytes())
    target = tmp_path / f"trend.{suffix}"
    code, _, err = call("report", *copies, "-o", target)
    np.testing.assert_equal(code, 0, err)
    text = target.read_text(encoding="utf-8")
    assert "friday" in text
    if suffix == "html":
        assert 'data-chart="trend"' in text
        assert "friday against monday" in text


def test_a_series_is_a_table_on_the_terminal(call: Call) -> None:
    code, out, _ = call("report", PATH, PATH)
    np.testing.assert_equal(code, 0)
    assert "same" in out


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        (["--format", "html", "--format", "csv"], "2 formats cannot share stdout",
         "name a file for each, such as -o report.html"),
        (["-o", "r.pdf"], "the ending of -o r.pdf names no format",
         "end it in .html, .md, .csv or .json, or say --format"),
        (["-o", "r.html", "-o", "r.html"], "r.html is to hold two reports",
         "give each a file of its own"),
        (["-o", "a", "-o", "b", "--format", "csv"], "1 --format and 2 files are given",
         "give one file for each format, or leave out --format"),
        (["-o", "a", "--format", "table"], "a table is for the terminal",
         "leave out -o, or write a file of another format"),
    ],
)  # fmt: skip
def test_formats_and_files_that_do_not_go_together(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], problem: str, remedy: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, out, err = call("report", PATH, *arguments)
    np.testing.assert_equal((code, out), (2, ""))
    assert problem in err
    assert remedy in err
    np.testing.assert_equal([*tmp_path.iterdir()], [])


def test_the_results_are_not_written_over(call: Call, tmp_path: Path) -> None:
    copy = tmp_path / "r.json"
    copy.write_bytes(PATH.read_bytes())
    code, _, err = call("report", copy, "-o", copy)
    np.testing.assert_equal(code, 2)
    assert "it would be written over" in err
    np.testing.assert_equal(copy.read_bytes(), PATH.read_bytes())
