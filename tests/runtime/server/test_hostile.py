"""Clients that mean no good, over real sockets: each is cut off, and the others are served."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import numpy as np
import onnx.parser
import pytest

from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Limits
from tests.runtime.server.asking import ask
from tests.runtime.server.nets import identity, spec

QUICK = Limits(
    request_bytes=1 << 20, held_requests=2, header_bytes=4096, header_s=0.5, idle_s=1.0,
    timeout_s=2.0, answer_bytes=100_000_000,
)  # fmt: skip
ZEROS = """<ir_version: 8, opset_import: ["" : 17]>
    zeros (int64[1] n) => (float[m] y) { y = ConstantOfShape(n) }"""
LONG = 30.0
"""Seconds after which a test gives up; what it waits for takes two at most."""


@pytest.fixture
def served() -> Iterator[Addresses]:
    models = [spec(identity("FLOAT")), spec(onnx.parser.parse_model(ZEROS), "zeros")]
    with serving(models, limits=QUICK) as addresses:
        yield addresses


def connect(addresses: Addresses, size: int | None = None) -> socket.socket:
    parts = urlsplit(addresses.http)
    made = socket.socket()
    if size is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    made.settimeout(LONG)
    made.connect((parts.hostname or "", parts.port or 0))
    return made


def all_of(peer: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    found = bytearray()
    try:
        while part := peer.recv(65536):
            found += part
    except ConnectionError:
        pass
    return bytes(found)


def head(length: int) -> bytes:
    return b"POST /v2/models/net/infer HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length


def alive(addresses: Addresses) -> bool:
    return ask(addresses, "/v2/health/ready").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /v2 HTTP/1.1\r\nHost: a\r\n", id="half of the headers"),
        pytest.param(b"GET /v2 HTTP/1.1\r\nHost: a\r\n\r\nGET", id="half of a second request"),
    ],
)
def test_a_request_that_never_ends_is_cut_off(served: Addresses, sent: bytes) -> None:
    with connect(served) as peer:
        peer.sendall(sent)
        all_of(peer)
    assert alive(served)


def test_headers_that_drip_are_cut_off(served: Addresses) -> None:
    with connect(served) as peer:
        end = time.monotonic() + LONG
        try:
            for _ in iter(lambda: time.monotonic() < end, False):
                peer.sendall(b"G")
                time.sleep(0.05)
        except ConnectionError:
            pass
        assert time.monotonic() < end
    assert alive(served)


def test_a_body_that_drips_is_refused(served: Addresses) -> None:
    with connect(served) as peer:
        peer.sendall(head(100) + b"{")
        said = all_of(peer)
    assert said.startswith(b"HTTP/1.1 408 "), said
    assert b"the request did not arrive in time" in said
    assert alive(served)


def test_headers_without_end(served: Addresses) -> None:
    with connect(served) as peer:
        with suppress(ConnectionError):
            peer.sendall(b"GET /v2 HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000)
        said = all_of(peer)
    assert not said or said.startswith(b"HTTP/1.1 400 "), said
    assert alive(served)


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\0\x01\0\r\n\r\n", b"GET\r\n\r\n"])
def test_what_is_no_http(served: Addresses, sent: bytes) -> None:
    with connect(served) as peer:
        peer.sendall(sent)
        said = all_of(peer)
    assert said.startswith(b"HTTP/1.1 400 "), said
    np.testing.assert_equal(list(json.loads(said.partition(b"\r\n\r\n")[2])), ["error"])


def test_a_length_that_is_only_claimed(served: Addresses) -> None:
    with connect(served) as peer:
        peer.sendall(head(10**12))
        said = all_of(peer)
    assert said.startswith(b"HTTP/1.1 413 "), said
    assert b"connection: close" in said


def test_chunks_without_end(served: Addresses) -> None:
    with connect(served) as peer:
        peer.sendall(b"POST /v2/models/net/infer HTTP/1.1\r\nHost: a\r\n")
        peer.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(100):
                peer.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except ConnectionError:
            pass
        said = all_of(peer)
    assert not said or said.startswith(b"HTTP/1.1 413 "), said[:200]
    assert alive(served)


def test_more_bytes_than_may_be_held(served: Addresses) -> None:
    with ExitStack() as stack:
        peers = [stack.enter_context(connect(served)) for _ in range(3)]
        for peer in peers:
            peer.sendall(head(1_000_000) + b" " * 900_000)
        said = [all_of(peer) for peer in peers]
    statuses = sorted(each.split(b" ", 2)[1] for each in said)
    np.testing.assert_equal(statuses, [b"408", b"408", b"503"])
    assert alive(served)


def test_too_many_connections() -> None:
    with serving([spec(identity("FLOAT"))], limits=Limits(connections=3)) as addresses:
        with ExitStack() as stack:
            peers = [stack.enter_context(connect(addresses)) for _ in range(5)]
            said = [all_of(peer) for peer in peers[3:]]
        for each in said:
            assert each.startswith(b"HTTP/1.1 503 "), each
        deadline = time.monotonic() + LONG
        while not alive(addresses):  # until the server has seen them go
            assert time.monotonic() < deadline


def test_an_answer_that_nobody_reads(served: Addresses) -> None:
    n = {"name": "n", "datatype": "INT64", "shape": [1], "data": [10_000_000]}
    body = json.dumps({"inputs": [n], "parameters": {"binary_data_output": True}}).encode()
    with connect(served, size=4096) as peer:
        peer.sendall(
            b"POST /v2/models/zeros" + (head(len(body)) + body).removeprefix(b"POST /v2/models/net")
        )
        time.sleep(2.5 * QUICK.timeout_s)
        said = all_of(peer)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert len(said) < 40_000_000
    assert alive(served)


def test_an_answer_that_is_larger_than_it_may_be(served: Addresses) -> None:
    n = {"name": "n", "datatype": "INT64", "shape": [1], "data": [50_000_000]}
    said = ask(served, "/v2/models/zeros/infer", {"inputs": [n]})
    np.testing.assert_equal(said.status, 413)
    assert "output 'y' would have more than 100000000 bytes" in said.document["error"]
