"""What a file is that was given in the place of a model, told from its name and its first bytes."""

import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096
"""Bytes that are looked at."""


@dataclass(frozen=True)
class Kind:
    """A kind of file that is no model."""

    what: str
    """With its article: "a NumPy array"."""
    remedy: str
    """What to do with it in the place of a model; ``{path}`` stands for the file."""
    weights: bool = False
    """What to do with it is ``onnxwright build --weights``."""
    suffixes: tuple[str, ...] = ()
    """Of a weights file: how its names end, where its content does not tell."""


MODEL = Kind("a model", "give it as it is")
NETWORK = Kind("a network file", "build the model first: onnxwright build {path} -w WEIGHTS")
SAFETENSORS = Kind(
    "a weights file (safetensors)",
    "build the model first: onnxwright build NETWORK.toml -w {path}",
    weights=True,
    suffixes=(".safetensors",),
)
NPY = Kind("a NumPy array", "give the model's path, and this file as --input NAME={path}")
NPZ = Kind(
    "a file of NumPy arrays (.npz)",
    "give the model's path; inputs go in as --input {path}, weights as onnxwright build "
    "NETWORK.toml -w {path}",
    weights=True,
    suffixes=(".npz",),
)
TORCH = Kind(
    "a PyTorch file",
    "draft a network file: onnxwright draft {path} -o net.toml; then build it with -w {path}",
    weights=True,
    suffixes=(".pt", ".pth", ".bin", ".ckpt"),
)
KERAS = Kind(
    "a Keras file", "convert it: onnxwright convert {path} -o net.onnx", suffixes=(".keras",)
)
HDF5 = Kind("an HDF5 file", KERAS.remedy, suffixes=(".h5", ".hdf5"))
ZIP = Kind("a zip archive", "unpack it, and give the path of the .onnx file in it")
JSON = Kind("a JSON file", "give the model's path; results are shown by onnxwright report {path}")

PICKLE = Kind(
    "a pickle, which could run anything",
    "export it to ONNX; or save its arrays with numpy.savez and build a model with "
    "onnxwright build",
)
MAGIC = (
    (0, b"\x93NUMPY", NPY),
    (0, b"\x89HDF\r\n\x1a\n", HDF5),
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", TORCH),  # before PyTorch 1.6
    *((0, bytes([0x80, protocol]), PICKLE) for protocol in (2, 3, 4, 5)),
    (0, b"GGUF", Kind("a GGUF file", "give an ONNX export of the model")),
    (4, b"ORTM", Kind("a model in onnxruntime's own format", "give the .onnx file that it is of")),
    (4, b"TFL3", Kind("a TensorFlow Lite model", "give an ONNX export of the model")),
    (0, b"version https://git-lfs", Kind("a Git LFS pointer", "fetch the file: git lfs pull")),
    (0, b"<!", Kind("a web page", "download the file itself")),
    (0, b"<html", Kind("a web page", "download the file itself")),
    (0, b"{", JSON),
)
"""Where bytes stand that tell a kind of file, and which."""


WEIGHTS = (NPZ, SAFETENSORS, TORCH, HDF5, KERAS)
SOURCES = (*WEIGHTS, NPY, NETWORK, PICKLE)
"""What a model is made from: none is ever written in its place."""


def weights_kind(path: Path) -> Kind | None:
    """Return the kind of a weights file, by its content, or by its name where that tells none.

    >>> weights_kind(Path("absent.pt")) is TORCH, weights_kind(Path("absent.onnx"))
    (True, None)
    """
    kind = recognised(path)
    if kind in WEIGHTS:
        return kind
    suffix = path.suffix.lower()
    return next((each for each in WEIGHTS if suffix in each.suffixes), None)


def recognised(path: Path) -> Kind | None:
    """Return what the file at `path` is, if it is of a kind that people mistake for a model.

    Never raises: a file that cannot be read is of no kind.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        if head.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(path) as archive:
                return _archive(archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return None
    return _told(path, head)


def _archive(names: Collection[str]) -> Kind:
    if names and all(name.endswith(".npy") for name in names):
        return NPZ
    if any(name.endswith("/data.pkl") for name in names):
        return TORCH
    return KERAS if "model.weights.h5" in names else ZIP


def _told(path: Path, head: bytes) -> Kind | None:
    if not head:
        return Kind("an empty file", "export or download it again")
    if _is_safetensors(head):
        return SAFETENSORS
    for offset, magic, kind in MAGIC:
        if head[offset:].startswith(magic):
            return kind
    if path.suffix.lower() in SAFETENSORS.suffixes:
        return SAFETENSORS
    return NETWORK if path.suffix.lower() == ".toml" or b"[network]" in head else None


def _is_safetensors(head: bytes) -> bool:
    """Say whether a length of eight bytes, below the format's limit of 100 MB, leads to JSON."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= 100_000_000
