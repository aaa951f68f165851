"""Bad input to every command: exit code 2, two clear lines, and no file is touched or left."""

import json
import os
import shlex
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
import safetensors.numpy

from onnxwright.bench.cli.app import COMMANDS
from onnxwright.graphs import DenseWeights, Network

from .bad_inputs import rows
from .conftest import Call

NETWORK = """[inputs]
x = "batch 3"
[[layer]]
kind = "dense"
name = "head"
weights = { from = "torch", prefix = "head" }
[outputs]
y = "head"
"""
CENTRED = """<ir_version: 8, opset_import: ["" : 17]>
    centred (float[batch, 3] x) => (float[batch, 3] y)
    { mean = ReduceMean <axes = [0]> (x)  y = Sub(x, mean) }"""
WEIGHTS = {"head.weight": np.ones((2, 3), np.float32), "head.bias": np.zeros(2, np.float32)}


def outside(model: onnx.ModelProto, name: str, location: str) -> onnx.ModelProto:
    """Return the model with the initializer of that name in another file."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for tensor in changed.graph.initializer:
        if tensor.name == name:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=location)
    return changed


def write_models(folder: Path) -> None:
    net = Network("net")
    x = net.input("x", "batch 3")
    weights = DenseWeights(WEIGHTS["head.weight"], WEIGHTS["head.bias"])
    net.output("y", net.dense(x, weights, name="head"))
    net.save(folder / "m.onnx")
    model = net.build()
    for tensor in model.graph.initializer:
        tensor.name = "w" if tensor.name == "head.W" else tensor.name
    (folder / "outside.onnx").write_bytes(outside(model, "w", "outside.data").SerializeToString())
    (folder / "outside.data").write_bytes(bytes(24))
    (folder / "no-data.onnx").write_bytes(outside(model, "w", "gone").SerializeToString())
    changed = net.build()
    weight = changed.graph.initializer[0]
    weight.raw_data = bytes(byte ^ 1 for byte in weight.raw_data)
    onnx.save(changed, folder / "changed.onnx")
    model.graph.initializer.add(name="w", data_type=1, dims=[2**62] * 40_000)
    del model.graph.initializer[:-1]
    onnx.save(model, folder / "dims.onnx")
    parts = onnx.helper.make_node("Split", ["x"], ["y"], num_outputs=2**31 - 1)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.node.append(parts)
    onnx.save(model, folder / "split.onnx")
    onnx.save(onnx.parser.parse_model(CENTRED), folder / "centred.onnx")
    (folder / "broken.onnx").write_bytes(b"no model at all")
    (folder / "empty.onnx").touch()


def write_arrays(folder: Path) -> None:
    weights: Any = WEIGHTS
    safetensors.numpy.save_file(weights, folder / "w.safetensors")
    np.savez(folder / "w.npz", **weights)
    np.save(folder / "x.npy", np.ones((2, 3), np.float32))
    np.save(folder / "objects.npy", np.array([{}, 1], object), allow_pickle=True)
    np.savez(folder / "in.npz", x=np.ones((2, 3), np.float32))
    np.savez(folder / "wide.npz", x=np.ones((2, 4), np.float32))
    np.savez(folder / "y.npz", y=np.ones((2, 2), np.float32))
    np.savez(folder / "one.npz", z=np.ones(1))
    with zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", (folder / "x.npy").read_bytes())
        archive.infolist()[0].file_size = 2**31
    (folder / "broken.npz").write_bytes((folder / "w.npz").read_bytes()[:99])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    write_models(made)
    write_arrays(made)
    texts = {"net.toml": NETWORK, "bad.toml": "[inputs\n", "r.json": "{}", "bad.json": "{"}
    for name, text in texts.items():
        (made / name).write_text(text)
    (made / "dir").mkdir()
    os.link(made / "w.safetensors", made / "hard.safetensors")
    (made / "link.toml").symlink_to("net.toml")
    (made / "link.npz").symlink_to("w.npz")
    return made


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes | None]]:
    """Return mode, time of change and content of everything in a folder, by path."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else None,
        )
        for path in [folder, *folder.rglob("*")]
    }


def agrees(line: str, wanted: str) -> bool:
    """Say whether a line is as wanted, up to where that ends in dots."""
    return line.startswith(wanted[:-3]) if wanted.endswith("...") else line == wanted


@pytest.mark.parametrize(("line", "problem", "remedy"), rows(), ids=[row[0] for row in rows()])
def test_bad_input_is_told_and_nothing_is_touched(
    line: str,
    problem: str,
    remedy: str,
    folder: Path,
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--on cpu" in line:
        pytest.importorskip("onnxruntime")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = snapshot(folder)
    code, stdout, stderr = call(*shlex.split(line))
    np.testing.assert_equal(snapshot(folder) == before, True)
    np.testing.assert_equal(os.listdir(tmp_path), [])
    np.testing.assert_equal((code, stdout), (2, ""))
    told = stderr.splitlines()[-2:]
    assert agrees(told[0], f"error: {problem}"), stderr
    assert agrees(told[1], f"  {remedy}"), stderr
    assert "Traceback" not in stderr
    assert all(0 < len(text) <= 700 for text in told)


@pytest.mark.parametrize("line", [line for line, *_ in rows() if "--format" not in line])
def test_a_program_finds_the_error_as_json(
    line: str, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "--on cpu" in line:
        pytest.importorskip("onnxruntime")
    monkeypatch.chdir(folder)
    name, *words = shlex.split(line)
    code, stdout, stderr = call(name, "--format", "json", *words)
    problem, remedy = stderr.splitlines()[-2:]
    wanted = {"error": problem.removeprefix("error: "), "remedy": remedy.strip()}
    np.testing.assert_equal((code, json.loads(stdout)), (2, wanted))


def test_there_is_a_bad_input_of_every_command() -> None:
    np.testing.assert_equal(sorted(set(COMMANDS) - {line.split()[0] for line, *_ in rows()}), [])
    np.testing.assert_array_less(60, len(rows()))
