"""The commands as a user calls them: what they print, where, and how they exit."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

import onnxwright
from onnxwright.bench.cli.app import COMMANDS

from .conftest import Call


@pytest.fixture
def model(tmp_path: Path) -> Path:
    proto = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[batch, 3] x, int64[batch] ids) => (float[batch, 4] y) {
            r = Gather (w, ids)
            p = MatMul (x, r0)
            y = Add (p, r)
        }""")
    for name, shape in (("w", (5, 4)), ("r0", (3, 4))):
        array = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        proto.graph.initializer.append(numpy_helper.from_array(array, name))
    onnx.save(proto, tmp_path / "m.onnx")
    np.savez(tmp_path / "in.npz", x=np.ones((2, 3), np.float32), ids=np.array([0, 4]))
    return tmp_path / "m.onnx"


def test_help_imports_nothing_heavy() -> None:
    """Fails when the root of the command line imports a runtime, ONNX or SciPy."""
    heavy = "onnx, onnxruntime, scipy, numpy, matplotlib, torch, rich"
    code = f"""
import sys
from onnxwright.bench.cli.app import main
try:
    main(["--help"])
except SystemExit as stop:
    assert not stop.code
found = sorted(set("{heavy}".split(", ")) & sys.modules.keys())
assert not found, found
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    np.testing.assert_equal([done.returncode, done.stderr], [0, ""])
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout, name


def test_help_imports_hardly_more_than_the_help_of_any_click_program() -> None:
    """Fails when the root of the command line imports pathlib, say: 2 ms, of 31 for click."""
    paths = [str(Path(module.__file__ or "").parents[1]) for module in (onnxwright, click)]
    code = f"""
import sys
sys.path += {paths}
import click
click.Group("any", commands=[click.Command("one")])(["--help"], standalone_mode=False)
before = set(sys.modules)
from onnxwright.bench.cli.app import main
try:
    main(["--help"])
except SystemExit as stop:
    assert not stop.code
more = {{name for name in sys.modules if not name.startswith("onnxwright")}} - before
print(*more, file=sys.stderr)
"""
    bare = [sys.executable, "-I", "-S", "-c", code]  # site imports pathlib, for editable installs
    done = subprocess.run(bare, capture_output=True, text=True, check=False)
    np.testing.assert_equal([done.returncode, set(done.stderr.split()) - {"signal"}], [0, set()])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, call: Call) -> None:
    code, out, _ = call(name, "--help")
    assert "\\b" not in out  # a mark of click's own, which keeps lines as they are
    np.testing.assert_equal(code, 0)
    assert out.startswith(f"Usage: onnxwright {name}")


def test_run_writes_the_outputs(model: Path, call: Call) -> None:
    out = model.parent / "out.npz"
    code, stdout, stderr = call("run", model, "--input", model.parent / "in.npz", "-o", out)
    np.testing.assert_equal([code, stdout], [0, ""])
    assert stderr.startswith("wrote 1 arrays to ")
    with np.load(out) as arrays:
        np.testing.assert_equal(arrays["y"].shape, (2, 4))


def test_run_writes_npz_only(model: Path, call: Call) -> None:
    code, _, stderr = call("run", model, "--seed", "0", "-o", model.parent / "out.npy")
    assert code == 2
    assert "is no .npz file\n  write -o out.npz" in stderr


def test_a_tolerance_that_is_no_number_never_agrees(model: Path, call: Call) -> None:
    code, _, stderr = call("verify", model, "--atol", "nan")
    np.testing.assert_equal(code, 2)
    assert "is not a finite number" in stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a full disk")
def test_a_full_disk_behind_stdout_is_told(model: Path) -> None:
    command = [sys.executable, "-m", "onnxwright", "inspect", str(model)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    np.testing.assert_equal(done.returncode, 2)
    assert done.stderr.startswith("error: the system refused: [Errno 28]"), done.stderr


def test_run_prints_a_summary(model: Path, call: Call) -> None:
    code, stdout, _ = call("run", model, "--seed", "1", "--dim", "batch=6", "--format", "json")
    np.testing.assert_equal(code, 0)
    (row,) = json.loads(stdout)["outputs"]
    np.testing.assert_equal([row["name"], row["shape"], row["not_finite"]], ["y", [6, 4], 0])
    code, stdout, _ = call("run", model, "--seed", "1")
    assert "float32" in stdout
    assert "2 x 4" in stdout


def test_verify_passes_and_fails_by_its_exit_code(model: Path, call: Call) -> None:
    pytest.importorskip("onnxruntime")
    code, stdout, _ = call("verify", model, "--on", "cpu", "--format", "json")
    found = json.loads(stdout)
    np.testing.assert_equal([code, found["passed"], found["schema_version"]], [0, True, 1])
    np.testing.assert_equal(found["nodes"].keys() <= {"cpu"}, True)
    code, stdout, _ = call("verify", model, "--on", "cpu", "--atol", "0", "--rtol", "0")
    np.testing.assert_equal(code, 1)
    assert "DIFFERS" in stdout
    assert "first divergent node: MatMul" in stdout
    code, stdout, _ = call(
        "verify", model, "--on", "cpu", "--atol", "0", "--rtol", "0", "--no-search"
    )
    np.testing.assert_equal(["first divergent" in stdout, code], [False, 1])


def test_verify_takes_inputs_from_files(model: Path, call: Call) -> None:
    code, stdout, _ = call("verify", model, "--input", model.parent / "in.npz", "--format", "json")
    np.testing.assert_equal([code, json.loads(stdout)["outputs"][0]["shape"]], [0, [2, 4]])


def test_inspect_tells_what_stands_in_the_file(model: Path, call: Call) -> None:
    code, stdout, _ = call("inspect", model, "--format", "json")
    found: dict[str, Any] = json.loads(stdout)
    np.testing.assert_equal(code, 0)
    np.testing.assert_equal(found["operators"], {"Gather": 1, "MatMul": 1, "Add": 1})
    np.testing.assert_equal([found["parameters"], found["parameter_bytes"]], [32, 128])
    np.testing.assert_equal(found["opsets"], {"ai.onnx": 17})
    np.testing.assert_equal(found["kernels"], dict.fromkeys(found["operators"], "own"))
    np.testing.assert_equal(
        found["inputs"][0], {"name": "x", "dtype": "float32", "shape": ["batch", 3]}
    )
    code, stdout, _ = call("inspect", model)
    assert "takes    x (batch 3, float32)" in stdout


def test_providers_lists_numpy_first_and_keeps_the_brackets_of_extras(call: Call) -> None:
    code, stdout, _ = call("providers")
    np.testing.assert_equal(code, 0)
    assert "'onnxwright[directml]'" in stdout
    code, stdout, _ = call("providers", "--format", "json")
    np.testing.assert_equal(json.loads(stdout)["providers"][0]["on"], "numpy")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["run", "none.onnx"], "error: cannot read none.onnx: No such file or directory\n  check"),
        (["inspect", "none.onnx"], "error: cannot read none.onnx"),
        (["run", "MODEL"], "error: input 'x' is missing\n  the model needs 'x', 'ids'"),
        (["run", "MODEL", "--on", "gpu"], "error: there is no runtime called 'gpu'\n  use one of"),
        (["run", "MODEL", "--threads", "2"], "error: on='numpy' has no option 'threads'"),
        (["verify", "MODEL", "--on", "directml"], "error: the provider 'directml'"),
        (["verify", "MODEL", "--dim", "b=2"], "error: the model has no dim 'b'"),
        (["verify", "MODEL", "--input", "x.npy"], "error: --input x.npy names no input"),
        (["run", "MODEL", "--on", "cpu", "--provider-option", "x"], "error: --provider-option x"),
        (["run", "MODEL", "--seed", "1", "-o", "no/out.npz"], "error: cannot write no/out.npz"),
        (["verify"], "error: missing argument 'MODEL'\n  see onnxwright verify --help"),
        (["nothing"], "error: onnxwright has no command 'nothing'\n  see onnxwright --help"),
    ],
)
def test_mistakes_exit_with_2_and_two_lines(
    arguments: list[str], problem: str, model: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    if {"cpu", "directml"} & set(arguments):
        pytest.importorskip("onnxruntime")
    monkeypatch.chdir(model.parent)
    code, stdout, stderr = call(*(str(model) if a == "MODEL" else a for a in arguments))
    np.testing.assert_equal([code, stdout], [2, ""])
    assert stderr.startswith(problem), stderr
    assert "Traceback" not in stderr


def test_names_in_a_model_cannot_command_the_terminal(tmp_path: Path, call: Call) -> None:
    name = "x\x1b[2J\nb[red]"
    proto = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x) => (float[n] y) { y = Relu (x) }""")
    proto.graph.input[0].name = proto.graph.node[0].input[0] = name
    onnx.save(proto, tmp_path / "m.onnx")
    for arguments in (("inspect",), ("run",), ("verify", "--atol", "0", "--rtol", "0")):
        _, stdout, stderr = call(*arguments, tmp_path / "m.onnx")
        assert "\x1b[2J" not in stdout + stderr
    assert r"x\x1b[2J\nb[red]" in call("inspect", tmp_path / "m.onnx")[1]
