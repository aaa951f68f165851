import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS, WANTED
from tests.runtime.remote.grpc_server import EXTRA, Service, serving_grpc


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with serving_grpc(service) as url:
        yield url


@pytest.mark.parametrize("path", ["", "/versions/3"])
@pytest.mark.parametrize("raw", [True, False])
def test_a_served_model_gives_what_the_local_one_does(
    service: Service, url: str, model: Path, path: str, raw: bool
) -> None:
    service.raw = raw
    runner = runtime.load(model, on=url + path)
    np.testing.assert_equal(runner.run(FEEDS), WANTED)
    np.testing.assert_equal(list(runner.run(FEEDS, ["sums"])), ["sums"])
    np.testing.assert_equal(getattr(runner, "server", None), "tester 1.2")


def test_nan_and_infinity_travel(url: str) -> None:
    x = np.array([[np.nan, np.inf, -np.inf]] * 2, np.float32)
    np.testing.assert_equal(runtime.load(on=url).run({**FEEDS, "x": x})["y"], x)


def test_threads_share_a_runner(url: str, model: Path) -> None:
    runner = runtime.load(model, on=url)

    def client(number: int) -> bool:
        x = np.full((5, 3), number, np.float32)
        feeds = {"x": x, "shift": np.full(5, number)}
        return all((runner.run(feeds)["y"][:, 0] == number).all() for _ in range(10))

    with ThreadPoolExecutor(4) as pool:
        np.testing.assert_equal(list(pool.map(client, range(4))), [True] * 4)


def test_proxies_of_the_environment_are_not_asked(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    np.testing.assert_equal(runtime.load(on=url).run(FEEDS), WANTED)


@pytest.mark.parametrize(
    ("code", "text", "problem"),
    [
        ("INTERNAL", "out of\nmemory", "of the model 'net': gRPC INTERNAL: out of memory"),
        ("DEADLINE_EXCEEDED", "", "did not answer within 60 s"),
        ("UNAVAILABLE", "gone", "no gRPC server answers at 127.*: gone"),
    ],
)  # fmt: skip
def test_what_the_server_refuses(
    service: Service, url: str, code: str, text: str, problem: str
) -> None:
    runner = runtime.load(on=url)
    service.fault = (code, text)
    with pytest.raises(runtime.NodeError, match=problem) as caught:
        runner.run(FEEDS)
    np.testing.assert_equal(str(caught.value).count("\n"), 1)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"shape": [7]}, "needs 28 bytes, it has 24"),
        ({"datatype": "FP64"}, "needs 48 bytes, it has 24"),
        ({"datatype": "INT32"}, "output 'y' is int32, the model's metadata say float32"),
        ({"shape": [-1]}, r"the shape of 'y' is \[-1\]"),
        ({"name": "z"}, "it lacks output 'y'"),
    ],
)
def test_answers_that_cannot_be_used(
    service: Service, url: str, changed: dict[str, Any], problem: str
) -> None:
    runner = runtime.load(on=url)
    service.changed = changed
    with pytest.raises(runtime.NodeError, match=problem):
        runner.run(FEEDS, ["y"])


def test_a_model_that_is_not_there_or_not_ready(service: Service, url: str) -> None:
    with pytest.raises(runtime.ProviderError, match="'other': gRPC NOT_FOUND: no other"):
        runtime.load(on=url.replace("net", "other"))
    with pytest.raises(runtime.ProviderError, match="gRPC NOT_FOUND: no net 9"):
        runtime.load(on=url + "/versions/9")
    service.ready = False
    with pytest.raises(runtime.ProviderError, match=r"the model 'net' at 127\.0.* is not ready"):
        runtime.load(on=url)


def test_nothing_listens() -> None:
    pytest.importorskip("tritonclient.grpc", reason=EXTRA)
    with pytest.raises(runtime.ProviderError, match=r"no gRPC server answers at 127\.0\.0\.1:1: "):
        runtime.load(on="grpc://127.0.0.1:1/net")


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    problem = r"needs tritonclient with gRPC.*\ninstall it: pip install 'onnxwright\[serve\]'"
    with pytest.raises(runtime.ProviderError, match=problem):
        runtime.load(on="grpc://127.0.0.1:1/net")
