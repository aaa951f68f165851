"""Requests of one shape share a run, and each gets what it would get alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Batching
from tests.runtime.server.asking import ask
from tests.runtime.server.nets import identity, net, random, recurrent, spec

LONG = Batching(most=8, delay_s=0.5)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_joined_requests_give_what_each_gives_alone(kind: str) -> None:
    model = recurrent(kind)
    local = runtime.load(model)
    feeds = [{"x": random(1 + number % 2, 3 + number % 3, 4)} for number in range(12)]
    with serving([spec(model, batching=LONG)]) as addresses:
        remote = runtime.load(model, on=f"{addresses.http}/v2/models/net")
        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(remote.run, feeds))
        (counts,) = ask(addresses, "/v2/models/net/stats").document["model_stats"]
    for feed, got in zip(feeds, found, strict=True):
        np.testing.assert_allclose(got["y"], local.run(feed)["y"], rtol=1e-5, atol=1e-6)
    np.testing.assert_equal(counts["inference_count"], 18)
    assert counts["execution_count"] < 12
    assert max(each["batch_size"] for each in counts["batch_stats"]) <= 8


def test_a_full_batch_does_not_wait() -> None:
    patient = Batching(most=2, delay_s=60.0)
    with serving([spec(net(), batching=patient)]) as addresses:
        remote = runtime.load(on=f"{addresses.http}/v2/models/net", timeout=20)
        feeds = {"x": np.ones((1, 3), np.float32), "shift": np.ones(1, np.int64)}
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(remote.run, [feeds, feeds]))
    np.testing.assert_equal(both[0]["y"], [[1, 2, 3]])


def test_one_request_that_fails_leaves_the_others_alone() -> None:
    table = """<ir_version: 8, opset_import: ["" : 17]>
        pick (int64[batch] i) => (float[batch] y)
        <float[3] w = {1, 2, 3}> { y = Gather(w, i) }"""
    with serving([spec(onnx.parser.parse_model(table), batching=LONG)]) as addresses:
        remote = runtime.load(on=f"{addresses.http}/v2/models/net")
        begin = threading.Barrier(3)

        def run(index: int) -> object:
            begin.wait()
            try:
                return remote.run({"i": np.array([index])})["y"].tolist()
            except runtime.NodeError as error:
                return "out of bounds" in str(error) or str(error)

        with ThreadPoolExecutor(3) as pool:
            np.testing.assert_equal(list(pool.map(run, [0, 9, 2])), [[1.0], True, [3.0]])


def test_a_model_that_cannot_be_joined_is_refused() -> None:
    problem = (
        r"requests to the model 'net' cannot be joined: 'x \(\? 3, float32\)' does not begin with "
        r"one named dim that all its inputs and outputs begin with\nleave out the batching"
    )
    model = identity("FLOAT")
    model.graph.input[0].type.tensor_type.shape.dim[0].ClearField("dim_param")
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 3
    with (
        pytest.raises(runtime.ProviderError, match=problem),
        serving([spec(model, batching=LONG)]),
    ):
        pass
