"""A network is never saved over what it may have been made from."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from onnxwright import graphs
from onnxwright.writing import FileError

ARRAYS = {"fc.weight": np.ones((2, 3), np.float32)}
NETWORK = 'name = "net"\n\n[inputs]\nx = "batch 3"\n\n[[layers]]\nkind = "dense"\n'
SOURCES: dict[str, tuple[Callable[[Path], object], str]] = {
    "w.safetensors": (lambda path: save_file(ARRAYS, path), r"a weights file \(safetensors\)"),
    "w.npz": (
        lambda path: np.savez(path, fc=ARRAYS["fc.weight"]),
        r"a file of NumPy arrays \(.npz\)",
    ),
    "w.npy": (lambda path: np.save(path, ARRAYS["fc.weight"]), "a NumPy array"),
    "net.toml": (lambda path: path.write_text(NETWORK), "a network file"),
    "w.pkl": (lambda path: path.write_bytes(pickle.dumps([0.5] * 9)), "a pickle"),
}


def net() -> graphs.Network:
    made = graphs.Network("net")
    made.output("y", made.dense(made.input("x", "batch 3"), graphs.DenseWeights(*ARRAYS.values())))
    return made


@pytest.mark.parametrize("threshold", [0, 1 << 29])
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_kept(name: str, linked: bool, threshold: int, tmp_path: Path) -> None:
    write, what = SOURCES[name]
    path = tmp_path / name
    write(path)
    before = path.read_bytes()
    given = path
    if linked:
        given = tmp_path / "net.onnx"
        given.symlink_to(path)
    said = rf"{name} is {what}.*, which the model would replace\nsave the model under a name of"
    with pytest.raises(FileError, match=said):
        net().save(given, external_threshold=threshold)
    np.testing.assert_equal(path.read_bytes(), before)
    np.testing.assert_equal(len(list(tmp_path.iterdir())), 1 + linked)


@pytest.mark.parametrize("content", [b"", b"notes", b"{}"])
def test_anything_else_is_replaced_as_files_are(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    net().save(path)
    assert [*graphs.read(path)]
