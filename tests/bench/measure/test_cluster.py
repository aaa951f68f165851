import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure.cluster import choose
from onnxwright.bench.measure.launch import WorkerLimits
from onnxwright.bench.measure.profiles import read_profile
from onnxwright.bench.measure.session import open_session
from onnxwright.bench.measure.shipping import input_files, run_shipped, unpack
from onnxwright.bench.measure.wire import Request
from onnxwright.bench.plan.engine import Engine
from onnxwright.bench.plan.preparation import write_empty_model
from onnxwright.bench.plan.settings import Settings

MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }
"""


def node(label: str | None, name: str, alive: bool = True) -> dict[str, Any]:
    return {"Alive": alive, "NodeID": name, "Labels": {"hw": label} if label else {}}


NODES = [node("a", "1"), node("b", "2"), node(None, "3"), node("c", "4", alive=False)]


def test_nodes_are_chosen_by_label() -> None:
    np.testing.assert_equal(choose(NODES, ["b"]), {"b": "2"})
    np.testing.assert_equal(choose(NODES, []), {"a": "1", "b": "2"})


@pytest.mark.parametrize("label", ["x", "c"])
def test_an_unknown_label_is_an_error_at_once(label: str) -> None:
    with pytest.raises(BenchError, match=f"has the label hw={label}\nits nodes have a, b"):
        choose(NODES, [label])


def test_a_cluster_without_labels_is_an_error() -> None:
    with pytest.raises(BenchError, match="no node of the cluster has a label hw"):
        choose(NODES[2:], [])


def test_a_request_runs_from_its_files_alone(tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.ones((2, 3), np.float32))
    write_empty_model(tmp_path)
    request = Request(
        engine=Engine(on="numpy"),
        model=str(tmp_path / "m.onnx"),
        empty_model=str(tmp_path / "empty.onnx"),
        feeds=str(tmp_path / "x.npz"),
        outputs=str(tmp_path / "out.npz"),
        profile_to=str(tmp_path / "profile"),
        sample_s=0.005,
    )
    inputs = {
        key: {name: path.read_bytes() for name, path in files.items()}
        for key, files in input_files(request).items()
    }
    for path in tmp_path.iterdir():
        path.unlink()
    ending, produced = run_shipped("", request, WorkerLimits(), inputs)
    ending = unpack(ending, produced, request)
    np.testing.assert_equal((ending.status, ending.message), ("ok", None))
    assert ending.conditions is not None
    assert ending.conditions.other_cores is None or ending.conditions.other_cores >= 0
    assert ending.result is not None
    assert ending.result.profile is not None
    np.testing.assert_equal(
        [node.op for node in read_profile(ending.result.profile).nodes], ["Tanh"]
    )
    with np.load(tmp_path / "out.npz") as saved:
        np.testing.assert_allclose(saved["arr_0"], np.tanh(np.ones((2, 3))), rtol=1e-6)


def test_external_data_travel_with_the_model(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(MODEL)
    weight = onnx.numpy_helper.from_array(np.ones(1000, np.float32), "w")
    model.graph.initializer.append(weight)
    onnx.save(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    request = Request(engine=Engine(on="numpy"), model=str(tmp_path / "m.onnx"), feeds="")
    found = input_files(request)
    np.testing.assert_equal(list(found["model"]), ["m.onnx", "w.bin"])


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of a cluster of two labelled nodes on this machine."""
    pytest.importorskip("ray", reason="needs ray")
    cluster_utils = importlib.import_module("ray.cluster_utils")
    head = {"num_cpus": 1, "labels": {"hw": "head"}}
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1, labels={"hw": "second"})
    yield str(cluster.address)
    cluster.shutdown()


@pytest.mark.filterwarnings("default")
def test_a_cluster_of_labelled_nodes_gathers_one_file(tmp_path: Path, address: str) -> None:
    onnx.save(onnx.parser.parse_model(MODEL), tmp_path / "net.onnx")
    settings = Settings(
        models=(str(tmp_path / "net.onnx"),),
        on=("numpy",),
        rounds=3,
        max_rounds=3,
        sample_s=0.005,
        cluster=address,
    )
    with open_session(settings, tmp_path / "run.jsonl") as session:
        document = session.run(lambda entry: None)
    np.testing.assert_equal(
        [(row.label, row.status, row.processes) for row in document.rows],
        [("numpy on head", "ok", 3), ("numpy on second", "ok", 3)],
    )
    np.testing.assert_equal(sorted(document.machine.nodes or {}), ["head", "second"])
    unknown = Settings(**{**vars(settings), "hardware": ("h100",)})
    with (
        pytest.raises(BenchError, match="has the label hw=h100"),
        open_session(unknown, tmp_path / "other.jsonl"),
    ):
        pass
