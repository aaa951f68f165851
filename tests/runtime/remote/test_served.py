from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS, WANTED
from tests.runtime.remote.server import Answer, Server, say


def altered(change: Callable[[dict[str, Any]], Any]) -> Callable[[Server], Answer]:
    def answer(server: Server) -> Answer:
        document = server.metadata()
        change(document)
        return say(document)

    return answer


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda d: d["inputs"][0].update(name="z"), "the local model has no input 'z'"),
        (lambda d: d["inputs"].pop(), "the server lists no tensor 'shift', which the local"),
        (lambda d: d["outputs"].pop(), "the server lists no tensor 'sums'"),
        (lambda d: d["inputs"][0].update(datatype="FP64"),
         r"input 'x' is float64 \[\?, 3\] at the server and float32 \[batch, 3\] in the local"),
        (lambda d: d["inputs"][0].update(shape=[-1, 4]), r"input 'x' is float32 \[\?, 4\]"),
        (lambda d: d["outputs"][0].update(shape=[-1, -1, 3]), r"'y' is float32 \[\?, \?, 3\]"),
        (lambda d: d["outputs"][0].update(shape=[]), r"output 'y' is float32 \[\]"),
    ],
)  # fmt: skip
def test_another_model_than_the_local_one_is_refused(
    json_server: Server, model: Path, change: Callable[[dict[str, Any]], Any], problem: str
) -> None:
    answer = altered(change)
    json_server.answers["net"] = lambda: answer(json_server)
    with pytest.raises(runtime.ProviderError, match=f"does not serve this model: .*{problem}"):
        runtime.load(model, on=json_server.url)


def test_the_batch_may_be_left_out_of_the_metadata(json_server: Server, model: Path) -> None:
    json_server.stripped = True
    runner = runtime.load(model, on=json_server.url)
    np.testing.assert_equal(runner.inputs[0].shape, ("batch", 3))
    np.testing.assert_equal(runner.run(FEEDS), WANTED)


def test_dims_that_the_server_fixes_are_checked_here(json_server: Server, model: Path) -> None:
    answer = altered(lambda document: document["inputs"][0].update(shape=[4, 3]))
    json_server.answers["net"] = lambda: answer(json_server)
    runner = runtime.load(model, on=json_server.url)
    with pytest.raises(
        runtime.FeedError, match="input 'x': dim 0 is 2, but the model fixes it at 4"
    ):
        runner.run(FEEDS)


def test_a_server_that_describes_nothing_needs_the_local_model(
    json_server: Server, model: Path
) -> None:
    json_server.answers["net"] = lambda: say({"name": "net"})
    np.testing.assert_equal(runtime.load(model, on=json_server.url).run(FEEDS), WANTED)
    with pytest.raises(runtime.ProviderError, match="says nothing about the model's inputs"):
        runtime.load(on=json_server.url)


def test_servers_without_metadata_of_their_own_are_taken_for_json(json_server: Server) -> None:
    json_server.answers["/v2"] = lambda: say({"error": "none"}, 404)
    np.testing.assert_equal(runtime.load(on=json_server.url).run(FEEDS), WANTED)
