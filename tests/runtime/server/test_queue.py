"""What waits, for how long, and what happens to it at the end."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from onnxwright.runtime import TensorInfo
from onnxwright.runtime.server.model import Spec
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Limits
from tests.runtime.server.asking import Said, ask

LONG = 60.0
X = {"name": "x", "datatype": "FP32", "shape": [1], "data": [3]}


class Gate:
    """A runner that computes nothing until it is let through."""

    on: str = "numpy"
    inputs: tuple[TensorInfo, ...] = (TensorInfo("x", np.dtype("float32"), ("batch",)),)
    outputs: tuple[TensorInfo, ...] = (TensorInfo("y", np.dtype("float32"), ("batch",)),)

    def __init__(self) -> None:
        self.entered, self.opened = threading.Semaphore(0), threading.Event()

    def run(self, feeds: Mapping[str, Any], outputs: Sequence[str] | None = None) -> Any:
        self.entered.release()
        assert self.opened.wait(LONG)
        return {"y": feeds["x"]}


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def send(addresses: Addresses) -> Said:
    return ask(addresses, "/v2/models/net/infer", {"inputs": [X]})


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_full_queue(gate: Gate, pool: ThreadPoolExecutor) -> None:
    with serving([Spec("net", "1", (gate,))], limits=Limits(queue=2)) as addresses:
        sent: list[Future[Said]] = [pool.submit(send, addresses)]
        assert gate.entered.acquire(timeout=LONG)
        sent += [pool.submit(send, addresses) for _ in range(4)]
        until(lambda: sum(each.done() for each in sent) == 2)
        gate.opened.set()
        statuses = sorted(each.result().status for each in sent)
        refused = next(each.result() for each in sent if each.result().status == 503)
    np.testing.assert_equal(statuses, [200, 200, 200, 503, 503])
    np.testing.assert_equal(
        refused.document, {"error": "2 requests are waiting for this model already"}
    )


def test_a_client_that_goes_away_leaves_the_queue(gate: Gate, pool: ThreadPoolExecutor) -> None:
    with serving([Spec("net", "1", (gate,))], limits=Limits(queue=1)) as addresses:
        sent = pool.submit(send, addresses)
        assert gate.entered.acquire(timeout=LONG)
        parts = urlsplit(addresses.http)
        with socket.create_connection((parts.hostname, parts.port), LONG) as peer:
            body = json.dumps({"inputs": [X]}).encode()
            head = f"POST /v2/models/net/infer HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}"
            peer.sendall(head.encode() + b"\r\n\r\n" + body)
            until(lambda: is_full(addresses))
        until(lambda: not is_full(addresses))
        gate.opened.set()
        np.testing.assert_equal(sent.result().status, 200)


def is_full(addresses: Addresses) -> bool:
    """Say whether a request is refused; one that is let into the queue gives up after a second."""
    try:
        return ask(addresses, "/v2/models/net/infer", {"inputs": [X]}, timeout=1).status == 503
    except TimeoutError:
        return False


def test_a_run_that_takes_too_long(gate: Gate, pool: ThreadPoolExecutor) -> None:
    with serving([Spec("net", "1", (gate,))], limits=Limits(timeout_s=0.5)) as addresses:
        sent = [pool.submit(send, addresses) for _ in range(2)]
        said = [each.result() for each in sent]
        np.testing.assert_equal([each.status for each in said], [504, 504])
        assert "the request took longer than the server allows" in said[0].document["error"]
        gate.opened.set()
        np.testing.assert_equal(send(addresses).status, 200)


def test_two_instances_run_at_the_same_time(gate: Gate, pool: ThreadPoolExecutor) -> None:
    with serving([Spec("net", "1", (gate, gate))]) as addresses:
        sent = [pool.submit(send, addresses) for _ in range(2)]
        for _ in sent:
            assert gate.entered.acquire(timeout=LONG)
        gate.opened.set()
        np.testing.assert_equal([each.result().status for each in sent], [200, 200])


def test_a_request_under_way_is_answered_when_the_server_stops(
    gate: Gate, pool: ThreadPoolExecutor
) -> None:
    with serving([Spec("net", "1", (gate,))]) as addresses:
        sent = pool.submit(send, addresses)
        assert gate.entered.acquire(timeout=LONG)
        threading.Timer(0.3, gate.opened.set).start()
    np.testing.assert_equal(sent.result().status, 200)


def test_a_server_stops_though_a_run_never_ends(gate: Gate, pool: ThreadPoolExecutor) -> None:
    before = time.monotonic()
    with serving([Spec("net", "1", (gate,))], limits=Limits(stop_s=1.0)) as addresses:
        sent = pool.submit(send, addresses)
        assert gate.entered.acquire(timeout=LONG)
    assert time.monotonic() - before < LONG
    assert sent.exception(timeout=LONG) is not None or sent.result().status >= 500
