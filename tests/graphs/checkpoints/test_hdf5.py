import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from onnxwright.graphs.checkpoints import hdf5
from onnxwright.graphs.checkpoints.archive import read_member
from onnxwright.graphs.checkpoints.hdf5 import read_hdf5
from onnxwright.graphs.errors import WeightError

DATA = Path(__file__).parents[2] / "data" / "checkpoints" / "keras"

SHAPES = {
    "stack.keras": ("layers/lstm/cell/vars/0", (8, 12)),
    "stack.h5": ("model_weights/lstm/sequential/lstm/lstm_cell/kernel", (8, 12)),
    "stack.weights.h5": ("layers/lstm/cell/vars/0", (8, 12)),
}


@pytest.mark.parametrize("file", SHAPES)
def test_three_kinds_of_files_give_their_arrays(file: str) -> None:
    name, shape = SHAPES[file]
    contents = read_hdf5(DATA / file)
    np.testing.assert_equal(len(contents.arrays), 11)
    np.testing.assert_equal(contents.arrays[name].shape, shape)
    np.testing.assert_equal({array.flags.writeable for array in contents.arrays.values()}, {False})


def test_the_kinds_hold_the_same_arrays() -> None:
    kinds = [read_hdf5(DATA / file).arrays[name] for file, (name, _) in SHAPES.items()]
    for other in kinds[1:]:
        np.testing.assert_array_equal(other, kinds[0], strict=True)


def test_attributes_of_groups() -> None:
    contents = read_hdf5(DATA / "stack.h5")
    np.testing.assert_equal(contents.text("", "keras_version"), "3.15.1")
    np.testing.assert_equal(
        contents.texts("model_weights", "layer_names"), ["bidirectional", "lstm", "dense"]
    )
    np.testing.assert_equal(contents.text("", "layer_names"), None)
    np.testing.assert_equal(contents.texts("", "keras_version"), None)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_bytes(b"no model at all " * 100)


def without_weights(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", bytes(1 << 25))


BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (cut, "not a whole HDF5 or .keras file"),
    (empty, "it is empty"),
    (text, "Unable to locate HDF5 file signature"),
    (without_weights, "the archive has no member model.weights.h5"),
    (bomb, "claims 33554432 bytes in an archive of"),
]


@pytest.mark.parametrize(("damage", "told"), BROKEN, ids=[f.__name__ for f, _ in BROKEN])
def test_a_broken_file_is_one_error(
    damage: Callable[[Path], None], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.h5"
    shutil.copy(DATA / "stack.h5", path)
    damage(path)
    with pytest.raises(WeightError, match=told):
        read_hdf5(path)


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_end_in_arrays_or_in_one_error(seed: int, tmp_path: Path) -> None:
    data = bytearray((DATA / "stack.weights.h5").read_bytes())
    rng = np.random.default_rng(seed)
    for place in rng.integers(0, len(data), 40):
        data[place] = rng.integers(256)
    path = tmp_path / "net.h5"
    path.write_bytes(data)
    begin = time.process_time()
    try:
        arrays = read_hdf5(path).arrays
    except WeightError:
        arrays = {}
    np.testing.assert_array_less(sum(array.nbytes for array in arrays.values()), len(data))
    np.testing.assert_array_less(time.process_time() - begin, 20)


def test_a_file_that_reads_in_circles_runs_out_of_its_budget() -> None:
    stream = hdf5._Budgeted(bytes(1024))
    with pytest.raises(ValueError, match="in circles"):
        [stream.read(0) for _ in range(1 << 20)]


def test_groups_that_hold_themselves_are_one_error() -> None:
    circle = DATA.parent / "hdf5" / "circle.h5"  # h5py: f["a/b"] = f["a/c"] = f["a"]
    with pytest.raises(WeightError, match="more than 20000 groups and arrays, or groups 64 deep"):
        read_hdf5(circle)


def test_a_member_that_is_not_there(tmp_path: Path) -> None:
    without_weights(tmp_path / "a.keras")
    with pytest.raises(WeightError, match="no member x"):
        read_member(tmp_path / "a.keras", "x", 10)


def test_without_pyfive_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyfive", None)
    with pytest.raises(WeightError, match=r"not installed\npip install 'onnxwright\[keras\]'"):
        read_hdf5(DATA / "stack.h5")
