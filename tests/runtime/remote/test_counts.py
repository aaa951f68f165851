"""What a server says that it has counted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import runtime
from onnxwright.runtime.remote.counts import Counts, Share
from onnxwright.runtime.server.serving import serving
from tests.runtime.remote.feeds import FEEDS
from tests.runtime.remote.server import Server, say
from tests.runtime.server.nets import net, spec

STATS: dict[str, Any] = {
    "inference_count": 8, "execution_count": "2",
    "inference_stats": {
        "success": {"count": 4, "ns": 99}, "queue": {"count": 4, "ns": 4000},
        "compute_input": {"ns": 1}, "compute_infer": {"ns": "5"}, "compute_output": {"ns": 2},
    },
}  # fmt: skip


def counts(runner: Any) -> Any:
    return runner.counts()


def test_the_sum_over_versions(json_server: Server) -> None:
    json_server.answers["stats"] = lambda: say({"model_stats": [STATS, {}, STATS]})
    wanted = Counts(requests=8, queue_ns=8000, compute_ns=16, rows=16, executions=4)
    np.testing.assert_equal(counts(runtime.load(on=json_server.url)), wanted)


def test_a_server_that_does_not_count(json_server: Server) -> None:
    json_server.answers["stats"] = lambda: say({"error": "unknown path"}, 404)
    np.testing.assert_equal(counts(runtime.load(on=json_server.url)), None)


@pytest.mark.parametrize(
    ("stats", "problem"),
    [
        (None, "the statistics have no list of models"),
        ({}, "the statistics have no list of models"),
        ([3], "the statistics have no list of models"),
        ([{"inference_count": "many"}], "the statistics have no number inference_count"),
        ([{"inference_count": -1}], "the statistics have no number inference_count"),
        ([{"inference_stats": []}], "the statistics have no number inference_stats|success.count"),
        ([{"execution_count": 1.5}], "the statistics have no number execution_count"),
    ],
)
def test_statistics_that_cannot_be_used(json_server: Server, stats: object, problem: str) -> None:
    json_server.answers["stats"] = lambda: say({"model_stats": stats})
    runner = runtime.load(on=json_server.url)
    with pytest.raises(runtime.NodeError, match=problem):
        counts(runner)


def test_means_of_what_came_between() -> None:
    before = Counts(requests=2, queue_ns=100, compute_ns=50, rows=2, executions=2)
    after = Counts(requests=6, queue_ns=4100, compute_ns=850, rows=10, executions=4)
    share = after.since(before)
    assert share is not None
    np.testing.assert_allclose((share.queue_s, share.compute_s, share.batch), (1e-6, 2e-7, 4.0))
    np.testing.assert_equal((before.since(before), before.since(after)), (None, None))
    assert isinstance(share, Share)


def test_our_own_server(model: Path) -> None:
    with serving([spec(net())]) as addresses:
        runner = runtime.load(model, on=f"{addresses.http}/v2/models/net")
        before = counts(runner)
        for _ in range(4):
            runner.run(FEEDS)
        share = counts(runner).since(before)
    np.testing.assert_equal(share.batch, 2.0)
    assert share.compute_s > 0
    assert share.queue_s >= 0
