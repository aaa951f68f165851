import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper

from onnxwright import runtime
from onnxwright.files import FileError

DOUBLE = """<ir_version: 8, opset_import: ["" : 17]>
    double (float[n, 3] x) => (float[n, 3] y) { y = Add(x, x) }"""
X = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def model() -> onnx.ModelProto:
    return onnx.parser.parse_model(DOUBLE)


@pytest.mark.parametrize("on", ["numpy", "numpy:float64", "cpu", "CPUExecutionProvider"])
@pytest.mark.parametrize("by_path", [False, True])
def test_a_model_runs_everywhere(
    model: onnx.ModelProto, on: str, by_path: bool, tmp_path: Path
) -> None:
    if on.lower().startswith("cpu"):
        pytest.importorskip("onnxruntime")
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    runner = runtime.load(path if by_path else model, on=on)
    np.testing.assert_equal(runner.run({"x": X})["y"], X + X)
    np.testing.assert_equal(runner.inputs[0].shape, ("n", 3))


def test_without_onnxruntime_numpy_works_and_the_error_says_what_to_install(
    model: onnx.ModelProto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    np.testing.assert_equal(runtime.load(model).run({"x": X})["y"], X + X)
    np.testing.assert_equal([p.on for p in runtime.providers()], ["numpy", "numpy:float64"])
    problem = r"on='cpu' needs onnxruntime, which is not installed\n.*'onnxwright\[cpu\]'"
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(model, on="cpu")


@pytest.mark.parametrize(
    ("on", "options", "problem"),
    [
        ("http://host/models/m", {}, "does not say which model is served where"),
        ("ftp://host/v2/models/m", {}, "no runtime called 'ftp://host/v2/models/m'"),
        ("gpu", {}, "no runtime called 'gpu'\nuse one of numpy, numpy:float64, cpu, cuda, "),
        ("numpy", {"threads": 2}, "on='numpy' has no option 'threads'"),
        ("cpu", {"thread": 2}, "on='cpu' has no option 'thread'\nits options are threads, "),
        ("cpu", {"threads": 0}, "threads must be a whole number from 1 to 1024, got 0"),
        ("cpu", {"threads": 10**8}, "threads must be a whole number from 1 to 1024, got 100000000"),
        ("cpu", {"inter_threads": True}, "must be a whole number from 1 to 1024, got True"),
        ("cpu", {"provider_options": {"a": 1}}, "on='cpu' has no provider option 'a'"),
        ("cpu", {"config": 3}, "config must be a mapping of names to values, got 3"),
        ("cpu", {"provider_options": "a=1"}, "provider_options must be a mapping .* got 'a=1'"),
        ("cpu", {"optimization": "most"}, "no graph-optimisation level 'most'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    model: onnx.ModelProto, on: str, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(model, on=on, **options)


@pytest.mark.parametrize("on", ["numpy", "cpu", "http://localhost:1/v2/models/m"])
@pytest.mark.parametrize("given", [3, b"model", [], {}], ids=repr)
def test_what_is_no_model_is_refused(given: Any, on: str) -> None:
    problem = f"cannot be loaded from a {type(given).__name__}\ngive a ModelProto or a file's path"
    with pytest.raises(runtime.ModelError, match=problem):
        runtime.load(given, on=on)


def test_a_model_in_memory_with_external_data_asks_for_its_path(model: onnx.ModelProto) -> None:
    tensor = numpy_helper.from_array(X, "w")
    onnx.external_data_helper.set_external_data(tensor, "w.bin")
    tensor.ClearField("raw_data")
    model.graph.initializer.append(tensor)
    for on in ("numpy", "cpu"):
        with pytest.raises(runtime.ModelError, match="'w' keeps its data in another file"):
            runtime.load(model, on=on)


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_external_data_are_read_beside_the_path(on: str, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    text = DOUBLE.replace("Add(x, x)", "Add(x, w)")
    model = onnx.parser.parse_model(text)
    model.graph.initializer.append(numpy_helper.from_array(X[:1], "w"))
    onnx.save(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0
    )
    runner = runtime.load(tmp_path / "m.onnx", on=on)
    np.testing.assert_equal(runner.run({"x": X})["y"], X + X[:1])


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_a_broken_model_is_refused_before_any_runtime_sees_it(on: str, tmp_path: Path) -> None:
    with pytest.raises(runtime.ModelError, match="it holds no graph"):
        runtime.load(onnx.ModelProto(), on=on)
    with pytest.raises(FileError, match="No such file"):
        runtime.load(tmp_path / "none.onnx", on=on)


def test_a_model_larger_than_protobuf_says_to_use_a_path(
    model: onnx.ModelProto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxwright.runtime.loading.PROTOBUF_LIMIT", 10)
    model.graph.initializer.append(numpy_helper.from_array(X, "w"))
    with pytest.raises(
        runtime.ModelError, match=r"more than the 10 bytes .*\nsave it with external data"
    ):
        runtime.load(model, on="cpu")
