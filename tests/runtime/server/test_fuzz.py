"""Two hundred requests that went wrong at random: each has one answer, and none is a failure."""

import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from onnxwright.runtime.server.serving import serving
from onnxwright.runtime.server.settings import Addresses, Limits, SequenceLimits
from tests.runtime.server.asking import LENGTH, ask
from tests.runtime.server.nets import net, recurrent, spec

COUNT = 200
VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 2**63, 2**64, 1e308, "", "x", "FP32", "BYTES", "é" * 50, [], {}, [[]],
    [1, [2]], {"a": {}}, [None], ["1"], [0] * 1000,
]  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[Addresses]:
    streaming = recurrent("lstm", streaming=True)
    models = [spec(net()), spec(streaming, "stream", sequences=SequenceLimits())]
    with serving(models, limits=Limits(timeout_s=30.0)) as addresses:
        yield addresses


def valid(chance: random.Random) -> tuple[str, dict[str, Any], bytes]:
    """Return a path, a request to it, and the bytes that follow."""
    parameters = {"binary_data_output": chance.random() < 0.5}
    if chance.random() < 0.5:
        step = {"sequence_id": chance.randint(1, 5), "sequence_start": True, "sequence_end": False}
        x = {"name": "x", "datatype": "FP32", "shape": [1, 2, 4], "data": [0.5] * 8}
        return "stream", {"inputs": [x], "parameters": {**parameters, **step}}, b""
    y = {"name": "x", "datatype": "FP32", "shape": [2, 3], "parameters": {"binary_data_size": 24}}
    shift = {"name": "shift", "datatype": "INT64", "shape": [2], "data": [1, 2]}
    wanted = [{"name": "y", "parameters": {"binary_data": True}}]
    request = {"id": "a", "inputs": [y, shift], "outputs": wanted, "parameters": parameters}
    return "net", request, bytes(24)


def spoiled(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one part of it replaced, left out or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.2:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: spoiled(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return [*value, value[at]]
        return [*value[:at], spoiled(value[at], chance), *value[at + 1 :]]
    return chance.choice(VALUES)


def made(seed: int) -> tuple[str, bytes, dict[str, str]]:
    """Return the path, the body and the headers of one request."""
    chance = random.Random(seed)
    name, request, content = valid(chance)
    for _ in range(chance.randint(0, 3)):
        request = spoiled(request, chance)
    head = json.dumps(request).encode()
    length, body = len(head), head + content
    if chance.random() < 0.2:
        length += chance.choice([-1, 1, 99, -len(head), 10**9])
    if chance.random() < 0.2:
        at = chance.randrange(len(body))
        body = (
            body[:at] + chance.randbytes(chance.randint(0, 4)) + body[at + chance.randint(0, 9) :]
        )
    return f"/v2/models/{name}/infer", body, {LENGTH: str(length)} if content else {}


def test_requests_that_went_wrong(served: Addresses) -> None:
    statuses = []
    for seed in range(COUNT):
        path, body, headers = made(seed)
        said = ask(served, path, body, headers=headers)
        statuses.append(said.status)
        assert said.status in (200, 400, 413), (seed, said)
        if said.status != 200:
            np.testing.assert_equal(list(said.document), ["error"], err_msg=str(seed))
            assert 0 < len(said.document["error"]) < 1000
    np.testing.assert_equal((statuses.count(200) > 20, statuses.count(400) > 100), (True, True))
