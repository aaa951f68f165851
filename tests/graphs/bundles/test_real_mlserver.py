"""MLServer loads the settings and the runtime class as they were written, and answers equally."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.bench.digits import nets
from onnxwright.bench.digits.cases import case
from onnxwright.graphs.bundles import Options, bundle, check

from . import streams, trees
from .processes import free_ports, running

pytest.importorskip("onnxruntime", reason="pip install 'onnxwright[cpu,serve]'")
pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[cpu,serve]'")
VARIABLE = "ONNXWRIGHT_MLSERVER"
"""The environment (a folder of ``python -m venv``) that has mlserver and onnxruntime."""
NETS = ("mlp", "lenet", "gru", "bilstm2", "lecture_peephole")
CLOSE: dict[str, Any] = {"rtol": 0, "atol": 2e-6}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    home = os.environ.get(VARIABLE)
    if not home:
        pytest.skip(f"{VARIABLE} names no environment with mlserver (.ci/servers)")
    folder = tmp_path_factory.mktemp("mlserver")
    models = folder / "models"
    models.mkdir()
    for name in NETS:
        nets.build(name).save(folder / f"{name}.onnx")
        options = Options(max_batch=8) if name == "mlp" else Options()
        bundle(folder / f"{name}.onnx", "mlserver", models / name, options)
    trees.stream().save(folder / "stream.onnx")
    bundle(folder / "stream.onnx", "mlserver", models / "stream", Options(warm_up=1))
    http, grpc, metrics = free_ports(3)
    settings = {"host": "127.0.0.1", "http_port": http, "grpc_port": grpc}
    settings |= {"metrics_port": metrics, "parallel_workers": 0}
    (models / "settings.json").write_text(json.dumps(settings))
    command = [f"{home}/bin/mlserver", "start", str(models)]
    ready = f"http://127.0.0.1:{http}/v2/health/ready"
    with running(command, ready, folder / "mlserver.log"):
        yield folder, f"http://127.0.0.1:{http}/v2/models", f"grpc://127.0.0.1:{grpc}"


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_nets_answer_as_the_local_run(
    protocol: str, name: str, served: tuple[Path, str, str]
) -> None:
    folder, http, grpc = served
    model = folder / f"{name}.onnx"
    feeds = case(name).batch(3)
    wanted = runtime.load(model, on="cpu").run(feeds)
    remote = runtime.load(model, on=f"{http if protocol == 'http' else grpc}/{name}")
    for output, array in remote.run(feeds).items():
        np.testing.assert_allclose(array, wanted[output], **CLOSE)


def test_a_stream_whose_states_the_client_carries(served: tuple[Path, str, str]) -> None:
    remote = runtime.load(on=f"{served[1]}/stream")
    kept: dict[str, NDArray[Any]] = {
        info.name: np.zeros((1, 5 if info.name == "mind.h_in" else 4), np.float32)
        for info in remote.inputs
        if info.name != "x"
    }
    pieces = []
    for chunk in streams.cut(streams.sequences(1)[0]):
        outputs = remote.run({"x": chunk, **kept})
        kept = {state: outputs[f"{state.removesuffix('_in')}_out"] for state in kept}
        pieces.append(outputs["y"])
    np.testing.assert_allclose(np.concatenate(pieces, 1), streams.whole("stream", 0), **CLOSE)


def test_what_does_not_fit_is_told(served: tuple[Path, str, str]) -> None:
    tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
    request = urllib.request.Request(
        f"{served[1]}/mlp/infer",
        json.dumps({"inputs": [tensor]}).encode(),
        {"Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(request, timeout=20)
    np.testing.assert_equal(told.value.code, 400)
    assert "input 'x' has the shape [1, 3], needs [-1, 64]" in told.value.read().decode()


@pytest.mark.parametrize("name", [*NETS, "stream"])
def test_nothing_is_wrong_with_it(name: str, served: tuple[Path, str, str]) -> None:
    np.testing.assert_equal(check(served[0] / "models" / name).problems, ())
