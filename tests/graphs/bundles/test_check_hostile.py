"""A tree is hostile data: whatever stands in its files, the check says so and ends."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onnxwright.graphs.bundles import BundleError, Options, check
from onnxwright.graphs.bundles.checks.tree import MOST_ENTRIES

from .trees import tree

pytest.importorskip("yaml", reason="pip install 'onnxwright[serve]'")
pytest.importorskip("tritonclient.grpc", reason="pip install 'onnxwright[serve]'")
FILES = {
    "triton": (Options(states="server"), ("stream/config.pbtxt", "stream/1/model.onnx")),
    "mlserver": (Options(), ("model-settings.json", "model.json", "settings.json", "model.onnx")),
    "ray-serve": (Options(states="server"), ("config.yaml", "model.json")),
    "kserve": (Options(storage_uri="pvc://claim/models"), ("inferenceservice.yaml",)),
    "openvino-server": (Options(), ("config.json",)),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("hostile")
    return {target: tree(folder, "stream", target, given) for target, (given, _) in FILES.items()}


@pytest.mark.parametrize(
    ("target", "file"), [(target, file) for target, (_, files) in FILES.items() for file in files]
)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_files_are_told_and_never_raise(
    target: str, file: str, made: dict[str, Path], data: st.DataObject
) -> None:
    path = made[target] / file
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    width = data.draw(st.integers(0, 20))
    put = data.draw(st.binary(max_size=12) | st.sampled_from([b"[]", b"{", b"-1", b"null", b'""']))
    try:
        path.write_bytes(whole[:place] + put + whole[place + width :])
        check(made[target], target)
    finally:
        path.write_bytes(whole)
    np.testing.assert_equal(check(made[target], target).problems, ())


@pytest.mark.parametrize("text", ["[" * 300_000, "{a: " * 300_000, "- " * 300_000, "a: &b [*b]"])
def test_texts_without_end_are_told(text: str, tmp_path: Path) -> None:
    folder = tree(tmp_path, "stream", "ray-serve")
    (folder / "config.yaml").write_text(text)
    (problem,) = check(folder).problems
    np.testing.assert_equal(problem.where, "config.yaml")


def test_a_tree_of_too_many_files_is_refused(tmp_path: Path) -> None:
    for number in range(MOST_ENTRIES + 1):
        (tmp_path / str(number)).touch()
    with pytest.raises(BundleError, match="has more than 10000 files and folders"):
        check(tmp_path, "triton")


def test_links_and_pipes_are_not_opened(tmp_path: Path) -> None:
    folder = tree(tmp_path, "stream")
    (folder / "stream/2").symlink_to("/")
    os.mkfifo(folder / "stream/pipe")
    told = {problem.where: problem.problem for problem in check(folder).problems}
    np.testing.assert_equal(
        told,
        {
            "stream/2": "it is a symbolic link",
            "stream/pipe": "it is no plain file or folder, or lies too deep",
        },
    )
