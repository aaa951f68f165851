"""A server that drips, never ends or sends too much: one error in time, and no memory taken."""

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS
from tests.runtime.remote.server import Server, say, tensors

Talk = Callable[[socket.socket, threading.Event], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TIMEOUT = 0.6
LONG = 60.0
"""Seconds that nothing here may take, however busy the machine is: without a deadline it is for
ever."""


def drip(parts: Iterator[bytes], pause: float = 0.1) -> Talk:
    """Return a server's talk that sends one part after another, none of them in haste."""

    def talk(peer: socket.socket, over: threading.Event) -> None:
        for part in parts:
            if over.wait(pause):
                return
            peer.sendall(part)

    return talk


TALKS: dict[str, Callable[[], Talk]] = {
    "a status that drips": lambda: drip(itertools.repeat(b"H")),
    "a header that drips": lambda: drip(itertools.chain([HEAD], itertools.repeat(b"x"))),
    "headers that drip": lambda: drip(itertools.chain([HEAD], itertools.repeat(b"a: b\r\n"))),
    "a body that drips": lambda: drip(
        itertools.chain([HEAD + b"Content-Length: 9999\r\n\r\n"], itertools.repeat(b" "))
    ),
    "a body without an end": lambda: drip(
        itertools.chain([HEAD + b"Connection: close\r\n\r\n"], itertools.repeat(b" "))
    ),
    "chunks that drip": lambda: drip(
        itertools.chain(
            [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\n \r\n")
        )
    ),
    "go on, go on": lambda: drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "nothing": lambda: drip(iter(())),
}


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """Serve one talk to everybody who connects; yield the URL of a model."""
    over, threads = threading.Event(), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def answer(peer: socket.socket) -> None:
            with peer, contextlib.suppress(OSError):
                peer.recv(1 << 16)
                talk(peer, over)
                over.wait(LONG)

        def accept() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    peer, _ = listener.accept()
                    threads.append(threading.Thread(target=answer, args=(peer,)))
                    threads[-1].start()

        threads.append(threading.Thread(target=accept))
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v2/models/net"
        finally:
            over.set()
            for thread in threads:
                thread.join(LONG)


@pytest.mark.parametrize("name", TALKS)
def test_the_time_out_is_for_the_whole_call(name: str) -> None:
    start = time.monotonic()
    with talking(TALKS[name]()) as url:
        with pytest.raises(
            runtime.ProviderError,
            match=r"did not answer within 0.6 s\ngive it longer|does not speak HTTP",
        ):
            runtime.load(on=url, timeout=TIMEOUT)
        taken = time.monotonic() - start
    assert taken < LONG, taken


def endless(head: bytes, part: bytes) -> Talk:
    def talk(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(head)
        while not over.is_set():
            peer.sendall(part)

    return talk


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"Connection: close\r\n\r\n", b" " * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ],
)
def test_a_body_without_end_is_cut_at_what_can_be_meant(head: bytes, part: bytes) -> None:
    with (
        talking(endless(HEAD + head, part)) as url,
        pytest.raises(runtime.ProviderError, match="it has more than 4194304 bytes"),
    ):
        runtime.load(on=url, timeout=LONG)


def test_an_answer_is_as_large_as_the_outputs_at_most(json_server: Server, model: Path) -> None:
    runner = runtime.load(model, on=json_server.url)
    body = b'{"outputs": []' + b" " * (4 << 20) + b"}"
    json_server.answers["infer"] = lambda: (200, {}, body)
    with pytest.raises(runtime.NodeError, match=r"it has 4194319 bytes, more than 10\d+\n"):
        runner.run(FEEDS)


@pytest.mark.parametrize(
    ("y", "problem"),
    [
        (np.zeros((3, 3), np.float32), r"output 'y' has the shape \[3, 3\], the model's is"),
        (np.zeros((5, 4), np.float32), r"output 'y' has the shape \[5, 4\], the model's is"),
        (np.zeros(15, np.float32), r"output 'y' has the shape \[15\], the model's is"),
        (np.zeros((1, 5, 3), np.float32), r"output 'y' has the shape \[1, 5, 3\], the model's is"),
    ],
)
def test_a_shape_that_contradicts_the_model_is_refused(
    json_server: Server, model: Path, y: Any, problem: str
) -> None:
    runner = runtime.load(model, on=json_server.url)
    json_server.answers["infer"] = lambda: tensors({"y": y, "sums": np.zeros(5, int)}, binary=False)
    with pytest.raises(runtime.NodeError, match=problem):
        runner.run(FEEDS)


def written(data: str, shape: str = "1", kind: str = "FP32") -> str:
    tensor = f'{{"name": "y", "shape": [{shape}], "datatype": "{kind}", "data": {data}}}'
    return f'{{"outputs": [{tensor}]}}'


@pytest.mark.parametrize(
    "text",
    [
        written(f"[{'9' * 5000}]"),
        written(f"[{'9' * 4000}]"),
        written("[1e400]", kind="INT64"),
        written("[]", shape="9" * 4000),
        written(json.dumps([[[[]]] * 9] * 9)),
        written("[" * 500 + "]" * 500),
        written(json.dumps(list(range(1000)))),
    ],
)
def test_numbers_beyond_everything_are_one_error(
    json_server: Server, model: Path, text: str
) -> None:
    runner = runtime.load(model, on=json_server.url)
    json_server.answers["infer"] = lambda: (200, {}, text.encode())
    with pytest.raises(runtime.NodeError, match=r"the server's answer cannot be used") as caught:
        runner.run(FEEDS)
    assert len(str(caught.value)) < 600


def test_an_error_page_is_bounded_too(json_server: Server, model: Path) -> None:
    runner = runtime.load(model, on=json_server.url)
    json_server.answers["infer"] = lambda: say({"error": "x" * (8 << 20)}, 500)
    with pytest.raises(runtime.NodeError, match=r"it has \d+ bytes, more than \d+\n"):
        runner.run(FEEDS)
