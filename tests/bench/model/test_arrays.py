import zipfile
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.model.arrays import read_inputs, write_arrays

X, Y = np.arange(3.0), np.ones((2, 2), np.int8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "xy.npz", x=X, y=Y)
    np.savez(tmp_path / "one.npz", other=X)
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", x=np.array([{}], object))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-1])
    (tmp_path / "cut.npz").write_bytes((tmp_path / "xy.npz").read_bytes()[:-30])
    (tmp_path / "text.npy").write_text("hello")
    (tmp_path / "empty.npz").write_bytes(b"")
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    huge = b"\x93NUMPY\x01\x00" + (128 - 10).to_bytes(2, "little") + header.ljust(117) + b"\n"
    (tmp_path / "huge.npy").write_bytes(huge)
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("x.npy", huge)
    broken = (tmp_path / "x.npy").read_bytes().replace(b"), }", b")( }")
    (tmp_path / "header.npy").write_bytes(broken)
    return tmp_path


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["a=x.npy"], ["a"]),
        (["xy.npz"], ["x", "y"]),
        (["y=xy.npz", "a=one.npz"], ["y", "a"]),
        ([], []),
    ],
)
def test_inputs_are_named_by_the_option_or_by_the_file(
    folder: Path, texts: list[str], names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    found = read_inputs(texts)
    np.testing.assert_equal(list(found), names)
    for name, array in found.items():
        np.testing.assert_equal(array, Y if name == "y" else X)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["x.npy"], "--input x.npy names no input\nwrite --input NAME=x.npy"),
        (["a=none.npy"], "none.npy: No such file"),
        (["a=objects.npy"], "objects.npy: .*without objects"),
        (["objects.npz"], "objects.npz: array 'x' holds Python objects, which are never loaded"),
        (["a=cut.npy"], "cannot read arrays from cut.npy"),
        (["cut.npz"], "cannot read arrays from cut.npz"),
        (["a=header.npy"], "cannot read arrays from header.npy: .*\ngive a file that numpy.save"),
        (["a=text.npy"], "cannot read arrays from text.npy"),
        (["empty.npz"], "cannot read arrays from empty.npz"),
        (["a=huge.npy"], "cannot read arrays from huge.npy"),
        (["huge.npz"], "cannot read arrays from huge.npz"),
        (["z=xy.npz"], "no array 'z'\nits arrays are x, y"),
        (["xy.npz", "x=x.npy"], "the input 'x' is given twice"),
    ],
)
def test_what_cannot_be_read_is_told(
    folder: Path, texts: list[str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(BenchError, match=f"(?s){problem}"):
        read_inputs(texts)


def test_arrays_come_back_from_a_file(tmp_path: Path) -> None:
    arrays = {"file": X, "a/b": Y, "h": X.astype(ml_dtypes.bfloat16), "s": np.array(["u"], object)}
    write_arrays(tmp_path / "o.npz", arrays)
    with np.load(tmp_path / "o.npz") as found:
        np.testing.assert_equal(dict(found), {**arrays, "h": X, "s": np.array(["u"])})
        np.testing.assert_equal(found["h"].dtype, np.float32)
