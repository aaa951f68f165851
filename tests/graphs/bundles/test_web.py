"""A page is whole: all its files, and facts that are those of the model."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from onnxwright.graphs.bundles import BundleError, Options, bundle, check, web

from .trees import MODELS, tree


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a folder that has the files of onnxruntime-web, each with its own name in it."""
    dist = tmp_path / "onnxruntime-web/dist"
    dist.mkdir(parents=True)
    for name in (name for names in web.NEEDED.values() for name in names):
        (dist / name).write_text(name)
    return dist.parent


def test_the_page_has_all_that_it_needs(tmp_path: Path, package: Path) -> None:
    options = Options(onnxruntime_web=package, dims={"time": 9}, threads=2)
    made = tree(tmp_path, "stream", "web", options)
    facts = json.loads((made / "model.json").read_text())
    for key, value in {
        "name": "stream",
        "opset": 17,
        "webgpu": False,
        "threads": 2,
        "sizes": {"batch": 1, "time": 9},
        "external": [],
    }.items():
        np.testing.assert_equal(facts[key], value)
    np.testing.assert_equal(
        facts["inputs"][:2],
        [
            {"name": "x", "type": "float32", "dims": ["batch", "time", 3]},
            {"name": "ear.h_in", "type": "float32", "dims": ["batch", 4]},
        ],
    )
    np.testing.assert_equal(facts["states"][0], {"taken": "ear.c_in", "given": "ear.c_out"})
    there = sorted(path.name for path in (made / "ort").iterdir())
    np.testing.assert_equal(there, sorted(web.NEEDED["cpu"]))
    np.testing.assert_equal(check(made).problems, ())


def test_every_file_that_the_page_names_is_there(tmp_path: Path, package: Path) -> None:
    options = Options(onnxruntime_web=package, accelerator="webgpu")
    made = tree(tmp_path, "stream", "web", options)
    texts = [(made / name).read_text() for name in ("index.html", "page.mjs", "tensors.mjs")]
    named = {name for text in texts for name in re.findall(r'"(?:\./)?([\w/.-]+\.\w+)"', text)}
    np.testing.assert_equal(sorted(name for name in named if not (made / name).is_file()), [])
    np.testing.assert_array_less(5, len(named))
    assert not re.search(r"https?://", "".join(texts))


def test_the_program_that_serves_it_is_python(tmp_path: Path, package: Path) -> None:
    made = tree(tmp_path, "stream", "web", Options(onnxruntime_web=package))
    compile((made / "serve.py").read_bytes(), "serve.py", "exec")


def test_external_data_are_named(tmp_path: Path, package: Path) -> None:
    onnx.save(
        MODELS["stream"](),
        tmp_path / "net.onnx",
        save_as_external_data=True,
        location="net.data",
        size_threshold=0,
    )
    options = Options(onnxruntime_web=package)
    made = bundle(tmp_path / "net.onnx", "web", tmp_path / "page", options).folder
    np.testing.assert_equal(json.loads((made / "model.json").read_text())["external"], ["net.data"])
    np.testing.assert_equal((made / "net.data").is_file(), True)


@pytest.mark.parametrize(
    ("given", "problem", "remedy"),
    [
        ({}, "a page needs onnxruntime-web", "npm install onnxruntime-web"),
        ({"onnxruntime_web": Path("/nowhere")}, r"there is no ort\.wasm\.min\.mjs in", "npm inst"),
        ({"states": "server"}, "a web page keeps no states", "for triton"),
        ({"instances": 2}, "--instances says nothing to a web page", "leave it out"),
        ({"accelerator": "cuda"}, "a web page has no such one", "cpu, webgpu"),
    ],
)
def test_what_cannot_be_is_refused(
    given: dict[str, object], problem: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match=problem) as told:
        tree(tmp_path, "stream", "web", Options(**given))  # type: ignore[arg-type]
    assert remedy in told.value.remedy
    np.testing.assert_equal([path.name for path in tmp_path.iterdir()], ["stream.onnx"])


def test_a_newer_model_is_refused(tmp_path: Path, package: Path) -> None:
    model = MODELS["stream"]()
    model.ir_version = 14
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(BundleError, match="read IR versions up to 13"):
        bundle(tmp_path / "m.onnx", "web", tmp_path / "page", Options(onnxruntime_web=package))


def other_model(made: Path) -> None:
    onnx.save(MODELS["tagger"](), made / "model.onnx")


WRONG: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda made: (made / "ort/ort.wasm.min.mjs").unlink(), "there is no such file", "loaded"),
    (lambda made: (made / "page.mjs").unlink(), "there is no such file", "loaded"),
    (lambda made: (made / "model.json").write_text("[" * 9999), "missing or no JSON", "loaded"),
    (lambda made: (made / "model.json").write_text("{}"), "its inputs are not those", "each run"),
    (other_model, "its inputs are not those", "each run fails"),
    (lambda made: (made / "model.onnx").write_text("x"), "is no model", "does not load"),
]


@pytest.mark.parametrize(("edit", "problem", "effect"), WRONG)
def test_a_wrong_page_is_told(
    edit: Callable[[Path], object], problem: str, effect: str, tmp_path: Path, package: Path
) -> None:
    made = tree(tmp_path, "stream", "web", Options(onnxruntime_web=package))
    edit(made)
    told = [found for found in check(made).problems if problem in found.problem]
    assert told, check(made).problems
    assert effect in told[0].effect
