from collections.abc import Iterator
from pathlib import Path

import onnx
import onnx.parser
import pytest

from onnxwright import runtime
from tests.runtime.remote.grpc_server import EXTRA, Service
from tests.runtime.remote.server import Server, serving

NET = """<ir_version: 8, opset_import: ["" : 17]>
    net (float[batch, 3] x, int64[batch] shift) => (float[batch, 3] y, int64[batch] sums)
    <float[3] w = {1, 2, 3}, int64[1] two = {2}>
    {
        scaled = Mul(x, w)
        y = Identity(scaled)
        sums = Mul(shift, two)
    }"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    onnx.save(onnx.parser.parse_model(NET), tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


@pytest.fixture(params=[False, True], ids=["json", "binary"])
def server(model: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with serving(runtime.load(model), binary=request.param) as found:
        yield found


@pytest.fixture
def json_server(model: Path) -> Iterator[Server]:
    with serving(runtime.load(model)) as found:
        yield found


@pytest.fixture
def service(model: Path) -> Service:
    grpc = pytest.importorskip("grpc", reason=EXTRA)
    messages = pytest.importorskip("tritonclient.grpc.service_pb2", reason=EXTRA)
    return Service(grpc, messages, runtime.load(model))
