"""``onnxwright bundle``: what it prints, and its exit status."""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from onnxwright.graphs.bundles import TARGETS
from onnxwright.graphs.bundles.checks.check import CHECKS
from tests.graphs.bundles import trees

from .conftest import Call

ROOT = Path(__file__).parents[3]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    trees.stream().save(tmp_path / "stream.onnx")
    return tmp_path / "stream.onnx"


def test_it_says_how_the_bundle_is_started(model: Path, tmp_path: Path, call: Call) -> None:
    made = tmp_path / "out"
    code, out, err = call("bundle", model, "--for", "triton", "-o", made)
    np.testing.assert_equal((code, err), (0, ""))
    told = [
        f"{made}: stream for triton, to be started there:",
        "  tritonserver --model-repository=. --disable-auto-complete-config",
    ]
    np.testing.assert_equal(out.splitlines(), told)


def test_json_lists_the_files(model: Path, tmp_path: Path, call: Call) -> None:
    made = tmp_path / "out"
    arguments = ("--for", "openvino-server", "-o", made, "--name", "ear", "--format", "json")
    code, out, _ = call("bundle", model, *arguments)
    told = json.loads(out)
    np.testing.assert_equal(code, 0)
    np.testing.assert_equal(
        {key: told[key] for key in ("schema_version", "folder", "target", "name", "notes")},
        {
            "schema_version": 1,
            "folder": str(made),
            "target": "openvino-server",
            "name": "ear",
            "notes": [],
        },
    )
    there = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()]
    np.testing.assert_equal(sorted(told["files"]), sorted(there))


def test_options_reach_the_bundle(model: Path, tmp_path: Path, call: Call) -> None:
    words = "--max-batch 4 --max-delay 2.5 --warm-up 2 --dim time=7 --model-version 3"
    code, _, err = call("bundle", model, "--for", "triton", "-o", tmp_path / "out", *words.split())
    np.testing.assert_equal((code, err), (0, ""))
    text = (tmp_path / "out/stream/config.pbtxt").read_text()
    for part in ("max_batch_size: 4", "max_queue_delay_microseconds: 2500", "dims: [ 7, 3 ]"):
        assert part in text
    np.testing.assert_equal((tmp_path / "out/stream/3/model.onnx").is_file(), True)


def test_a_model_that_cannot_be_batched_is_noted(tmp_path: Path, call: Call) -> None:
    proto = trees.stream().build()
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2
    onnx.save(proto, tmp_path / "m.onnx")
    code, _, err = call("bundle", tmp_path / "m.onnx", "--for", "triton", "-o", tmp_path / "out")
    told = "note: requests are not batched: the first dim of 'x' is fixed or missing\n"
    np.testing.assert_equal((code, err), (0, told))


@pytest.fixture
def mixing(tmp_path: Path) -> Path:
    """Return a model that takes the mean of its batch from every row."""
    make, real = onnx.helper, onnx.TensorProto.FLOAT
    x, y = (make.make_tensor_value_info(name, real, ["batch", 3]) for name in "xy")
    nodes = [
        make.make_node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1),
        make.make_node("Sub", ["x", "mean"], ["y"]),
    ]
    graph = make.make_graph(nodes, "mixing", [x], [y])
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "mixing.onnx")
    return tmp_path / "mixing.onnx"


def test_rows_that_depend_on_each_other_are_not_batched(
    mixing: Path, tmp_path: Path, call: Call
) -> None:
    told = "requests to the model 'mixing' cannot be joined: what a row gives depends on the rows"
    code, _, err = call("bundle", mixing, "--for", "triton", "-o", tmp_path / "out")
    np.testing.assert_equal((code, err.startswith(f"note: {told}")), (0, True))
    assert "max_batch_size: 0" in (tmp_path / "out/mixing/config.pbtxt").read_text()
    for target in ("triton", "mlserver"):
        words = ("--for", target, "--max-batch", "8", "-o", tmp_path / "other")
        code, _, err = call("bundle", mixing, *words)
        np.testing.assert_equal((code, err.startswith(f"error: {told}")), (2, True))
        assert err.endswith("give --max-batch 0\n")
    np.testing.assert_equal((tmp_path / "other").exists(), False)


def test_a_check_ends_with_1_where_something_is_wrong(
    model: Path, tmp_path: Path, call: Call
) -> None:
    pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
    made = tmp_path / "out"
    call("bundle", model, "--for", "triton", "--states", "server", "-o", made)
    code, out, err = call("bundle", "--check", made)
    np.testing.assert_equal((code, out, err), (0, "", f"{made} for triton: nothing is wrong\n"))
    config = made / "stream/config.pbtxt"
    config.write_text(config.read_text().replace("zero_data: true", "", 1))
    code, out, err = call("bundle", "--check", made)
    np.testing.assert_equal((code, err), (1, f"{made} for triton: 1 problem\n"))
    told = [
        "stream/config.pbtxt: the initial_state of state 'ear.c_in' has no data",
        "  on the server: the server does not load the model",
        "  remedy: write zero_data: true",
    ]
    np.testing.assert_equal(out.splitlines(), told)
    code, out, _ = call("bundle", "--check", made, "--format", "json")
    (problem,) = json.loads(out)["problems"]
    np.testing.assert_equal((code, problem["where"]), (1, "stream/config.pbtxt"))


def test_every_target_has_a_check_and_a_place_in_the_docs() -> None:
    np.testing.assert_equal(list(CHECKS), list(TARGETS))
    page = (ROOT / "docs/bundles.md").read_text()
    named = re.findall(r"^\| `(\w[\w-]*)` \|", page, flags=re.MULTILINE)
    np.testing.assert_equal(named, list(TARGETS))


def test_the_page_s_python_runs(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
    page = (ROOT / "docs/bundles.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    model.rename(tmp_path / "tagger.onnx")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "bundles.md", "exec"), {})
