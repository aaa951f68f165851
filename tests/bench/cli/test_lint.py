"""``onnxwright lint``."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result

from onnxwright.bench.cli.app import cli, main
from tests.graphs.targets.examples import example


def linted(folder: Path, spec: dict[str, Any], *arguments: str) -> Result:
    path = folder / "m.onnx"
    onnx.save(example(spec), path)
    return CliRunner().invoke(cli, ["lint", str(path), *arguments])


@pytest.mark.parametrize(
    ("spec", "arguments", "code"),
    [
        ({"op": "LSTM"}, ["--target", "cuda"], 0),
        ({"op": "GRU"}, ["--target", "cuda"], 1),
        ({"op": "GRU"}, ["--target", "cuda", "--fail-on", "unsupported"], 0),
        ({"op": "GRU"}, ["--target", "cuda", "--fail-on", "never"], 0),
        ({"op": "Scan"}, ["--target", "cuda"], 0),
        ({"op": "Scan"}, ["--target", "cuda", "--fail-on", "slow"], 1),
        ({"op": "LSTM", "inputs": ["P"]}, ["-t", "openvino", "--fail-on", "wrong"], 1),
    ],
)
def test_the_exit_status(
    tmp_path: Path, spec: dict[str, Any], arguments: list[str], code: int
) -> None:
    np.testing.assert_equal(linted(tmp_path, spec, *arguments).exit_code, code)


def test_json_names_node_verdict_reason_remedy_and_source(tmp_path: Path) -> None:
    done = linted(tmp_path, {"op": "GRU"}, "--target", "cuda", "--format", "json")
    told = json.loads(done.stdout)
    (finding,) = told["findings"]
    np.testing.assert_equal((told["target"], told["schema_version"]), ("cuda", 1))
    np.testing.assert_equal(
        {key: finding[key] for key in ("node", "op", "where", "verdict", "rule")},
        {
            "node": "the-GRU",
            "op": "GRU",
            "where": "main graph",
            "verdict": "falls back to CPU",
            "rule": "cuda-gru-reset-before",
        },
    )
    assert "linear_before_reset=1" in finding["remedy"]
    assert "onnxruntime 1.31.1" in finding["source"]


def test_the_table_has_the_worst_first(tmp_path: Path) -> None:
    spec = {"op": "LSTM", "inputs": ["P"], "attributes": {"layout": 1}}
    done = linted(tmp_path, spec, "--target", "cuda")
    assert done.stdout.index("unsupported") < done.stdout.index("falls back")
    assert "1 unsupported, 1 falls back to CPU" in done.stderr


def test_a_clean_model_is_said_to_be(tmp_path: Path) -> None:
    done = linted(tmp_path, {"op": "Gemm"}, "--target", "cpu")
    np.testing.assert_equal(done.stdout, "")
    assert (
        "m.onnx on cpu (onnxruntime 1.32.0, CPU execution provider): nothing found" in done.stderr
    )


@pytest.mark.parametrize(
    ("content", "target", "message"),
    [
        (b"no model", "cuda", "is no model that can be run"),
        (None, "cuda", "cannot read"),
        (b"", "gpu", "target 'gpu' is not known"),
    ],
)
def test_bad_input_ends_with_two(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    target: str,
    message: str,
) -> None:
    path = tmp_path / "m.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match="2"):
        main(["lint", str(path), "--target", target])
    assert message in capsys.readouterr().err
