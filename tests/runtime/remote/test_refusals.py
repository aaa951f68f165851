import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS, WANTED, Arrays
from tests.runtime.remote.server import Answer, Server, say, serving, tensors

ALL: Arrays = {"y": np.zeros((2, 3), np.float32), "sums": np.zeros(2, np.int64)}


def test_a_model_that_is_slow_or_gone(json_server: Server, model: Path) -> None:
    release = threading.Event()
    json_server.answers["infer"] = lambda: (release.wait(10), say({}))[1]
    runner = runtime.load(model, on=json_server.url, timeout=0.1)
    problem = rf"127.0.0.1:{json_server.port} did not answer within 0.1 s\ngive it longer"
    with pytest.raises(runtime.NodeError, match=problem):
        runner.run(FEEDS)
    release.set()


def test_nothing_listens(model: Path) -> None:
    with serving(runtime.load(model)) as server:
        runner = runtime.load(model, on=server.url)
        port = server.port
    problem = rf"nothing listens at 127.0.0.1:{port}\nstart the server"
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(model, on=f"http://127.0.0.1:{port}/v2/models/net")
    with pytest.raises(runtime.ProviderError, match=r"the host 'nowhere\.invalid' is not known"):
        runtime.load(model, on="http://nowhere.invalid:1/v2/models/net")
    del runner


LONG = {"error": "out of\nmemory \x1b[31m" + "x" * 9999}
REDIRECT = say({}, 307, Location="http://127.0.0.1:1/elsewhere")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (say(LONG, 500), r"run the model 'net': HTTP 500: out of memory \[31mx{200,290} \.\.\.\n"),
        (say({"detail": [{"loc": 1}]}, 422), r'HTTP 422: \[\{"loc": 1\}\]\n'),
        ((503, {}, b""), r"HTTP 503: no message\n"),
        ((400, {}, b"plain"), r"HTTP 400: plain\n"),
        (REDIRECT, r"HTTP 307, a redirect to http://127.0.0.1:1/elsewhere\nredirects are not"),
        ((200, {}, b"<html>"), "it is not JSON"),
        ((200, {}, b"[" * 99_999), "it is not JSON"),
        (say([1]), "it is a JSON list, not an object"),
        (say({}), "it has no list of outputs"),
        (say({"outputs": [1]}), "an output has no name"),
        (tensors({"y": ALL["y"]}, binary=False), "it lacks output 'sums'"),
        (tensors({**ALL, "sums": np.zeros(2)}, binary=False), "'sums' is float64, .* say int64"),
        (say({"outputs": [{"name": "y", "shape": [2], "datatype": "FP32", "data": [1]}]}),
         r"the data of 'y' are not float32 \[2\]"),
        (say({"outputs": [{"name": "y", "shape": [1], "datatype": "INT64", "data": [1.5]}]}),
         "the data of 'y' are not int64"),
        (say({"outputs": [{"name": "y", "shape": [1], "datatype": "INT8", "data": [300]}]}),
         r"the data of 'y' are not int8 \[1\]: "),
        (say({"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": "no"}]}),
         "the data of 'y' are not float32"),
        (say({"outputs": [{"name": "y", "shape": [-1], "datatype": "FP32", "data": []}]}),
         r"the shape of 'y' is \[-1\]"),
        (say({"outputs": [{"name": "y", "shape": [1], "datatype": "FP7", "data": [1]}]}),
         "'y' has the element type 'FP7'"),
        (say({"outputs": [{"name": "y", "shape": [1], "datatype": "BYTES", "data": ["a"]}]}),
         "output 'y' is a string tensor, the model's metadata say float32"),
        (say({"outputs": [{"name": "y", "shape": [2], "datatype": "FP32",
                           "parameters": {"binary_data_size": 8}}]}),
         "'y' should have 8 bytes, 0 are left"),
        ((200, {"Inference-Header-Content-Length": "-3"}, b"{}"), "Content-Length is '-3'"),
        ((200, {"Content-Length": "99999999999"}, b""), "it has 99999999999 bytes, more than"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be_used_are_one_clear_error(
    json_server: Server, model: Path, answer: Answer, problem: str
) -> None:
    runner = runtime.load(model, on=json_server.url)
    json_server.answers["infer"] = lambda: answer
    with pytest.raises(runtime.NodeError, match=problem) as caught:
        runner.run(FEEDS)
    np.testing.assert_equal(str(caught.value).count("\n"), 1)
    json_server.answers.clear()
    np.testing.assert_equal(runner.run(FEEDS), WANTED)


@pytest.mark.parametrize(
    ("end", "answer", "problem"),
    [
        ("net", say({"error": "unknown"}, 404), "describe the model 'net': HTTP 404: unknown"),
        ("ready", say({"error": "loading"}, 503), "'net' at 127.* is not ready: HTTP 503: loading"),
        ("ready", say({"ready": False}), "is not ready: HTTP 200"),
        ("net", REDIRECT, "redirects are not followed"),
        ("net", (200, {}, b"\0"), "it is not JSON"),
        ("net", say({"inputs": [3]}), "the model's metadata have no list of inputs"),
        ("net", say({"inputs": [{"name": "x", "shape": None}]}), "a tensor as 'x' of shape None"),
        ("net", say({"inputs": [{"name": "x", "datatype": "FP32", "shape": ["n"]}]}), r"\['n'\]"),
    ],
)  # fmt: skip
def test_loading_says_what_is_wrong_with_the_server(
    json_server: Server, end: str, answer: Answer, problem: str
) -> None:
    json_server.answers[end] = lambda: answer
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(on=json_server.url)


def test_an_unknown_model_or_version(json_server: Server) -> None:
    other = json_server.url.replace("net", "other")
    with pytest.raises(runtime.ProviderError, match="model 'other': HTTP 404: no model other"):
        runtime.load(on=other)
    with pytest.raises(runtime.ProviderError, match="HTTP 404: no model net versions/9"):
        runtime.load(on=json_server.url + "/versions/9")


def test_a_port_that_does_not_speak_http(model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def babble() -> None:
            with listener.accept()[0] as peer:
                peer.recv(999)
                peer.sendall(b"\0\1 hello\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v2/models/net"
        with pytest.raises(runtime.ProviderError, match="broke off or does not speak HTTP"):
            runtime.load(on=url)
        thread.join()
