"""The README's Python runs as it stands; its shell commands are run by CI (.ci/readme.py)."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.cli.app import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_python_example_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "README.md", "exec"), {})
    (said,) = re.findall(r"print\(.*\)  # (.*)$", example, flags=re.MULTILINE)
    np.testing.assert_equal(printed.getvalue().strip(), said)


def test_ci_runs_every_shell_block_of_the_readme() -> None:
    script = subprocess.run(
        [sys.executable, ROOT / ".ci" / "readme.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    missing = [block for block in blocks("sh") if block not in script]
    np.testing.assert_equal(missing, [])
    np.testing.assert_equal(os.access(ROOT / ".ci" / "run", os.X_OK), True)


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"^onnxwright (\w+)", "\n".join(blocks("sh")), flags=re.MULTILINE))
    np.testing.assert_equal(sorted(named - set(COMMANDS)), [])
