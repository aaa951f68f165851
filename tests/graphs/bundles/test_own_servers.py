"""Bundles for MLServer, Ray Serve, KServe and OpenVINO Model Server, and checks of them."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs.bundles import BundleError, Options, bundle
from onnxwright.graphs.bundles.checks.check import check, recognised
from onnxwright.graphs.bundles.checks.tree import Tree
from onnxwright.graphs.bundles.folder import MARKER

from .trees import MODELS, random, tree

pytest.importorskip("yaml", reason="pip install 'onnxwright[serve]'")
pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
PVC = Options(storage_uri="pvc://claim/models")
TARGETS = {
    "mlserver": Options(),
    "ray-serve": Options(states="server", instances=2),
    "kserve": PVC,
    "openvino-server": Options(threads=2, instances=3),
}


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tree(tmp_path, "stream", request.param, TARGETS[request.param])


@pytest.mark.parametrize("made", TARGETS, indirect=True)
def test_nothing_is_wrong_with_what_the_command_makes(made: Path) -> None:
    np.testing.assert_equal(check(made).problems, ())
    for program in made.glob("*.py"):
        compile(program.read_bytes(), program.name, "exec")
    (made / MARKER).unlink()
    np.testing.assert_equal(recognised(Tree(made)), made.name.removesuffix("-stream"))


def loaded(folder: Path, name: str) -> Any:
    """Import a program of a bundle, as its server does."""
    spec = importlib.util.spec_from_file_location(f"bundled_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_program_runs_the_model_and_tells_what_does_not_fit(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    options = Options(warm_up=2, dims={"time": 5}, threads=1)
    folder = tree(tmp_path, "tagger", "ray-serve", options)
    program = loaded(folder, "onnx_model")
    model = program.OnnxModel(folder)
    x = random(2, 4, 3)
    feeds = {
        "x": model.array("x", "FP32", [2, 4, 3], x.ravel().tolist()),
        "lengths": model.array("lengths", "INT32", [2], [4, 1]),
    }
    wanted = runtime.load(tmp_path / "tagger.onnx", on="cpu").run(feeds)
    for name, array in model.run(feeds).items():
        np.testing.assert_array_equal(array, wanted[name])
    for arguments, problem in (
        (("X", "FP32", [1], [1]), "the model has no input 'X'; it takes x, lengths"),
        (("x", "FP64", [1, 1, 3], [1]), "input 'x' is FP64, needs FP32"),
        (("x", "FP32", [1, 3], [1]), r"input 'x' has the shape \[1, 3\], needs \[-1, -1, 3\]"),
        (("x", "FP32", [1, 1, 3], [1]), "input 'x': cannot reshape"),
        (("lengths", "INT32", [1], [2**40]), "input 'lengths': "),
    ):
        with pytest.raises(program.BadRequest, match=problem):
            model.array(*arguments)
    with pytest.raises(program.BadRequest, match="input 'lengths' is missing"):
        model.run({"x": x})


MANIFEST = """apiVersion: "serving.kserve.io/v1beta1"
kind: "InferenceService"
metadata:
  name: "stream"
spec:
  predictor:
    model:
      modelFormat:
        name: "onnx"
      protocolVersion: "v2"
      runtime: "kserve-tritonserver"
      storageUri: "s3://bucket/models"
      resources:
        limits:
          cpu: "1"
          memory: "2Gi"
          nvidia.com/gpu: "1"
"""


def test_the_manifest(tmp_path: Path) -> None:
    options = Options(storage_uri="s3://bucket/models/", accelerator="cuda", states="server")
    folder = tree(tmp_path, "stream", "kserve", options)
    np.testing.assert_equal((folder / "inferenceservice.yaml").read_text(), MANIFEST)
    assert "sequence_batching" in (folder / "models/stream/config.pbtxt").read_text()


REFUSED = [
    ("kserve", {}, "and none is given", "--storage-uri"),
    ("kserve", {"storage_uri": "models"}, "is no storage that KServe knows", "s3://"),
    ("kserve", {"storage_uri": "s3://b/stream"}, "is the model's own folder", "the folder above"),
    ("kserve", {"storage_uri": "s3://b/stream/1"}, "is the model's own folder", "the folder above"),
    ("kserve", {"storage_uri": "s3://b/m.onnx"}, "is the model's own folder", "the folder above"),
    ("mlserver", {"states": "server"}, "MLServer keeps no states", "for triton"),
    ("mlserver", {"max_batch": 8}, "MLServer cannot batch requests, for the dim", "triton"),
    ("openvino-server", {"states": "server"}, "keeps no states between requests", "for triton"),
    ("openvino-server", {"warm_up": 1}, "--warm-up says nothing to OpenVINO", "leave it out"),
    ("ray-serve", {"max_batch": 8}, "says nothing to Ray Serve", "leave it out"),
]


@pytest.mark.parametrize(("target", "given", "problem", "remedy"), REFUSED)
def test_what_cannot_be_is_refused(
    target: str, given: dict[str, Any], problem: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=problem) as told:
        tree(tmp_path, "stream", target, Options(**given))
    assert remedy in told.value.remedy
    np.testing.assert_equal([path.name for path in tmp_path.iterdir()], ["stream.onnx"])


@pytest.mark.parametrize("target", ["mlserver", "ray-serve"])
def test_elements_that_requests_have_not_are_refused(target: str, tmp_path: Path) -> None:
    x, y = (onnx.helper.make_tensor_value_info(n, onnx.TensorProto.STRING, ["batch"]) for n in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", "x", "y")], "g", [x], [y])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(BundleError, match="'x' is string, which this server"):
        bundle(tmp_path / "m.onnx", target, tmp_path / "out")


def test_a_model_that_openvino_computes_wrongly_is_refused(tmp_path: Path) -> None:
    onnx.save(MODELS["tagger"](), tmp_path / "m.onnx")
    with pytest.raises(BundleError, match="is silently wrong"):
        bundle(tmp_path / "m.onnx", "openvino-server", tmp_path / "out")


# target | file | what is replaced (a regular expression; - removes it) | by | problem | effect
EDITS = r"""
mlserver | model-settings.json | -                       |                      | there is no such file | does not start
mlserver | model-settings.json | "implementation"        | "implementations"    | it names no implementation | has none for ONNX
mlserver | model-settings.json | onnx_runtime.Onnx       | mine.Onnx            | there is no such file, and the implementation is to be in it | does not start
mlserver | model-settings.json | "FP32"                  | "FP64"               | its inputs are not the graph's: ('x', 'FP64' | fails
mlserver | model-settings.json | "platform"              | "max_batch_size": 8, "platform" | max_batch_size is 8, and the dim 'time' varies too | each other's numbers
mlserver | model.json          | "cpu"                   | "tpu"                | the accelerator 'tpu' is not known | does not start
mlserver | model.json          | \{                      |                      | it is no JSON | cannot read it
mlserver | onnx_model.py       | -                       |                      | there is no such file | does not start
mlserver | model.onnx          | -                       |                      | there is no such file | does not load
mlserver | settings.json       | \{                      | [                    | it is no JSON | cannot read it
ray-serve | config.yaml        | app:app                 | other:app            | import_path is 'other:app', and there is no such program | does not start
ray-serve | config.yaml        | num_replicas: 2         | num_replicas: 3      | num_replicas is 3, and model.json is for 2 | they are refused
ray-serve | config.yaml        | applications            | apps                 | it has no applications | nothing is served
ray-serve | config.yaml        | \A                      | a: &a 1\nb: *a\n     | it has aliases | not followed
ray-serve | config.yaml        | \A                      | {                    | it is no YAML | cannot read it
ray-serve | model.json         | 4                       | 5                    | its inputs are not the graph's | fails
kserve | inferenceservice.yaml | claim/models            | claim/models/stream  | storageUri pvc://claim/models/stream leads into the folder of the model | finds no model
kserve | inferenceservice.yaml | "pvc.*"                 | "models"             | storageUri is 'models' | nothing is fetched
kserve | inferenceservice.yaml | "v2"                    | "v1"                 | protocolVersion is 'v1' | paths that Triton does not have
kserve | inferenceservice.yaml | .*kserve-tritonserver.*\n |                    | runtime is missing | another server
kserve | inferenceservice.yaml | "stream"                | "Stream_1"           | metadata.name is 'Stream_1' | refuses it
kserve | inferenceservice.yaml | InferenceService        | Inference            | kind is 'Inference' | refuses it
kserve | models/stream/config.pbtxt | "stream"           | "other"              | its name is 'other' | does not load
openvino-server | config.json  | f32                     | bf16                 | model 'stream' has no INFERENCE_PRECISION_HINT of f32 | without a word
openvino-server | config.json  | models/stream           | ../elsewhere         | base_path '../elsewhere' leads out of the folder | not checked
openvino-server | config.json  | models/stream           | models/other         | there is no such folder | does not load
openvino-server | config.json  | "name"                  | "stateful": true, "name" | model 'stream' is to be stateful | keep no states
openvino-server | config.json  | model_config_list       | models               | model_config_list is empty | nothing is served
openvino-server | models/stream/1/model.onnx | -         |                      | it has 0 .onnx files | does not load
"""  # noqa: E501
ROWS = [[part.strip() for part in line.split(" | ")] for line in EDITS.strip().splitlines()]


@pytest.mark.parametrize(
    ("target", "file", "old", "new", "problem", "effect"),
    ROWS,
    ids=[f"{r[0]}-{r[4]}" for r in ROWS],
)
def test_a_wrong_folder_is_told(
    target: str, file: str, old: str, new: str, problem: str, effect: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path, "stream", target, TARGETS[target])
    path = folder / file
    if old == "-":
        path.unlink()
    else:
        changed = re.sub(old, new, path.read_text(), count=1)
        assert changed != path.read_text()
        path.write_text(changed)
    told = [found for found in check(folder).problems if found.problem.startswith(problem)]
    assert told, check(folder).problems
    assert effect in told[0].effect


def test_files_that_are_no_objects_are_told(tmp_path: Path) -> None:
    folder = tree(tmp_path, "stream", "mlserver")
    edits: list[Callable[[], object]] = [
        lambda: (folder / "model-settings.json").write_text("[]"),
        lambda: (folder / "model-settings.json").write_text("[" * 100_000),
        lambda: (folder / "model-settings.json").write_bytes(b"\xff\xfe"),
    ]
    for edit in edits:
        edit()
        (problem,) = check(folder).problems
        np.testing.assert_equal(problem.where, "model-settings.json")


def test_a_marker_of_a_stranger_is_not_believed(tmp_path: Path) -> None:
    folder = tree(tmp_path, "stream", "mlserver")
    (folder / MARKER).write_text(json.dumps({"target": ["x"], "files": {}}))
    np.testing.assert_equal(check(folder).target, "mlserver")
