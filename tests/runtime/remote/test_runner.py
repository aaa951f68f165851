import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS, WANTED, X
from tests.runtime.remote.server import Server


@pytest.mark.parametrize("path", ["", "/versions/3"])
@pytest.mark.parametrize("local", [False, True])
def test_a_served_model_gives_what_the_local_one_does(
    server: Server, model: Path, path: str, local: bool
) -> None:
    runner = runtime.load(model if local else None, on=server.url + path)
    np.testing.assert_equal(runner.run(FEEDS), WANTED)
    np.testing.assert_equal(list(runner.run(FEEDS, ["sums"])), ["sums"])
    np.testing.assert_equal(runner.on, server.url + path)
    shape = ("batch", 3) if local else (None, 3)
    np.testing.assert_equal((runner.inputs[0].name, runner.inputs[0].shape), ("x", shape))
    assert all(
        request[1].startswith(("/v2/models/net" + path, "/v2")) for request in server.requests
    )


def test_feeds_are_checked_before_anything_is_sent(json_server: Server, model: Path) -> None:
    runner = runtime.load(model, on=json_server.url)
    sent = len(json_server.requests)
    with pytest.raises(runtime.FeedError, match="input 'shift' is missing"):
        runner.run({"x": X})
    with pytest.raises(runtime.FeedError, match=r"dim 0 \(batch\) is 3, but 2 in 'x'"):
        runner.run({"x": X, "shift": np.zeros(3, np.int64)})
    with pytest.raises(runtime.FeedError, match="the served model has no output 'z'"):
        runner.run(FEEDS, ["z"])
    np.testing.assert_equal(len(json_server.requests), sent)


def test_threads_share_a_runner_and_keep_their_connections(server: Server, model: Path) -> None:
    runner = runtime.load(model, on=server.url)
    together = threading.Barrier(4)

    def client(number: int) -> bool:
        together.wait()
        x = np.full((5, 3), number, np.float32)
        feeds = {"x": x, "shift": np.full(5, number)}
        return all((runner.run(feeds)["y"][:, 0] == number).all() for _ in range(25))

    with ThreadPoolExecutor(4) as pool:
        np.testing.assert_equal(list(pool.map(client, range(4))), [True] * 4)
    assert len(server.peers) <= 4, server.peers


def test_a_connection_that_was_closed_while_idle_is_opened_again(
    json_server: Server, model: Path
) -> None:
    runner = runtime.load(model, on=json_server.url)
    json_server.closing = True
    for _ in range(3):
        np.testing.assert_equal(runner.run(FEEDS)["sums"], WANTED["sums"])
    assert len(json_server.peers) >= 3, json_server.peers  # each run after the first opened one


def test_proxies_of_the_environment_are_not_asked(
    json_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    np.testing.assert_equal(runtime.load(on=json_server.url).run(FEEDS), WANTED)
