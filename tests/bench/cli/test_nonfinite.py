"""Weights that are NaN or infinite are told on stderr, by name, unless they are allowed."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli

NETWORK = """
[network]
name = "net"
[inputs]
x = "batch 2"
[[layer]]
kind = "dense"
name = "head"
weights = { from = "arrays", w = "w" }
[outputs]
y = "head"
"""


@pytest.mark.parametrize(("options", "told"), [([], True), (["--allow-nonfinite"], False)])
def test_build_names_the_array(options: list[str], told: bool, tmp_path: Path) -> None:
    (tmp_path / "n.toml").write_text(NETWORK)
    np.savez(tmp_path / "w.npz", w=np.array([[1, np.nan], [np.inf, 1]], np.float32))
    arguments = ["build", str(tmp_path / "n.toml"), "-w", str(tmp_path / "w.npz")]
    result = CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path / "y.onnx"), *options])
    text = "warning: 'head.W' holds 2 of 4 numbers that are NaN or infinite\n"
    np.testing.assert_equal((result.exit_code, text in result.stderr), (0, told), result.output)
