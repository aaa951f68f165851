"""onnxruntime-web, in Node and in headless Chromium, computes what the local run does."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.bench.digits import nets
from onnxwright.bench.digits.cases import case
from onnxwright.graphs.bundles import Options, bundle, check

from . import streams, trees

pytest.importorskip("onnxruntime", reason="pip install 'onnxwright[cpu]'")
VARIABLE = "ONNXWRIGHT_NPM"
"""A folder whose node_modules has onnxruntime-web and puppeteer-core."""
CLOSE: dict[str, Any] = {"rtol": 1e-6, "atol": 2e-6}
"""The last bits of float32: WebAssembly adds in another order."""
HERE = Path(__file__).parent


def modules() -> Path:
    home = os.environ.get(VARIABLE)
    if not home:
        pytest.skip(f"{VARIABLE} names no folder with onnxruntime-web (.ci/servers)")
    return Path(home) / "node_modules"


def node(script: str, folder: Path, *arguments: str | Path) -> Any:
    """Run a script that finds its modules beside it; return the JSON that it prints."""
    shutil.copy(HERE / script, folder)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(modules())
    command = ["node", str(folder / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def feeds_of(name: str, model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    if name in nets.NAMES:
        return dict(case(name).batch(3))
    inputs = runtime.load(model, on="numpy").inputs
    shapes = {i.name: [d if isinstance(d, int) else 2 for d in i.shape or ()] for i in inputs}
    return {name: trees.random(*shape, seed=7) for name, shape in shapes.items()}


def test_node_computes_what_the_local_run_does(tmp_path: Path) -> None:
    modules()
    models = {name: nets.build(name).build() for name in nets.NAMES}
    models |= {f"{name}-stream": streams.model(name) for name in streams.STREAMS}
    jobs, wanted = [], {}
    for name, model in models.items():
        onnx.save(model, tmp_path / f"{name}.onnx")
        feeds = feeds_of(name, model)
        wanted[name] = runtime.load(model, on="cpu").run(feeds)
        given = {
            key: {"type": array.dtype.name, "dims": array.shape, "data": array.ravel().tolist()}
            for key, array in feeds.items()
        }
        jobs.append({"model": str(tmp_path / f"{name}.onnx"), "feeds": given})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    answers = node("web_node.mjs", tmp_path, tmp_path / "jobs.json")
    for (name, outputs), answer in zip(wanted.items(), answers, strict=True):
        for output, array in outputs.items():
            found = np.array(answer[output]["data"], array.dtype).reshape(answer[output]["dims"])
            np.testing.assert_allclose(found, array, **CLOSE, err_msg=name)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a page by the program in its bundle."""
    command = [sys.executable, str(folder / "serve.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()


@pytest.mark.parametrize("accelerator", ["cpu", "webgpu"])
def test_the_page_computes_what_the_local_run_does(accelerator: str, tmp_path: Path) -> None:
    options = Options(onnxruntime_web=modules() / "onnxruntime-web", accelerator=accelerator)
    trees.stream().save(tmp_path / "stream.onnx")
    made = bundle(tmp_path / "stream.onnx", "web", tmp_path / "page", options).folder
    np.testing.assert_equal(check(made).problems, ())
    x = streams.sequences(1)[0]
    feeds = [{"x": chunk.tolist()} for chunk in streams.cut(x)]
    (tmp_path / "feeds.json").write_text(json.dumps(feeds))
    with served(made) as url:
        told = node("web_page.mjs", tmp_path, url, tmp_path / "feeds.json")
    np.testing.assert_equal((told["wrong"], told["width"]), ([], 390))
    np.testing.assert_equal(told["hosts"], [url.removeprefix("http://").strip("/")])
    assert "WebAssembly" in told["status"] or accelerator == "webgpu"
    y = np.concatenate([np.array(result["y"], np.float32) for result in told["results"]], axis=1)
    np.testing.assert_allclose(y, streams.whole("stream", 0), rtol=0, atol=1e-5)


def test_the_page_takes_integers(tmp_path: Path) -> None:
    options = Options(onnxruntime_web=modules() / "onnxruntime-web", dims={"time": 4})
    trees.tagger().save(tmp_path / "tagger.onnx")
    made = bundle(tmp_path / "tagger.onnx", "web", tmp_path / "page", options).folder
    x, lengths = trees.random(2, 4, 3, seed=5), np.array([4, 2], np.int32)
    feeds = [{"x": x.tolist(), "lengths": lengths.tolist()}]
    (tmp_path / "feeds.json").write_text(json.dumps(feeds))
    with served(made) as url:
        told = node("web_page.mjs", tmp_path, url, tmp_path / "feeds.json")
    wanted = runtime.load(tmp_path / "tagger.onnx", on="cpu").run({"x": x, "lengths": lengths})
    (found,) = told["results"]
    for name, array in wanted.items():
        np.testing.assert_allclose(np.array(found[name]), array, rtol=0, atol=1e-5)
