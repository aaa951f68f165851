"""The protocol over HTTP, as its texts have it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from onnxwright import __version__, runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses
from tests.runtime.server.asking import LENGTH, ask
from tests.runtime.server.nets import identity, net, spec

X = {"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6.5]}
SHIFT = {"name": "shift", "datatype": "INT64", "shape": [2], "data": [7, -1]}


@pytest.fixture(scope="module")
def served() -> Iterator[Addresses]:
    with serving([spec(net())]) as addresses:
        yield addresses


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        ("/v2", {"name": "onnxwright", "version": __version__,
                 "extensions": ["binary_tensor_data", "sequence", "statistics"]}),
        ("/v2/models/net/ready", {"name": "net", "ready": True}),
        ("/v2/models/net/versions/1/ready", {"name": "net", "ready": True}),
        ("/v2/models/net", {
            "name": "net", "versions": ["1"], "platform": "onnxwright_numpy",
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3]},
                       {"name": "shift", "datatype": "INT64", "shape": [-1]}],
            "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]},
                        {"name": "sums", "datatype": "INT64", "shape": [-1]}]}),
    ],
)  # fmt: skip
def test_descriptions(served: Addresses, path: str, document: dict[str, Any]) -> None:
    said = ask(served, path)
    np.testing.assert_equal((said.status, said.document), (200, document))
    np.testing.assert_equal(said.headers["content-type"], "application/json")


def test_tensors_in_json(served: Addresses) -> None:
    said = ask(served, "/v2/models/net/infer", {"id": "a7", "inputs": [X, SHIFT]})
    wanted = {
        "model_name": "net", "model_version": "1", "id": "a7",
        "outputs": [
            {"name": "y", "datatype": "FP32", "shape": [2, 3], "data": [1, 4, 9, 4, 10, 19.5]},
            {"name": "sums", "datatype": "INT64", "shape": [2], "data": [14, -2]},
        ],
    }  # fmt: skip
    np.testing.assert_equal((said.status, said.document), (200, wanted))


def test_the_outputs_that_are_asked_for_and_no_id(served: Addresses) -> None:
    body = {"inputs": [X, SHIFT], "outputs": [{"name": "sums"}]}
    said = ask(served, "/v2/models/net/versions/1/infer", body)
    np.testing.assert_equal([each["name"] for each in said.document["outputs"]], ["sums"])
    assert "id" not in said.document


def test_tensors_as_bytes(served: Addresses) -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    head = {
        "inputs": [
            {"name": "x", "datatype": "FP32", "shape": [2, 3],
             "parameters": {"binary_data_size": 24}},
            SHIFT,
        ],
        "outputs": [{"name": "sums"}, {"name": "y", "parameters": {"binary_data": True}}],
    }  # fmt: skip
    content = json.dumps(head).encode()
    size = {LENGTH: str(len(content))}
    said = ask(served, "/v2/models/net/infer", content + x.tobytes(), headers=size)
    sums, y = said.document["outputs"]
    np.testing.assert_equal(sums["data"], [14, -2])
    np.testing.assert_equal(y["parameters"], {"binary_data_size": 24})
    behind = said.body[int(said.headers[LENGTH.lower()]) :]
    np.testing.assert_equal(np.frombuffer(behind, "<f4").reshape(2, 3), x * [1, 2, 3])
    np.testing.assert_equal(said.headers["content-type"], "application/octet-stream")


def test_all_outputs_as_bytes(served: Addresses) -> None:
    body = {"inputs": [X, SHIFT], "parameters": {"binary_data_output": True}}
    said = ask(served, "/v2/models/net/infer", body)
    sizes = [each["parameters"]["binary_data_size"] for each in said.document["outputs"]]
    np.testing.assert_equal(sizes, [24, 16])


def test_strings() -> None:
    tensor = {"name": "x", "datatype": "BYTES", "shape": [1, 2], "data": ["é", ""]}
    with serving([spec(identity("STRING"))]) as addresses:
        said = ask(addresses, "/v2/models/net/infer", {"inputs": [tensor]})
        np.testing.assert_equal(said.document["outputs"][0], {**tensor, "name": "y"})
        body = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
        said = ask(addresses, "/v2/models/net/infer", body)
        wanted = b"\x02\0\0\0\xc3\xa9\0\0\0\0"
        np.testing.assert_equal(said.body[-len(wanted) :], wanted)
        runner = runtime.load(on=f"{addresses.http}/v2/models/net")
        texts = np.array([["é", ""], ["b" * 300, "c"]], object)
        np.testing.assert_equal(runner.run({"x": texts})["y"], texts)


@pytest.mark.parametrize("dtype", ["FLOAT16", "BFLOAT16", "FLOAT", "DOUBLE", "UINT64", "BOOL"])
def test_every_bit_of_an_element_type(dtype: str) -> None:
    model = identity(dtype)
    local = runtime.load(model)
    x = np.arange(64, dtype=np.uint64).view(np.uint8).reshape(1, -1).copy()
    kind = local.inputs[0].dtype
    x = x.astype(bool) if kind.kind == "b" else x.view(kind)
    with serving([spec(model)]) as addresses:
        runner = runtime.load(model, on=f"{addresses.http}/v2/models/net")
        np.testing.assert_equal(runner.run({"x": x})["y"].tobytes(), x.tobytes())
