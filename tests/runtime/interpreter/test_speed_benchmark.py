"""The script that times the NumPy runtime runs, and what it times is right."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]


def test_it_prints_a_table_and_writes_its_rows(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("threadpoolctl")
    file = tmp_path / "rows.json"
    command = [
        sys.executable,
        "-m",
        "tools.evidence.interpreter",
        "--quick",
        "--only",
        "RNN T100 H128 b1",
    ]
    done = subprocess.run(
        [*command, "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (row,) = json.loads(file.read_text())
    assert f"| {row['case']} |" in done.stdout
    assert min(row["numpy"], row["reference"], row["onnxruntime"]) > 0
    np.testing.assert_allclose(sum(row["shares"].values()), 1, atol=1e-6)
    np.testing.assert_allclose(row["error"], 0, atol=1e-4)
