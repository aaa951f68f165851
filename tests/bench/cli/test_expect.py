"""``onnxwright verify --expect``: is it the right net, not only the right runtime?"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.bench.digits import data, nets
from onnxwright.graphs.spec import read_network

from .conftest import Call

NET = "lstm"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    nets.build(NET).save(tmp_path / "net.onnx")
    images = data.images()[:20].reshape(20, 8, 8)
    np.savez(tmp_path / "io.npz", x=images, logits=data.logits(NET)[:20])
    np.savez(tmp_path / "out.npz", logits=data.logits(NET)[:20])
    np.save(tmp_path / "x.npy", images)
    return tmp_path / "net.onnx"


@pytest.mark.parametrize("inputs", [["io.npz"], ["out.npz", "--input", "x={}/x.npy"]])
def test_the_right_translation_passes(inputs: list[str], model: Path, call: Call) -> None:
    folder = model.parent
    options = [text.format(folder) for text in inputs[1:]]
    code, out, _ = call("verify", model, "--expect", folder / inputs[0], *options)
    np.testing.assert_equal(code, 0)
    assert "the model computes what" in out


def test_several_runtimes_are_verified_in_one_call(model: Path, call: Call) -> None:
    several = ["--on", "numpy", "--on", "numpy:float64", "--expect", model.parent / "io.npz"]
    code, out, _ = call("verify", model, *several, "--format", "json")
    told = json.loads(out)
    np.testing.assert_equal((code, told["passed"]), (0, True))
    np.testing.assert_equal([one["on"] for one in told["runtimes"]], ["numpy", "numpy:float64"])
    np.testing.assert_equal(list(told["translation"]["outputs"]), ["numpy:float64", "numpy"])
    code, out, _ = call("verify", model, *several)
    np.testing.assert_equal((code, out.count("agree with numpy:float64")), (0, 2))
    code, _, _ = call("verify", model, *several, "--atol", "0", "--rtol", "0")
    np.testing.assert_equal(code, 1)


def test_a_wrong_translation_fails_although_the_runtime_is_right(model: Path, call: Call) -> None:
    wrong = data.logits(NET)[:20] + np.float32(1e-3)
    np.savez(model.parent / "io.npz", x=data.images()[:20].reshape(20, 8, 8), logits=wrong)
    code, out, _ = call("verify", model, "--expect", model.parent / "io.npz", "--format", "json")
    told = json.loads(out)
    np.testing.assert_equal((code, told["passed"], told["translation"]["passed"]), (1, True, False))
    rows = told["translation"]["outputs"]
    np.testing.assert_equal(list(rows), ["numpy:float64", "numpy"])
    np.testing.assert_allclose(rows["numpy"][0]["max_abs"], 1e-3, rtol=0.05)


def test_the_readmes_file_holds_what_pytorch_gave() -> None:
    with np.load(str(files("onnxwright.bench.digits") / "io/bilstm2.npz")) as given:
        np.testing.assert_array_equal(given["x"], data.images()[:20].reshape(20, 8, 8))
        np.testing.assert_array_equal(given["logits"], data.logits("bilstm2")[:20])


@pytest.mark.parametrize(("added", "told"), [(0.5, ", off by 0.5"), (np.nan, "not finite")])
def test_the_worst_element_is_named(added: float, told: str, model: Path, call: Call) -> None:
    wrong = data.logits(NET)[:20] + np.float32(1e-3)
    wrong[7, 3] += added
    np.savez(model.parent / "io.npz", x=data.images()[:20].reshape(20, 8, 8), logits=wrong)
    code, out, _ = call("verify", model, "--expect", model.parent / "io.npz")
    np.testing.assert_equal(code, 1)
    np.testing.assert_equal(out.count("worst: logits[7, 3] on numpy"), 1)
    assert told in out
    out = call("verify", model, "--expect", model.parent / "io.npz", "--format", "json")[1]
    np.testing.assert_equal(json.loads(out)["translation"]["worst"]["position"], [7, 3])


def test_another_shape_fails(model: Path, call: Call) -> None:
    np.savez(
        model.parent / "io.npz",
        x=data.images()[:20].reshape(20, 8, 8),
        logits=data.logits(NET)[:20, :0],
    )
    code, out, _ = call("verify", model, "--expect", model.parent / "io.npz")
    np.testing.assert_equal(code, 1)
    assert f"its shape is [20, 10], in {model.parent / 'io.npz'} it is [20, 0]" in out


@pytest.mark.parametrize(
    ("arrays", "options", "problem", "remedy"),
    [
        (["logits"], [], "inputs that are not all given: 'x'", "give them by --input or in the"),
        (["x"], [], "has no output of the model: it has 'x'", "name what the framework gave 'log"),
        (["logits", "y"], [], "'y' is neither an input nor an output", "name the arrays after"),
        (["logits", "x"], ["--input", "x={}/x.npy"], "'x' is given, and stands in", "leave one of"),
        ([], [], "has no output of the model: it has none", "name what the framework gave"),
    ],
)
def test_what_cannot_be_compared_is_told(
    arrays: list[str],
    options: list[str],
    problem: str,
    remedy: str,
    model: Path,
    call: Call,
) -> None:
    folder = model.parent
    zeros: Any = dict.fromkeys(arrays, np.zeros((20, 8, 8), np.float32))
    np.savez(folder / "e.npz", **zeros)
    given = [text.format(folder) for text in options]
    code, _, err = call("verify", model, "--expect", folder / "e.npz", *given)
    np.testing.assert_equal(code, 2)
    assert problem in err
    assert remedy in err


def test_outputs_without_rows_prove_nothing(model: Path, call: Call) -> None:
    file = model.parent / "e.npz"
    np.savez(file, x=data.images()[:0].reshape(0, 8, 8), logits=data.logits(NET)[:0])
    code, _, err = call("verify", model, "--expect", file)
    np.testing.assert_equal(code, 2)
    assert "has no number to compare with: 'logits' of no rows\n  record outputs for at" in err


def test_a_file_that_is_no_archive_is_told(model: Path, call: Call) -> None:
    code, _, err = call("verify", model, "--expect", model.parent / "x.npy")
    np.testing.assert_equal(code, 2)
    assert (
        "it is a NumPy array, not a file of NumPy arrays (.npz)\n  write it by numpy.savez" in err
    )


def test_weights_changed_behind_the_models_back_are_told(tmp_path: Path, call: Call) -> None:
    nets.build(NET).save(tmp_path / "net.onnx", external_threshold=0)
    (weights,) = tmp_path.glob("*.data")
    content = bytearray(weights.read_bytes())
    content[5] ^= 64
    weights.write_bytes(content)
    code, _, err = call("verify", tmp_path / "net.onnx")
    np.testing.assert_equal(code, 2)
    assert "its weights are not those that it was built with" in err
    code, out, _ = call("inspect", tmp_path / "net.onnx", "--format", "json")
    np.testing.assert_equal((code, json.loads(out)["weights_digest"][:7]), (0, "DIFFERS"))


def test_ids_beyond_the_table_are_told_in_plain_words(tmp_path: Path, call: Call) -> None:
    net = tmp_path / "net.toml"
    net.write_text(
        '[inputs]\nx = { dims = "batch time", dtype = "int32" }\n'
        '[[layer]]\nkind = "embedding"\nname = "words"\ntable = "words"\n[outputs]\ny = "words"\n'
    )
    np.savez(tmp_path / "w.npz", words=np.ones((6, 4), "float32"))
    y = np.ones((1, 2, 4), "float32")
    np.savez(tmp_path / "io.npz", x=np.array([[2, 900]], "int32"), y=y)
    target = tmp_path / "net.onnx"
    words = ["build", net, "-w", tmp_path / "w.npz", "-o", target, "--check", tmp_path / "io.npz"]
    code, _, err = call(*words)
    np.testing.assert_equal((code, target.exists()), (2, False))
    assert err.startswith(f"error: with the inputs for {tmp_path / 'io.npz'}: node 'words/Gather'")
    assert "an index is out of range: index 900 is out of bounds for axis 0 with size 6" in err
    assert err.endswith(
        "feed ids that the table has rows for, as in the data that the net was trained with\n"
    )


@pytest.mark.parametrize("kind", ["gru", "lstm"])
@pytest.mark.parametrize("command", ["verify", "build"])
def test_states_that_no_framework_gives_begin_at_zero(
    kind: str, command: str, tmp_path: Path, call: Call
) -> None:
    blocks = {"gru": 3, "lstm": 4}[kind] * 5
    rng = np.random.default_rng(0)
    shapes = {"w": (1, blocks, 4), "r": (1, blocks, 5), "b": (1, 2 * blocks)}
    state: dict[str, Any] = {
        name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()
    }
    np.savez(tmp_path / "w.npz", **state)
    reset = ', reset = "after"' if kind == "gru" else ""
    arrays = f'from = "arrays", w = "w", r = "r", b = "b"{reset}'
    text = (
        f'[inputs]\nx = "batch time 4"\n[[layer]]\nkind = "{kind}"\nname = "h"\n'
        f'weights = {{ {arrays} }}\n[outputs]\ny = "h"\n'
    )
    (tmp_path / "net.toml").write_text(f"[network]\nstreaming = true\n{text}")
    (tmp_path / "plain.toml").write_text(text)
    x = rng.normal(size=(3, 7, 4)).astype("float32")
    plain = read_network(tmp_path / "plain.toml", state).build()
    (y,) = runtime.load(plain).run({"x": x}).values()
    np.savez(tmp_path / "io.npz", x, y)
    model = tmp_path / "net.onnx"
    words: list[Any] = ["build", tmp_path / "net.toml", "-w", tmp_path / "w.npz", "-o", model]
    if command == "build":
        words += ["--check", tmp_path / "io.npz"]
    np.testing.assert_equal(call(*words)[0], 0)
    if command == "verify":
        np.testing.assert_equal(call("verify", model, "--expect", tmp_path / "io.npz")[0], 0)
        np.savez(tmp_path / "io.npz", x, y + 1)
        np.testing.assert_equal(call("verify", model, "--expect", tmp_path / "io.npz")[0], 1)
