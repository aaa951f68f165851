"""A real Triton serves the trees as they were written, and answers as the local run does.

Its onnxruntime backend is the stand-in beside this file; configurations, schedulers, batching,
sequences and both protocols are the server's own.
"""

import contextlib
import json
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.bench.digits import nets
from onnxwright.bench.digits.cases import case
from onnxwright.graphs.bundles import Options, bundle
from onnxwright.runtime.remote.runner import RemoteRunner

from . import streams, trees
from .triton_server import Triton, triton, wheel
from .wrong_configs import ROWS, TREES, changed_config

grpc_client: Any = pytest.importorskip(
    "tritonclient.grpc", reason="pip install 'onnxwright[cpu,serve]'"
)
pytest.importorskip("onnxruntime", reason="pip install 'onnxwright[cpu,serve]'")
Array = NDArray[Any]
JUDGED = re.compile(
    "its name is|max_batch_size is|the server has no|the initial_state of|"
    "input 'x' has (no|the dims .0)|preferred|it is no model|version_policy|there is no such file"
)
"""Problems that the server itself finds, without its backend."""
OPENS = """class TritonPythonModel:
    def initialize(self, args):
        import json, os
        file = json.loads(args["model_config"])["default_model_filename"] or "model.onnx"
        open(os.path.join(args["model_repository"], args["model_version"], file)).close()

    def execute(self, requests):
        raise RuntimeError("nothing is computed here")
"""
"""A backend that only looks whether the model is there."""
CLOSE: dict[str, Any] = {"rtol": 0, "atol": 2e-6}
"""Another number of rows in a run can move the last bit; nothing else may."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one bundle for each net, and for streams one of each kind."""
    wheel()
    made = tmp_path_factory.mktemp("triton")
    for name in nets.NAMES:
        nets.build(name).save(made / f"{name}.onnx")
        bundle(made / f"{name}.onnx", "triton", made / f"{name}.tree")
    for name in streams.STREAMS:
        onnx.save(streams.model(name), made / f"{name}.stream.onnx")
        for states in ("server", "client"):
            options = Options(name=f"{name}-{states}", states=states)
            bundle(made / f"{name}.stream.onnx", "triton", made / f"{name}-{states}.tree", options)
    warm = Options(warm_up=2, dims={"time": 4}, instances=2, threads=1, max_delay=0.1)
    trees.tagger().save(made / "tagger.onnx")
    bundle(made / "tagger.onnx", "triton", made / "tagger.tree", warm)
    return made


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Triton]:
    with triton(sorted(folder.glob("*.tree")), folder) as server:
        yield server


@pytest.mark.parametrize("name", nets.NAMES)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_stateless_nets_answer_as_the_local_run(
    protocol: str, name: str, folder: Path, served: Triton
) -> None:
    local = runtime.load(folder / f"{name}.onnx", on="cpu")
    remote = runtime.load(folder / f"{name}.onnx", on=url(served, protocol, name))
    for rows in (1, 5):
        feeds = case(name).batch(rows)
        wanted = local.run(feeds)
        for output, array in remote.run(feeds).items():
            np.testing.assert_allclose(array, wanted[output], **CLOSE)


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_a_net_with_lengths_answers_as_the_local_run(
    protocol: str, folder: Path, served: Triton
) -> None:
    model, on = folder / "tagger.onnx", url(served, protocol, "tagger")
    lengths = np.array([4, 2], np.int32)
    x = trees.random(2, 4, 3, seed=5)
    wanted = runtime.load(model, on="cpu").run({"x": x, "lengths": lengths})
    alone = runtime.load(on=on).run({"x": x, "lengths": lengths[:, None]})
    beside = runtime.load(model, on=on).run({"x": x, "lengths": lengths})
    for output, array in wanted.items():
        np.testing.assert_allclose(alone[output], array, **CLOSE)
        np.testing.assert_allclose(beside[output], array, **CLOSE)


@pytest.mark.parametrize("name", streams.STREAMS)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_states_carried_by_the_client(protocol: str, name: str, served: Triton) -> None:
    remote = runtime.load(on=url(served, protocol, f"{name}-client"))
    names = [info.name for info in remote.inputs if info.name != "x"]
    kept = {
        info.name: np.zeros(
            [dim if isinstance(dim, int) else 1 for dim in info.shape or ()], np.float32
        )
        for info in remote.inputs
        if info.name in names
    }
    pieces = []
    for chunk in streams.cut(streams.sequences(1)[0]):
        outputs = remote.run({"x": chunk, **kept})
        kept = {state: outputs[f"{state.removesuffix('_in')}_out"] for state in names}
        pieces.append(outputs["y"])
    np.testing.assert_allclose(np.concatenate(pieces, 1), streams.whole(name, 0), **CLOSE)


@pytest.mark.parametrize("name", streams.STREAMS)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_interleaved_sequences_keep_their_own_states(
    protocol: str, name: str, served: Triton
) -> None:
    ask = ask_http if protocol == "http" else ask_grpc
    chunks = [streams.cut(x) for x in streams.sequences(3)]
    answers: list[list[Array]] = [[], [], []]
    last = len(streams.CHUNKS) - 1
    for step in range(len(streams.CHUNKS)):
        for number in range(3):
            flags = (100 + number, step == 0, step == last)
            answers[number].append(ask(served, f"{name}-server", chunks[number][step], *flags))
    for number, pieces in enumerate(answers):
        np.testing.assert_allclose(np.concatenate(pieces, 1), streams.whole(name, number), **CLOSE)


@pytest.mark.parametrize("name", streams.STREAMS)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_runner_of_this_project_feeds_interleaved_sequences(
    protocol: str, name: str, folder: Path, served: Triton
) -> None:
    # The states of "native" have names that do not tell that they are states.
    local, told = (None, True) if name == "native" else (folder / f"{name}.stream.onnx", None)
    where = url(served, protocol, f"{name}-server")
    remote = runtime.load(local, on=where, sequences=told)
    assert isinstance(remote, RemoteRunner)
    sequences = [remote.sequence() for _ in range(3)]
    before = remote.counts()
    pieces: list[list[Array]] = [[], [], []]
    last = len(streams.CHUNKS) - 1
    for step, chunks in enumerate(zip(*map(streams.cut, streams.sequences(3)), strict=True)):
        for number, chunk in enumerate(chunks):
            found = sequences[number].run({"x": chunk}, last=step == last)
            pieces[number].append(found["y"])
    for number, mine in enumerate(pieces):
        np.testing.assert_allclose(np.concatenate(mine, 1), streams.whole(name, number), **CLOSE)
    after = remote.counts()
    assert before is not None
    assert after is not None
    np.testing.assert_equal(after.requests - before.requests, 3 * len(streams.CHUNKS))


def test_sequences_sent_at_the_same_time_are_batched_and_kept_apart(served: Triton) -> None:
    found: dict[int, Array] = {}

    def stream(number: int, x: Array) -> None:
        sizes = [1] * x.shape[1]
        pieces = [
            ask_grpc(served, "stream-server", chunk, 200 + number, not step, step == len(sizes) - 1)
            for step, chunk in enumerate(streams.cut(x, sizes))
        ]
        found[number] = np.concatenate(pieces, 1)

    threads = [
        threading.Thread(target=stream, args=item) for item in enumerate(streams.sequences(6))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    np.testing.assert_equal(sorted(found), list(range(6)))
    for number, array in found.items():
        np.testing.assert_allclose(array, streams.whole("stream", number), **CLOSE)


def test_what_the_check_says_of_configurations_is_what_the_server_does(
    folder: Path, tmp_path: Path
) -> None:
    """Of each configuration that the server itself judges, and of those that it loads all the same.

    What only the real onnxruntime backend looks at is left out; so is a warm-up that fails, which
    can take the whole server down with a backend in Python.
    """
    wheel()
    repository, wanted = tmp_path / "repository", {}
    repository.mkdir()
    for name, (model, options) in TREES.items():
        (tmp_path / name).mkdir()
        made = trees.tree(tmp_path / name, model, options=options) / model
        for number, (of, old, new, problem, effect) in enumerate(ROWS):
            silent = "does not load" not in effect and "default_model" not in problem
            if of == name and (JUDGED.match(problem) or silent):
                copy = repository / f"{name}{number}"
                shutil.copytree(made, copy)
                text = changed_config((copy / "config.pbtxt").read_text(), old, new)
                text = text.replace(f'name: "{model}"', f'name: "{copy.name}"', 1)
                (copy / "config.pbtxt").write_text(text)
                wanted[copy.name] = "does not load" not in effect and "cannot read" not in effect
    (tmp_path / "model.py").write_text(OPENS)
    loaded = outcomes(repository, tmp_path, list(wanted))
    np.testing.assert_equal(loaded, wanted)
    np.testing.assert_array_less(10, list(wanted.values()).count(False))


def url(served: Triton, protocol: str, name: str) -> str:
    if protocol == "http":
        return f"http://{served.http}/v2/models/{name}"
    return f"grpc://{served.grpc}/{name}"


def outcomes(repository: Path, folder: Path, names: list[str]) -> dict[str, bool]:
    """Say of each model whether the server loads it.

    An instance that fails can hang the backend in Python, or take the server down; a new server
    goes on with that model.
    """
    loaded: dict[str, bool] = {}
    for _ in range(6):
        asked = ("--model-control-mode=explicit",)
        with (
            triton([repository], folder, *asked, backend=folder / "model.py") as server,
            contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError),
        ):
            for name in [name for name in names if name not in loaded]:
                loaded[name] = loads(server, name)
        if len(loaded) == len(names):
            break
    return loaded


def loads(served: Triton, name: str) -> bool:
    """Have the server load one model, and say whether it did."""
    path = f"http://{served.http}/v2/repository/models/{name}/load"
    try:
        with urllib.request.urlopen(urllib.request.Request(path, b"{}"), timeout=30):
            return True
    except urllib.error.HTTPError:  # 400, or 500 where the backend finds what is wrong
        return False


def ask_http(served: Triton, name: str, x: Array, sequence: int, start: bool, end: bool) -> Array:
    tensor = {"name": "x", "datatype": "FP32", "shape": x.shape, "data": x.ravel().tolist()}
    flags = {"sequence_id": sequence, "sequence_start": start, "sequence_end": end}
    body = json.dumps({"inputs": [tensor], "parameters": flags}).encode()
    request = urllib.request.Request(f"{url(served, 'http', name)}/infer", body)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        (output,) = json.load(answer)["outputs"]
    return np.array(output["data"], np.float32).reshape(output["shape"])


def ask_grpc(served: Triton, name: str, x: Array, sequence: int, start: bool, end: bool) -> Array:
    with grpc_client.InferenceServerClient(served.grpc) as client:
        given = grpc_client.InferInput("x", list(x.shape), "FP32")
        given.set_data_from_numpy(x)
        answer = client.infer(
            name, [given], sequence_id=sequence, sequence_start=start, sequence_end=end
        )
        array: Array = answer.as_numpy("y")
        return array
