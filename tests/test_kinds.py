"""Files that are no models are called what they are, with what to do."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from onnxwright.files import FileError, read_model


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    return stream.getvalue()


def npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.ones(3))
    return stream.getvalue()


TENSORS = safetensors.numpy.save({"w": np.ones(3, np.float32)})
BUILD = "build the model first: onnxwright build"

WEIGHTS = (r"a weights file \(safetensors\)", f"{BUILD} NETWORK.toml -w {{}}")


@pytest.mark.parametrize(
    ("name", "content", "what", "remedy"),
    [
        ("n.toml", b"[network]\n", "a network file", f"{BUILD} {{}} -w WEIGHTS"),
        ("n.txt", b"# mine\n[network]\n", "a network file", f"{BUILD} {{}} -w WEIGHTS"),
        ("w.safetensors", TENSORS, *WEIGHTS),
        ("w", TENSORS, *WEIGHTS),
        ("w.safetensors", b"cut", *WEIGHTS),
        ("x.npy", npy(), "a NumPy array", "give the model's path, and .* --input NAME={}"),
        ("x.npz", zipped("x.npy"), r"a file of NumPy arrays \(.npz\)", "give the model's path"),
        ("m.pt", zipped("m/data.pkl"), "a PyTorch file", "draft a network file: onnxwright draft "),
        ("m.keras", zipped("model.weights.h5"), "a Keras file", "convert it: onnxwright convert"),
        ("m.zip", zipped("m.onnx"), "a zip archive", "unpack it"),
        ("m.onnx", zipped(), "cut off, damaged", "export or download it again"),
        ("m.onnx", zipped("x.npy")[:40], "cut off, damaged", "export or download it again"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + bytes(9), "an HDF5 file", "convert it: onnxwright convert"),
        ("m.pkl", pickle.dumps([]), "a pickle, which could run anything", "export it to ONNX"),
        ("m.ort", b"\x30\0\0\0ORTM" + bytes(9), "a model in onnxruntime's own format", "give the"),
        ("r.json", b'{"rows": []}', "a JSON file", "give .* onnxwright report {}"),
        ("m.onnx", b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer", "fetch"),
        ("m.onnx", b"<!DOCTYPE html><html>", "a web page", "download the file itself"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_named(
    name: str, content: bytes, what: str, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileError, match=f"{name} is .*{what}.*\n{remedy.format(path)}"):
        read_model(path)
