"""What a file is that was given in the place of a model, told from its name and its first bytes."""

import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096
"""Bytes that are looked at."""

ARRAYS = "numpy.savez and build a model with onnxwright build"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is no model."""

    what: str
    """With its article: "a NumPy array"."""
    remedy: str
    """What to do with it in the place of a model; ``{path}`` stands for the file."""
    weights: bool = False
    """``onnxwright build --weights`` takes it."""


MODEL = Kind("a model", "give it as it is")
NETWORK = Kind("a network file", "build the model first: onnxwright build {path} -w WEIGHTS")
SAFETENSORS = Kind(
    "a weights file (safetensors)",
    "build the model first: onnxwright build NETWORK.toml -w {path}",
    weights=True,
)
NPY = Kind("a NumPy array", "give the model's path, and this file as --input NAME={path}")
NPZ = Kind(
    "a file of NumPy arrays (.npz)",
    "give the model's path; inputs go in as --input {path}, weights as onnxwright build "
    "NETWORK.toml -w {path}",
    weights=True,
)
TORCH = Kind(
    "a PyTorch file",
    "draft a network file: onnxwright draft {path} -o net.toml; then build it with -w {path}",
    weights=True,
)
KERAS = Kind("a Keras file", "convert it: onnxwright convert {path} -o net.onnx")
HDF5 = Kind("an HDF5 file", KERAS.remedy)
ZIP = Kind("a zip archive", "unpack it, and give the path of the .onnx file in it")
JSON = Kind("a JSON file", "give the model's path; results are shown by onnxwright report {path}")

PICKLE = f"export it to ONNX; or save its arrays with {ARRAYS}"
MAGIC = (
    (0, b"\x93NUMPY", NPY),
    (0, b"\x89HDF\r\n\x1a\n", HDF5),
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", TORCH),  # before PyTorch 1.6
    (0, b"\x80\x02", Kind("a pickle, which could run anything", PICKLE)),
    (0, b"\x80\x03", Kind("a pickle, which could run anything", PICKLE)),
    (0, b"\x80\x04", Kind("a pickle, which could run anything", PICKLE)),
    (0, b"\x80\x05", Kind("a pickle, which could run anything", PICKLE)),
    (0, b"GGUF", Kind("a GGUF file", "give an ONNX export of the model")),
    (4, b"ORTM", Kind("a model in onnxruntime's own format", "give the .onnx file that it is of")),
    (4, b"TFL3", Kind("a TensorFlow Lite model", "give an ONNX export of the model")),
    (0, b"version https://git-lfs", Kind("a Git LFS pointer", "fetch the file: git lfs pull")),
    (0, b"<!", Kind("a web page", "download the file itself")),
    (0, b"<html", Kind("a web page", "download the file itself")),
    (0, b"{", JSON),
)
"""Where bytes stand that tell a kind of file, and which."""


WEIGHTS = (SAFETENSORS, NPZ, TORCH, KERAS, HDF5)
WEIGHTS_SUFFIXES = (".safetensors", ".npz", ".pt", ".pth", ".ckpt", ".bin", ".h5", ".keras")


def holds_weights(path: Path) -> bool:
    """Say whether a file is one of weights: by its content, or by its name where that tells none.

    >>> holds_weights(Path("absent.pt")), holds_weights(Path("absent.onnx"))
    (True, False)
    """
    kind = recognised(path)
    return kind in WEIGHTS or path.suffix.lower() in WEIGHTS_SUFFIXES


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
    if path.suffix.lower() == ".safetensors" or _is_safetensors(head):
        return SAFETENSORS
    for offset, magic, kind in MAGIC:
        if head[offset:].startswith(magic):
            return kind
    return NETWORK if path.suffix.lower() == ".toml" or b"[network]" in head else None


def _is_safetensors(head: bytes) -> bool:
    """Say whether a length of eight bytes, below the format's limit of 100 MB, leads to JSON."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= 100_000_000
