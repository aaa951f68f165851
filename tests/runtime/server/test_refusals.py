"""Requests that are wrong: one clear error each, and the next request is answered."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Limits
from tests.runtime.server.asking import LENGTH, ask
from tests.runtime.server.nets import identity, net, spec

X = {"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}
SHIFT = {"name": "shift", "datatype": "INT64", "shape": [1], "data": [7]}
SMALL = Limits(request_bytes=100_000, json_bytes=50_000, answer_bytes=100_000)


@pytest.fixture(scope="module")
def served() -> Iterator[Addresses]:
    with serving([spec(net()), spec(identity("FLOAT16"), "half")], limits=SMALL) as addresses:
        yield addresses


def with_x(**changes: Any) -> dict[str, Any]:
    return {"inputs": [{**X, **changes}, SHIFT]}


def with_request(**changes: Any) -> dict[str, Any]:
    return {"inputs": [X, SHIFT], **changes}


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "the request is not JSON"),
        (b"{", 400, "the request is not JSON"),
        (b"[" * 40_000, 400, "the request is not JSON"),
        (b'{"inputs":' * 4_000, 400, "the request is not JSON"),
        (b'{"id": ' + b"9" * 9_000 + b"}", 400, "the request is not JSON"),
        (b'{"a": NaN}', 400, "it holds NaN, which JSON does not have"),
        (b'{"a": -Infinity}', 400, "it holds -Infinity, which JSON does not"),
        (b"\xff\xfe", 400, "the request is not JSON"),
        ([], 400, "the request must be a JSON object, not a list"),
        ({}, 400, "input 'x' is missing"),
        ({"inputs": 3}, 400, "'inputs' must be a JSON array"),
        ({"inputs": [3]}, 400, "each of 'inputs' must be a JSON object, not a int"),
        ({"inputs": [{"datatype": "FP32"}]}, 400, "an input has no name"),
        ({"inputs": [X, X]}, 400, "the input 'x' is given twice"),
        ({"inputs": [X]}, 400, "input 'shift' is missing"),
        (with_x(name="z"), 400, "the model has no input 'z'"),
        (with_x(datatype="FP64"), 400, "input 'x': dtype is float64, but the model takes float32"),
        (with_x(datatype="FP7"), 400, "'x' has the element type 'FP7', which the protocol lacks"),
        (with_x(datatype=None), 400, "'x' has the element type 'None'"),
        (with_x(shape=[3]), 400, "input 'x': rank is 1"),
        (with_x(shape=[1, 4]), 400, "the data of 'x' are not float32 [1, 4]"),
        (with_x(shape=[-1, 3]), 400, "the shape of 'x' is [-1, 3]"),
        (with_x(shape=[2**63, 0], data=[]), 400, "the shape of 'x' is [9223372036854775808, 0]"),
        (with_x(shape=[2**62, 0], data=[]), 400, "of 'x'"),
        (with_x(shape=[1] * 99), 400, "the shape of 'x' is [1, 1"),
        (with_x(shape="ab"), 400, "the shape of 'x' is 'ab'"),
        (with_x(shape=None), 400, "the shape of 'x' is None"),
        (with_x(shape=[True, 3]), 400, "the shape of 'x' is [True, 3]"),
        (with_x(data=[1, 2]), 400, "the data of 'x' are not float32 [1, 3]"),
        (with_x(data=[[1, 2], [3]]), 400, "the data of 'x' are not float32 [1, 3]"),
        (with_x(data=[[1], [2], [3]]), 400, "the data of 'x' are not float32 [1, 3]"),
        (with_x(data=[1, None, 3]), 400, "'x' has a null where a number should be"),
        (with_x(data=[1, "2", 3]), 400, "the data of 'x' are not float32"),
        (with_x(data=[1, 1e39, 3]), 400, "the data of 'x' hold a number that is not finite"),
        (with_x(data=[1, {}, 3]), 400, "the data of 'x' are not float32"),
        (with_x(data=None), 400, "the data of 'x' are not float32"),
        ({"inputs": [X, {**SHIFT, "data": [1.5]}]}, 400, "the data of 'shift' are not int64"),
        ({"inputs": [X, {**SHIFT, "data": [2**64]}]}, 400, "the data of 'shift' are not int64"),
        (with_x(parameters=3), 400, "the parameters of 'x' must be a JSON object"),
        (with_x(parameters={"binary_data_size": 12}), 400, "should have 12 bytes, 0 are left"),
        (with_x(parameters={"binary_data_size": -1}), 400, "should have -1 bytes, 0 are left"),
        (with_x(parameters={"binary_data_size": 0}), 400, "'x' has its data twice"),
        (with_request(id=7), 400, "the request's id must be a text"),
        (with_request(parameters=[]), 400, "the request's parameters must be a JSON object"),
        (with_request(outputs=[{"name": "z"}]), 400, "the model has no output 'z'"),
        (with_request(parameters={"sequence_id": -1}), 400, "sequence_id must be a whole number"),
        (with_request(parameters={"sequence_id": 1.5}), 400, "sequence_id must be a whole number"),
        (with_request(parameters={"sequence_id": 5}), 400, "this server keeps no states"),
        (with_request(parameters={"sequence_start": 1}), 400, "sequence_start must be true"),
        (with_request(parameters={"sequence_end": True}), 400, "need a sequence_id other than 0"),
        (with_request(outputs=[{"name": "y", "parameters": {"classification": 2}}]), 400,
         "the classification of outputs is not offered here"),
        (b"{" + b" " * 60_000 + b"}", 413, "the JSON part has more than 50000 bytes"),
        (b" " * 100_001, 413, "the request has more than 100000 bytes"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_clear_error(
    served: Addresses, body: object, status: int, text: str
) -> None:
    said = ask(served, "/v2/models/net/infer", body)
    np.testing.assert_equal((said.status, list(said.document)), (status, ["error"]))
    assert text in said.document["error"]
    np.testing.assert_equal(ask(served, "/v2/models/net/infer", with_request()).status, 200)


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/", 404, "there is nothing at '/'"),
        ("GET", "/v1/models/net", 404, "there is nothing at"),
        ("GET", "/v2/models/", 404, "there is nothing at"),
        ("GET", "/v2/models/none", 404, "there is no model 'none'"),
        ("GET", "/v2/models/net/versions/2", 404, "the model 'net' has no version '2'"),
        ("GET", "/v2/models/net/versions/2/stats", 404, "the model 'net' has no version '2'"),
        ("GET", "/v2/models/net%2Fready", 404, "there is no model 'net/ready'"),
        ("GET", "/v2/models/..%2f..%2fetc%2fpasswd", 404, "there is no model"),
        ("GET", "/v2/models/net/infer", 405, "infer takes POST"),
        ("POST", "/v2/models/net", 405, "this path takes GET"),
        ("DELETE", "/v2/models/net", 405, "this path takes GET"),
        ("POST", "/v2/repository/index", 405, "this path takes GET"),
    ],
)
def test_paths_that_are_not_there(
    served: Addresses, method: str, path: str, status: int, text: str
) -> None:
    said = ask(served, path, method=method)
    np.testing.assert_equal(said.status, status)
    assert text in said.document["error"]


@pytest.mark.parametrize("length", ["-1", "99", "1e3", "٣", "", "9" * 30])
def test_a_length_of_the_json_part_that_cannot_be(served: Addresses, length: str) -> None:
    body = json.dumps(with_request()).encode()
    headers = {LENGTH: length.encode().decode("latin-1")}
    said = ask(served, "/v2/models/net/infer", body, headers=headers)
    np.testing.assert_equal(said.status, 400)


def test_bytes_that_belong_to_no_input(served: Addresses) -> None:
    body = json.dumps(with_request()).encode()
    headers = {LENGTH: str(len(body))}
    said = ask(served, "/v2/models/net/infer", body + b"more", headers=headers)
    np.testing.assert_equal(
        (said.status, said.document["error"]), (400, "4 bytes are left that belong to no input")
    )


def test_a_compressed_request(served: Addresses) -> None:
    said = ask(served, "/v2/models/net/infer", b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    np.testing.assert_equal(said.status, 415)
    assert "compressed requests are not taken" in said.document["error"]


def test_an_answer_that_json_cannot_carry(served: Addresses) -> None:
    half = np.ones((1, 2), np.float16)
    head = json.dumps({"inputs": [{"name": "x", "datatype": "FP16", "shape": [1, 2],
                                   "parameters": {"binary_data_size": 4}}]}).encode()  # fmt: skip
    headers = {LENGTH: str(len(head))}
    said = ask(served, "/v2/models/half/infer", head + half.tobytes(), headers=headers)
    np.testing.assert_equal(said.status, 400)
    assert "which has no JSON form: ask for it with binary_data" in said.document["error"]


def test_an_answer_that_would_be_too_large(served: Addresses) -> None:
    body = with_x(shape=[0, 3], data=[])
    said = ask(served, "/v2/models/net/infer", body)
    np.testing.assert_equal(said.status, 400)  # another batch than that of shift
    rows = 10_000
    said = ask(
        served,
        "/v2/models/net/infer",
        {"inputs": [{**X, "shape": [rows, 3], "data": [0] * (3 * rows)}, SHIFT]},
    )
    np.testing.assert_equal(said.status, 413)
