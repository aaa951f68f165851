"""Sequences whose states the server keeps."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, SequenceLimits
from tests.runtime.server.asking import Said, ask
from tests.runtime.server.nets import random, recurrent, spec

FEW = SequenceLimits(most=3, idle_s=30.0)


@pytest.fixture(scope="module", params=["lstm", "gru", "rnn"])
def model(request: pytest.FixtureRequest) -> onnx.ModelProto:
    return recurrent(request.param, streaming=True)


@pytest.fixture
def served(model: onnx.ModelProto) -> Iterator[Addresses]:
    with serving([spec(model, sequences=FEW)]) as addresses:
        yield addresses


def step(
    addresses: Addresses, x: NDArray[Any], name: int | str, start: bool = False, end: bool = False
) -> Said:
    tensor = {"name": "x", "datatype": "FP32", "shape": x.shape, "data": x.ravel().tolist()}
    parameters = {"sequence_id": name, "sequence_start": start, "sequence_end": end}
    body = {"inputs": [tensor], "parameters": parameters}
    return ask(addresses, "/v2/models/net/infer", body)


def values(said: Said) -> NDArray[Any]:
    np.testing.assert_equal(said.status, 200, err_msg=said.body.decode(errors="replace"))
    (output,) = said.document["outputs"]
    return np.array(output["data"], np.float32).reshape(output["shape"])


def whole(model: onnx.ModelProto, x: NDArray[Any]) -> NDArray[Any]:
    local = runtime.load(model)
    states = {info.name: np.zeros((1, 8), np.float32) for info in local.inputs[1:]}
    return local.run({"x": x, **states}, ["y"])["y"]


def test_the_metadata_leave_the_states_out(served: Addresses) -> None:
    said = ask(served, "/v2/models/net").document
    np.testing.assert_equal([each["name"] for each in said["inputs"]], ["x"])
    np.testing.assert_equal([each["name"] for each in said["outputs"]], ["y"])


def test_interleaved_sequences_give_what_each_gives_in_one(
    model: onnx.ModelProto, served: Addresses
) -> None:
    names: list[int | str] = [7, "a", 2**63]
    sequences = {name: random(1, 6, 4) + number for number, name in enumerate(names)}
    found: dict[int | str, list[NDArray[Any]]] = {name: [] for name in names}
    for at in range(3):
        for name, x in sequences.items():
            said = step(served, x[:, 2 * at : 2 * at + 2], name, start=at == 0, end=at == 2)
            found[name].append(values(said))
    for name, x in sequences.items():
        got = np.concatenate(found[name], axis=1)
        np.testing.assert_allclose(got, whole(model, x), rtol=1e-6, atol=1e-7)


def test_a_start_begins_anew(model: onnx.ModelProto, served: Addresses) -> None:
    x = random(1, 2, 4)
    first = values(step(served, x, 5, start=True))
    assert not np.array_equal(values(step(served, x, 5)), first)
    np.testing.assert_equal(values(step(served, x, 5, start=True)), first)


def test_what_is_refused(served: Addresses) -> None:
    x = random(1, 2, 4)
    cases = [
        (step(served, x, 0), 400, "the model needs a sequence_id"),
        (step(served, x, 9), 400, "no sequence 9 is under way: the first request needs"),
        (step(served, random(2, 2, 4), 9, start=True), 400, "a sequence has a batch of 1, 'x' has"),
        (step(served, x, 9, start=True, end=True), 200, ""),
        (step(served, x, 9), 400, "no sequence 9 is under way"),
        (step(served, random(1, 2, 5), 9, start=True), 400, "the model fixes it at 4"),
        (step(served, x, 9), 400, "no sequence 9 is under way"),
    ]
    for said, status, text in cases:
        np.testing.assert_equal(said.status, status)
        assert text in said.document.get("error", "")


def test_their_number_is_bounded(served: Addresses) -> None:
    x = random(1, 2, 4)
    for name in (1, 2, 3):
        values(step(served, x, name, start=True))
    said = step(served, x, 4, start=True)
    np.testing.assert_equal(
        (said.status, said.document["error"]), (503, "3 sequences are under way already")
    )
    values(step(served, x, 3, end=True))
    values(step(served, x, 4, start=True))


def test_those_that_idle_are_forgotten(model: onnx.ModelProto) -> None:
    x = random(1, 2, 4)
    brief = SequenceLimits(most=1, idle_s=0.2)
    with serving([spec(model, sequences=brief)]) as addresses:
        values(step(addresses, x, 1, start=True))
        time.sleep(0.25)
        values(step(addresses, x, 2, start=True))
        assert "is forgotten after 0.2 s" in step(addresses, x, 1).document["error"]


def test_a_model_without_states() -> None:
    problem = r"'net' has no states that go in as NAME_in.*\nbuild it with streaming=True"
    with (
        pytest.raises(runtime.ProviderError, match=problem),
        serving([spec(recurrent("lstm"), sequences=FEW)]),
    ):
        pass
