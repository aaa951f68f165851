"""A gRPC server that drips, never ends, inflates or sends too much: one error in time and room."""

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS
from tests.runtime.remote.grpc_server import EXTRA, Service, serving_grpc
from tests.runtime.remote.test_deadline import LONG, TIMEOUT, Talk, drip, talking

UNLIMITED = [("grpc.max_send_message_length", -1)]
DATA, HEADERS, SETTINGS, PING, CONTINUATION = 0, 1, 4, 6, 9
END_HEADERS = 4


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    """Return a frame of HTTP/2 (RFC 9113)."""
    head = len(content).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + content


HELLO = frame(SETTINGS, 0, 0)
OK = b"\x88\x00\x0ccontent-type\x10application/grpc"
"""``:status: 200`` and one header that is spelled out (RFC 7541)."""
FIELD = b"\x00\x01a\x01b"
ANSWERED = HELLO + frame(HEADERS, END_HEADERS, 1, OK)


def message(claimed: int, content: bytes = b"", compressed: int = 0) -> bytes:
    """Return the frame of a message that claims to have so many bytes."""
    return frame(DATA, 0, 1, bytes([compressed]) + claimed.to_bytes(4, "big") + content)


def endless(head: bytes, part: bytes, pause: float = 0.02) -> Talk:
    return drip(itertools.chain([head], itertools.repeat(part)), pause)


IN_TIME = r"did not answer within 0.6 s\ngive it longer"
TALKS: dict[str, tuple[Callable[[], Talk], str]] = {
    "nothing": (lambda: drip(iter(())), IN_TIME),
    "no more than hello": (lambda: drip(iter([HELLO])), IN_TIME),
    "a hello that drips": (lambda: endless(b"", b"\x00"), "did not answer|no gRPC server answers"),
    "endless hellos": (lambda: endless(HELLO, HELLO), "did not answer|no gRPC server answers"),
    "endless pings": (
        lambda: endless(HELLO, frame(PING, 0, 0, bytes(8))),
        "did not answer|no gRPC server answers",
    ),
    "headers that drip": (
        lambda: endless(HELLO + frame(HEADERS, 0, 1, OK), frame(CONTINUATION, 0, 1, FIELD)),
        "did not answer|refuses|no gRPC server answers",
    ),
    "a message that drips": (
        lambda: endless(ANSWERED + message(9999), frame(DATA, 0, 1, b"\x00")),
        IN_TIME,
    ),
    "messages without end": (
        lambda: endless(ANSWERED, message(0)),
        "did not answer|refuses|cannot be used",
    ),
    "a message of 4 GB": (
        lambda: endless(ANSWERED, message(2**32 - 1, bytes(999))),
        "did not answer|refuses|cannot be used",
    ),
    "another protocol": (
        lambda: endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        "no gRPC server answers at .*\n.*an HTTP port needs http://",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TALKS)
def test_the_time_out_is_for_the_whole_call(name: str) -> None:
    pytest.importorskip("tritonclient.grpc", reason=EXTRA)
    talk, problem = TALKS[name]
    with talking(talk()) as url:
        url = url.replace("http", "grpc").replace("/v2/models", "")
        with pytest.raises(runtime.ProviderError, match=problem) as caught:
            runtime.load(on=url, timeout=TIMEOUT)
    np.testing.assert_array_less(len(str(caught.value)), 900)


def test_a_served_model_that_falls_silent(service: Service) -> None:
    over = threading.Event()
    with serving_grpc(service) as url:
        runner = runtime.load(on=url, timeout=TIMEOUT)
        service.pause = lambda: over.wait(LONG)
        with pytest.raises(runtime.NodeError, match=IN_TIME):
            runner.run(FEEDS)
        over.set()


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ([3, 3], r"output 'y' has the shape \[3, 3\], the model's is float32 \[batch, 3\]"),
        ([2, 4], r"output 'y' has the shape \[2, 4\], the model's is"),
        ([6], r"output 'y' has the shape \[6\], the model's is"),
        ([1, 2, 3], r"output 'y' has the shape \[1, 2, 3\], the model's is"),
    ],
)
def test_a_shape_that_contradicts_the_model_is_refused(
    service: Service, model: Path, raw: bool, shape: list[int], problem: str
) -> None:
    service.raw, service.y = raw, np.zeros(shape, np.float32)
    with serving_grpc(service) as url:
        runner = runtime.load(model, on=url)
        with pytest.raises(runtime.NodeError, match=problem):
            runner.run(FEEDS, ["y"])


TOO_LARGE = "the server's answer cannot be used: it has more bytes than its outputs can need: "


@pytest.mark.parametrize("raw", [True, False])
def test_an_answer_that_is_too_large_is_not_read(service: Service, model: Path, raw: bool) -> None:
    service.raw, service.y = raw, np.zeros((2, 1 << 20), np.float32)
    with serving_grpc(service, options=UNLIMITED) as url:
        runner = runtime.load(model, on=url)
        with pytest.raises(runtime.NodeError, match=TOO_LARGE):
            runner.run(FEEDS, ["y"])


WIDE = """<ir_version: 8, opset_import: ["" : 17]>
    net (float[batch, 1] x) => (float[batch, 1000000] y) <int64[2] size = {1, 1000000}>
    { y = Expand(x, size) }"""


def test_an_answer_may_be_as_large_as_its_outputs(service: Service, tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(WIDE), tmp_path / "wide.onnx")
    service.runner = runtime.load(tmp_path / "wide.onnx")
    x = np.array([[3], [4]], np.float32)
    with serving_grpc(service, options=UNLIMITED) as url:
        found = runtime.load(tmp_path / "wide.onnx", on=url).run({"x": x})["y"]
    np.testing.assert_equal(found, np.broadcast_to(x, (2, 1_000_000)))


def test_a_compressed_answer_is_not_inflated(service: Service, model: Path) -> None:
    service.y = np.zeros((2, 1 << 20), np.float32)
    gzip = service.grpc.Compression.Gzip
    problem = "the server's answer cannot be used: Compression algorithm"
    with (
        serving_grpc(service, options=UNLIMITED, compression=gzip) as url,
        pytest.raises(runtime.ProviderError, match=problem),
    ):
        runtime.load(model, on=url)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_elements_that_are_too_few_or_too_many(service: Service, model: Path, count: int) -> None:
    service.raw, service.changed = False, {"shape": [2, 3]}
    service.y = np.zeros(count, np.float32)
    with serving_grpc(service) as url:
        runner = runtime.load(model, on=url)
        with pytest.raises(runtime.NodeError, match=rf"'y' FP32 \[2, 3\] has {count} elements"):
            runner.run(FEEDS, ["y"])


def test_what_is_no_message_is_one_error(service: Service, model: Path) -> None:
    with serving_grpc(service) as url:
        runner = runtime.load(model, on=url)
        service.written = lambda _: b"\xff" * 9
        with pytest.raises(runtime.NodeError, match="cannot be used: Exception deserializing"):
            runner.run(FEEDS)
