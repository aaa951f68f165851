"""The protocol over gRPC, by messages made by hand."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from onnxwright import __version__, runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Limits, Listening, SequenceLimits
from tests.runtime.server.nets import identity, net, random, recurrent, spec

grpc = pytest.importorskip("grpc", reason="needs the extra [serve]")
messages: Any = pytest.importorskip("tritonclient.grpc.service_pb2", reason="needs [serve]")
services: Any = pytest.importorskip("tritonclient.grpc.service_pb2_grpc", reason="needs [serve]")
BOTH = Listening(port=0, grpc_port=0)
SMALL = Limits(request_bytes=100_000)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    models = [
        spec(net()),
        spec(identity("STRING"), "texts"),
        spec(recurrent("lstm", streaming=True), "stream", sequences=SequenceLimits()),
    ]
    with serving(models, BOTH, SMALL) as addresses:
        yield addresses.grpc or ""


@pytest.fixture
def stub(url: str) -> Iterator[Any]:
    with grpc.insecure_channel(url.removeprefix("grpc://")) as channel:
        yield services.GRPCInferenceServiceStub(channel)


def parameter(**value: Any) -> dict[str, Any]:
    return {"sequence_id": messages.InferParameter(**value)}


def request(**changes: Any) -> Any:
    """Return a request to the net ``net`` with typed contents."""
    made = messages.ModelInferRequest(model_name="net", id="a7")
    x = made.inputs.add(name="x", datatype="FP32", shape=[1, 3])
    x.contents.fp32_contents.extend([1, 2, 3.5])
    shift = made.inputs.add(name="shift", datatype="INT64", shape=[1])
    shift.contents.int64_contents.append(7)
    made.MergeFrom(messages.ModelInferRequest(**changes))
    return made


def test_descriptions(stub: Any) -> None:
    assert stub.ServerLive(messages.ServerLiveRequest()).live
    assert stub.ServerReady(messages.ServerReadyRequest()).ready
    assert stub.ModelReady(messages.ModelReadyRequest(name="net", version="1")).ready
    server = stub.ServerMetadata(messages.ServerMetadataRequest())
    np.testing.assert_equal((server.name, server.version), ("onnxwright", __version__))
    found = stub.ModelMetadata(messages.ModelMetadataRequest(name="net"))
    inputs = [(each.name, each.datatype, list(each.shape)) for each in found.inputs]
    np.testing.assert_equal(inputs, [("x", "FP32", [-1, 3]), ("shift", "INT64", [-1])])
    np.testing.assert_equal(list(found.versions), ["1"])


def test_typed_contents(stub: Any) -> None:
    answer = stub.ModelInfer(request())
    np.testing.assert_equal(
        (answer.model_name, answer.model_version, answer.id), ("net", "1", "a7")
    )
    y, sums = (np.frombuffer(raw, kind) for raw, kind in zip(
        answer.raw_output_contents, ("<f4", "<i8"), strict=True))  # fmt: skip
    np.testing.assert_equal(y, [1, 4, 10.5])
    np.testing.assert_equal(sums, [14])


@pytest.mark.parametrize(
    ("made", "code", "text"),
    [
        (messages.ModelInferRequest(), "NOT_FOUND", "there is no model ''"),
        (messages.ModelInferRequest(model_name="net"), "INVALID_ARGUMENT", "input 'x' is missing"),
        (request(model_version="4"), "NOT_FOUND", "the model 'net' has no version '4'"),
        (request(raw_input_contents=[b""]), "INVALID_ARGUMENT",
         "the request has 2 inputs and the bytes of 1"),
        (request(raw_input_contents=[b"", b""]), "INVALID_ARGUMENT", "'x' has its data twice"),
        (request(inputs=[{"name": "x"}]), "INVALID_ARGUMENT", "the input 'x' is given twice"),
        (request(inputs=[{"name": "w", "datatype": "FP32"}]), "INVALID_ARGUMENT",
         "FP32 [] has 0 elements"),
        (request(outputs=[{"name": "z"}]), "INVALID_ARGUMENT", "the model has no output 'z'"),
        (request(parameters=parameter(int64_param=4)), "INVALID_ARGUMENT",
         "this server keeps no states"),
        (request(parameters=parameter(bool_param=True)), "INVALID_ARGUMENT",
         "sequence_id must be a whole number"),
        (request(id="a" * 200_000), "RESOURCE_EXHAUSTED", "larger than max"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_clear_error(stub: Any, made: Any, code: str, text: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(made)
    np.testing.assert_equal(caught.value.code().name, code)
    assert text in caught.value.details()
    np.testing.assert_equal(stub.ModelInfer(request()).id, "a7")


@pytest.mark.parametrize("shape", [[-1, 3], [2**62, 0], [1] * 99])
def test_shapes_that_cannot_be(stub: Any, shape: list[int]) -> None:
    made = request()
    del made.inputs[0].shape[:]
    made.inputs[0].shape.extend(shape)
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(made)
    np.testing.assert_equal(caught.value.code().name, "INVALID_ARGUMENT")


def test_strings(url: str) -> None:
    texts = np.array([["é", ""]], object)
    runner = runtime.load(on=f"{url}/texts")
    np.testing.assert_equal(runner.run({"x": texts})["y"], texts)


def test_a_stream_of_one_sequence(stub: Any) -> None:
    x = random(1, 4, 4)

    def requests() -> Iterator[Any]:
        for at in range(4):
            made = messages.ModelInferRequest(model_name="stream", id=str(at))
            made.inputs.add(name="x", datatype="FP32", shape=[1, 1, 4])
            made.raw_input_contents.append(x[:, at].tobytes())
            made.parameters["sequence_id"].string_param = "mine"
            made.parameters["sequence_start"].bool_param = at == 0
            made.parameters["sequence_end"].bool_param = at == 3
            yield made
        yield messages.ModelInferRequest(model_name="gone", id="9")

    *answers, last = stub.ModelStreamInfer(requests())
    found = [np.frombuffer(each.infer_response.raw_output_contents[0], "<f4") for each in answers]
    local = runtime.load(recurrent("lstm", streaming=True))
    states = {info.name: np.zeros((1, 8), np.float32) for info in local.inputs[1:]}
    wanted = local.run({"x": x, **states})["y"]
    np.testing.assert_allclose(np.array(found)[None], wanted, rtol=1e-6, atol=1e-7)
    np.testing.assert_equal(
        (last.error_message, last.infer_response.id), ("there is no model 'gone'", "9")
    )


def test_statistics_are_those_of_http() -> None:
    from tests.runtime.server.asking import ask

    with serving([spec(net())], BOTH) as addresses:
        runner = runtime.load(on=f"{addresses.grpc}/net")
        for _ in range(3):
            runner.run({"x": np.ones((2, 3), np.float32), "shift": np.ones(2, np.int64)})
        with grpc.insecure_channel((addresses.grpc or "").removeprefix("grpc://")) as channel:
            stub = services.GRPCInferenceServiceStub(channel)
            found = stub.ModelStatistics(messages.ModelStatisticsRequest(name="net"))
        (other,) = ask(addresses, "/v2/models/net/stats").document["model_stats"]
    (mine,) = found.model_stats
    np.testing.assert_equal((mine.inference_count, mine.execution_count), (6, 3))
    np.testing.assert_equal(mine.inference_stats.queue.ns, other["inference_stats"]["queue"]["ns"])
    np.testing.assert_equal(mine.batch_stats[0].batch_size, 2)
    assert json.dumps(other)
