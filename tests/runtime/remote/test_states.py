"""Models whose states the server keeps, seen by a client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.runtime.remote.stream import new_id
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import SequenceLimits
from tests.runtime.server.nets import net, random, recurrent, spec

X = random(1, 4, 4)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    models = [
        spec(recurrent("lstm", streaming=True), sequences=SequenceLimits(idle_s=0.5)),
        spec(net(), "plain"),
    ]
    with serving(models) as addresses:
        yield f"{addresses.http}/v2/models/net"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    onnx.save(recurrent("lstm", streaming=True), tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


def whole() -> Any:
    local = runtime.load(recurrent("lstm", streaming=True))
    states = {info.name: np.zeros((1, 8), np.float32) for info in local.inputs[1:]}
    return local.run({"x": X, **states})["y"]


def test_the_local_model_tells_which_states_are_kept(url: str, model: Path) -> None:
    remote: Any = runtime.load(model, on=url)
    np.testing.assert_equal([info.name for info in remote.inputs], ["x"])
    np.testing.assert_equal([info.name for info in remote.outputs], ["y"])
    np.testing.assert_equal(len(remote.kept), 2)
    np.testing.assert_allclose(remote.run({"x": X})["y"], whole(), rtol=1e-6, atol=1e-7)
    np.testing.assert_equal(remote.run({"x": X}), remote.run({"x": X}))


def test_without_the_local_model_an_option_tells(url: str) -> None:
    remote = runtime.load(on=url)
    with pytest.raises(runtime.NodeError, match="the model needs a sequence_id"):
        remote.run({"x": X})
    remote = runtime.load(on=url, provider_options={"sequences": "true"})
    np.testing.assert_allclose(remote.run({"x": X})["y"], whole(), rtol=1e-6, atol=1e-7)


def test_states_may_be_given_if_they_are_zeros(url: str, model: Path) -> None:
    remote: Any = runtime.load(model, on=url)
    states = {info.name: np.zeros((1, 8), np.float32) for info in remote.kept}
    np.testing.assert_equal(remote.run({"x": X, **states}), remote.run({"x": X}))
    name = remote.kept[0].name
    problem = rf"'{name}' is a state that the server keeps, and begins with zeros\nleave it out"
    with pytest.raises(runtime.FeedError, match=problem):
        remote.run({"x": X, **states, name: np.ones((1, 8), np.float32)})


def test_a_sequence_goes_on_and_begins_anew_after_an_error(url: str, model: Path) -> None:
    remote: Any = runtime.load(model, on=url)
    sequence = remote.sequence()
    first, second = (sequence.run({"x": X[:, at : at + 2]})["y"] for at in (0, 2))
    np.testing.assert_allclose(np.concatenate([first, second], 1), whole(), rtol=1e-6, atol=1e-7)
    with pytest.raises(runtime.FeedError, match="input 'x': "):
        sequence.run({"x": X[:, :, :3]})
    np.testing.assert_equal(sequence.run({"x": X[:, :2]})["y"], first)


def test_a_sequence_that_the_server_has_forgotten_is_an_error(url: str, model: Path) -> None:
    import time

    remote: Any = runtime.load(model, on=url)
    sequence = remote.sequence()
    sequence.run({"x": X})
    time.sleep(0.6)
    with pytest.raises(runtime.NodeError, match=r"no sequence \d+ is under way"):
        sequence.run({"x": X})


def test_a_server_that_keeps_no_states(url: str) -> None:
    remote: Any = runtime.load(on=url.replace("net", "plain"))
    with pytest.raises(runtime.FeedError, match=r"plain keeps no states for its clients\nfeed its"):
        remote.sequence()


def test_ids_of_clients_do_not_meet() -> None:
    found = {new_id() for _ in range(10_000)}
    np.testing.assert_equal((len(found), min(found) > 0, max(found) < 2**63), (10_000, True, True))
