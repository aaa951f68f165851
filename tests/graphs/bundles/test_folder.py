"""The folder of a bundle: whole or not there, and never in the place of what is not ours."""

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright.graphs.bundles import BundleError, Options, bundle, folder
from onnxwright.writing import FileError

from .trees import MODELS, tree


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def again(made: Path, **options: Any) -> None:
    bundle(made.parent / "stream.onnx", "triton", made, Options(**options), replace=True)


def test_the_model_is_the_same_file(tmp_path: Path) -> None:
    made = tree(tmp_path, "stream")
    copied = (made / "stream/1/model.onnx").read_bytes()
    np.testing.assert_equal(copied, (tmp_path / "stream.onnx").read_bytes())
    files = ["README.md", "onnxwright-bundle.json", "stream/1/model.onnx", "stream/config.pbtxt"]
    np.testing.assert_equal([name for name in names(made) if (made / name).is_file()], files)


def test_external_data_travel_along(tmp_path: Path) -> None:
    (tmp_path / "source/weights").mkdir(parents=True)
    source = tmp_path / "source/net.onnx"
    onnx.save(
        MODELS["native"](),
        source,
        save_as_external_data=True,
        location="weights/all.bin",
        size_threshold=0,
    )
    made = bundle(source, "triton", tmp_path / "out", Options(states="server")).folder
    moved = onnx.load(made / "net/1/model.onnx")
    np.testing.assert_equal((made / "net/1/weights/all.bin").stat().st_size > 0, True)
    np.testing.assert_equal(len(moved.graph.initializer[0].raw_data), 180)


def test_external_data_called_as_the_model_are_refused(tmp_path: Path) -> None:
    onnx.save(
        MODELS["native"](),
        tmp_path / "net.onnx",
        save_as_external_data=True,
        location="model.onnx",
        size_threshold=0,
    )
    with pytest.raises(BundleError, match=r"are called model\.onnx, as the model is here"):
        bundle(tmp_path / "net.onnx", "triton", tmp_path / "out")


def test_a_folder_of_the_users_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "triton-stream").mkdir()
    (tmp_path / "triton-stream/mine.txt").write_text("mine")
    with pytest.raises(BundleError, match="is no bundle that onnxwright has made"):
        tree(tmp_path, "stream")
    with pytest.raises(BundleError, match="is no bundle that onnxwright has made"):
        again(tmp_path / "triton-stream")
    np.testing.assert_equal(names(tmp_path / "triton-stream"), ["mine.txt"])


def test_an_empty_folder_and_an_unchanged_bundle_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "triton-stream").mkdir()
    made = tree(tmp_path, "stream")
    with pytest.raises(BundleError, match="is there already") as told:
        tree(tmp_path, "stream")
    assert told.value.remedy == "give --replace to put the new bundle in its place"
    again(made, max_batch=3)
    assert "max_batch_size: 3" in (made / "stream/config.pbtxt").read_text()
    left = sorted(path.name for path in tmp_path.iterdir())
    np.testing.assert_equal(left, ["stream.onnx", "triton-stream"])


def change(made: Path) -> None:
    with (made / "stream/config.pbtxt").open("a") as stream:
        stream.write("# tuned\n")


def link(made: Path) -> None:
    (made / "stream/link").symlink_to(made.parent)


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (change, "stream/config.pbtxt"),
        (lambda made: (made / "mine.txt").write_text("mine"), "mine.txt"),
        (link, "stream/link"),
    ],
)
def test_a_bundle_that_was_changed_by_hand_is_not_replaced(
    edit: Any, what: str, tmp_path: Path
) -> None:
    made = tree(tmp_path, "stream")
    edit(made)
    before = names(made)
    with pytest.raises(BundleError, match=f"{what} in it is not as onnxwright wrote it"):
        again(made)
    np.testing.assert_equal(names(made), before)


def test_a_model_inside_the_bundle_is_not_replaced_by_itself(tmp_path: Path) -> None:
    made = tree(tmp_path, "stream")
    with pytest.raises(BundleError, match="is read here, and lies in"):
        bundle(made / "stream/1/model.onnx", "triton", made, replace=True)


def test_a_link_to_a_bundle_is_not_replaced(tmp_path: Path) -> None:
    made = tree(tmp_path, "stream")
    (tmp_path / "link").symlink_to(made)
    with pytest.raises(BundleError, match="is no bundle that onnxwright has made"):
        again(tmp_path / "link")


def test_a_missing_parent_is_told(tmp_path: Path) -> None:
    onnx.save(MODELS["stream"](), tmp_path / "stream.onnx")
    with pytest.raises(FileError, match="its folder is not there"):
        bundle(tmp_path / "stream.onnx", "triton", tmp_path / "no/out")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder.shutil, "copyfileobj", full)  # type: ignore[attr-defined]
    with pytest.raises(FileError, match="No space left on device") as told:
        tree(tmp_path, "stream")
    assert told.value.remedy == "make room, or give another folder"
    np.testing.assert_equal([path.name for path in tmp_path.iterdir()], ["stream.onnx"])


def test_the_old_bundle_comes_back_where_the_new_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tree(tmp_path, "stream")
    before = names(made)
    rename = os.rename

    def fails(source: Path, target: Path) -> None:
        if str(source).endswith(".tmp"):
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fails)
    with pytest.raises(FileError, match="Input/output error"):
        again(made)
    np.testing.assert_equal(names(made), before)
    np.testing.assert_equal(len(list(tmp_path.iterdir())), 2)
