"""Every net of the demo behind one server, over each way to it, gives what it gives locally."""

import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.bench.digits import cases, nets, toy
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Listening, SequenceLimits
from tests.runtime.server.asking import GRPC, needs_grpc
from tests.runtime.server.nets import random, recurrent, spec

NAMES = (*nets.NAMES,) if toy.TOY in nets.NAMES else (*nets.NAMES, toy.TOY)
STREAMS = ("lstm", "gru", "rnn")
WAYS = [
    pytest.param("http", {"binary": False}, id="http, json"),
    pytest.param("http", {}, id="http, bytes"),
    pytest.param("grpc", {}, id="grpc", marks=needs_grpc),
]


@pytest.fixture(scope="module")
def served() -> Iterator[Addresses]:
    models = [spec(cases.case(name).build().build(), name) for name in NAMES]
    models += [
        spec(recurrent(kind, streaming=True), f"{kind}_stream", sequences=SequenceLimits())
        for kind in STREAMS
    ]
    place = Listening(port=0, grpc_port=0 if GRPC else None)
    with serving(models, place) as addresses:
        yield addresses


def url(addresses: Addresses, way: str, name: str) -> str:
    return f"{addresses.grpc}/{name}" if way == "grpc" else f"{addresses.http}/v2/models/{name}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("way", "options"), WAYS)
def test_a_net_of_every_family(
    served: Addresses, way: str, options: dict[str, Any], name: str
) -> None:
    case = cases.case(name)
    model, feeds = case.build().build(), case.batch(3)
    remote = runtime.load(model, on=url(served, way, name), **options)
    np.testing.assert_equal(remote.run(feeds), runtime.load(model).run(feeds))


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize(("way", "options"), WAYS)
def test_interleaved_sequences_of_several_clients(
    served: Addresses, way: str, options: dict[str, Any], kind: str
) -> None:
    model = recurrent(kind, streaming=True)
    remote: Any = runtime.load(model, on=url(served, way, f"{kind}_stream"), **options)
    assert remote.sequences

    def client(number: int) -> NDArray[Any]:
        x, sequence = random(1, 6, 4) + number, remote.sequence()
        parts = [sequence.run({"x": x[:, at : at + 2]}, last=at == 4)["y"] for at in (0, 2, 4)]
        return np.concatenate(parts, axis=1)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(client, range(6)))
    local = runtime.load(model)
    states = {info.name: np.zeros((1, 8), np.float32) for info in local.inputs[1:]}
    for number, got in enumerate(found):
        wanted = local.run({"x": random(1, 6, 4) + number, **states})["y"]
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-7)


def test_tritonclient_over_http(served: Addresses) -> None:
    pytest.importorskip("geventhttpclient", reason="needs tritonclient[http]")
    client: Any = importlib.import_module("tritonclient.http")
    case = cases.case("lstm")
    x = case.batch(3)["x"]
    with client.InferenceServerClient(served.http.removeprefix("http://")) as triton:
        check_client(client, triton, triton.get_model_metadata("lstm"), x)
        sent = client.InferInput("x", [1, 2, 4], "FP32")
        sent.set_data_from_numpy(random(1, 2, 4), binary_data=False)
        for start, end in ((True, False), (False, True)):
            answer = triton.infer(
                "gru_stream", [sent], sequence_id=11, sequence_start=start, sequence_end=end
            )
            np.testing.assert_equal(answer.as_numpy("y").shape, (1, 2, 5))
        with pytest.raises(Exception, match="no sequence 11 is under way"):
            triton.infer("gru_stream", [sent], sequence_id=11)
        statistics = triton.get_inference_statistics("gru_stream")
        np.testing.assert_equal(
            statistics["model_stats"][0]["inference_stats"]["success"]["count"] >= 2, True
        )


@needs_grpc
def test_tritonclient_over_grpc(served: Addresses) -> None:
    client: Any = importlib.import_module("tritonclient.grpc")
    x = cases.case("lstm").batch(3)["x"]
    with client.InferenceServerClient((served.grpc or "").removeprefix("grpc://")) as triton:
        found = triton.get_model_metadata("lstm", as_json=True)
        check_client(client, triton, found, x)
        statistics = triton.get_inference_statistics("lstm")
        np.testing.assert_equal(statistics.model_stats[0].name, "lstm")


def check_client(client: Any, triton: Any, metadata: Any, x: NDArray[Any]) -> None:
    """Ask for what tritonclient asks a server for, and run the net ``lstm``."""
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready("lstm")
    np.testing.assert_equal(metadata["inputs"][0]["name"], "x")
    sent = client.InferInput("x", list(x.shape), "FP32")
    sent.set_data_from_numpy(x)
    answer = triton.infer("lstm", [sent], request_id="7")
    wanted = runtime.load(cases.case("lstm").build().build()).run({"x": x})["logits"]
    np.testing.assert_equal(answer.as_numpy("logits"), wanted)
