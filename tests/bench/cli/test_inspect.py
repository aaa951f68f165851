"""``onnxwright inspect``: the answer first, within 80 columns, and as data for other tools."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from onnxwright import graphs
from onnxwright.bench.digits import nets

from ... import foreign_models
from .conftest import Call


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    net = graphs.Network("tagger")
    random = np.random.default_rng(0)
    w, r = (random.normal(size=size).astype("float32") for size in ((1, 8, 3), (1, 8, 2)))
    h = net.lstm(net.input("x", "batch time 3"), graphs.LSTMWeights(w, r), streaming=True)
    net.output("y", h.sequence)
    net.save("net.onnx")


def test_the_answer_comes_first(call: Call) -> None:
    code, stdout, _ = call("inspect", "net.onnx", "--dim", "time=4")
    lines = stdout.splitlines()
    np.testing.assert_equal(code, 0)
    assert lines[0].startswith("net.onnx: 40 parameters in 160 B (float32), "), lines[0]
    np.testing.assert_equal(lines[2], "takes    x (batch time 3, float32)")
    assert any(line.startswith("state    ") and " -> " in line for line in lines)
    (costs,) = [line for line in lines if line.startswith("one run")]
    assert costs.endswith("moved at batch=1 time=4"), costs
    assert "lint     no finding: cpu" in stdout


@pytest.mark.parametrize("model", ["net", "voice", "tree", "classifier", "long"])
def test_it_fits_a_narrow_terminal(call: Call, model: str) -> None:
    if model == "long":
        proto = onnx.load("net.onnx")
        entry = proto.metadata_props.add()
        entry.key, entry.value = "key" * 40, "value " * 400
        proto.graph.node[0].name = "node" * 40
        onnx.save(proto, "long.onnx")
    elif model != "net":
        onnx.save(getattr(foreign_models, model)(), f"{model}.onnx")
    code, stdout, _ = call("inspect", f"{model}.onnx", "--nodes")
    wide = [line for line in stdout.splitlines() if len(line) > 80]
    np.testing.assert_equal((code, wide), (0, []))


def test_programs_get_the_work_of_each_node(call: Call) -> None:
    found = json.loads(call("inspect", "net.onnx", "--dim", "time=4", "--format", "json")[1])
    np.testing.assert_equal(found["work"]["sizes"], {"batch": 1, "time": 4})
    (lstm,) = [node for node in found["work"]["nodes"] if node["op"] == "LSTM"]
    np.testing.assert_equal(lstm["operations"], 4 * 2 * (2 * 4 * (3 + 2) + 15))
    np.testing.assert_equal([state["gives"][-4:] for state in found["states"]], ["_out"] * 2)
    np.testing.assert_equal((found["dtypes"], found["lint"]["cpu"]), ({"float32": 40}, {}))


def test_instruction_sets_are_told_where_they_matter(call: Call) -> None:
    node = onnx.helper.make_node("MatMulInteger", ["x", "w"], ["y"])
    weights = onnx.numpy_helper.from_array(np.ones((3, 2), "int8"), "w")
    ends = [foreign_models.value("x", ["n", 3], 2)], [foreign_models.value("y", ["n", 2], 6)]
    graph = onnx.helper.make_graph([node], "int8", *ends, initializer=[weights])
    onnx.save(onnx.helper.make_model(graph, ir_version=8), "int8.onnx")
    found = json.loads(call("inspect", "int8.onnx", "--format", "json")[1])
    (told,) = found["instruction_sets"]
    np.testing.assert_equal(told["arithmetic"], "8-bit integers")
    np.testing.assert_equal(json.loads(call("inspect", "net.onnx", "--format", "json")[1])[
        "instruction_sets"], [])  # fmt: skip


def test_node_data_are_files_of_numbers_by_output(call: Call) -> None:
    options = ("--rounds", "3", "--time-budget", "0", "--no-peaks", "--sample-time", "0.01")
    code = call("bench", "net.onnx", "--on", "numpy", "--export-json", "r.json", *options)[0]
    np.testing.assert_equal(code, 0)
    code, _, stderr = call("inspect", "net.onnx", "--node-data", "data", "--results", "r.json")
    np.testing.assert_equal((code, stderr), (0, "wrote 4 files of node data to data\n"))
    outputs = {name for node in onnx.load("net.onnx").graph.node for name in node.output}
    for path in Path("data").glob("*.json"):
        document = json.loads(path.read_text())
        assert document["results"].keys() <= outputs, path
        assert document["results"], path
    names = sorted(path.name for path in Path("data").iterdir())
    np.testing.assert_equal([name.split("-")[0] for name in names],
        ["bytes.json", "operations.json", "placement", "time"])  # fmt: skip


def test_a_viewer_that_is_not_there_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netron", None)
    code, stdout, stderr = call("inspect", "net.onnx", "--view")
    assert "net.onnx: 40 parameters" in stdout
    np.testing.assert_equal(
        (code, stderr),
        (2, "error: Netron is not installed, so the graph cannot be shown\n"
            "  pip install netron, or open net.onnx on https://netron.app\n"),
    )  # fmt: skip


def test_a_viewer_that_is_there_is_opened(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    viewer = SimpleNamespace(start=opened.append, wait=lambda: None, __spec__=object())
    monkeypatch.setitem(sys.modules, "netron", viewer)
    np.testing.assert_equal(call("inspect", "net.onnx", "--view")[0], 0)
    np.testing.assert_equal(opened, ["net.onnx"])


def test_node_data_hold_each_nodes_error_on_a_runtime(tmp_path: Path, call: Call) -> None:
    nets.build("lenet").save(tmp_path / "net.onnx")
    folder = tmp_path / "data"
    code, _, err = call(
        "inspect", tmp_path / "net.onnx", "--node-data", folder, "--error-on", "numpy"
    )
    np.testing.assert_equal(code, 0, err)
    told = json.loads((folder / "relative-L2-error-on-numpy.json").read_text())
    values = [each["value"] for each in told["results"].values()]
    outputs = {name for node in onnx.load(tmp_path / "net.onnx").graph.node for name in node.output}
    np.testing.assert_equal(set(told["results"]), outputs)
    np.testing.assert_array_less(values, 1e-5)
    np.testing.assert_array_less(1e-9, max(values))
