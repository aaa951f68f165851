"""A compressed request over gRPC is refused before it is inflated."""

from typing import Any

import pytest

from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Limits, Listening
from tests.runtime.server.nets import net, spec

grpc = pytest.importorskip("grpc", reason="needs the extra [serve]")
messages: Any = pytest.importorskip("tritonclient.grpc.service_pb2", reason="needs [serve]")
services: Any = pytest.importorskip("tritonclient.grpc.service_pb2_grpc", reason="needs [serve]")


def test_a_compressed_request_is_not_inflated() -> None:
    place, small = Listening(port=0, grpc_port=0), Limits(request_bytes=100_000)
    request = messages.ModelInferRequest(model_name="net", id="a" * 20_000_000)
    with (
        serving([spec(net())], place, small) as addresses,
        grpc.insecure_channel((addresses.grpc or "").removeprefix("grpc://")) as channel,
    ):
        stub = services.GRPCInferenceServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.ModelInfer(request, compression=grpc.Compression.Gzip, timeout=60)
        assert caught.value.code().name in ("UNIMPLEMENTED", "INTERNAL", "RESOURCE_EXHAUSTED")
        assert stub.ServerLive(messages.ServerLiveRequest()).live
