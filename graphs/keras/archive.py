"""Opening a file that Keras has saved: its architecture, its version, its arrays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..checkpoints.archive import is_archive, member_names, read_member
from ..checkpoints.hdf5 import Contents, read_hdf5
from ..errors import GraphError
from .fields import MAX_CONFIG, parse_config
from .vault import Numbered, Vault, named

DRAFT = (".pt", ".pth", ".bin", ".ckpt", ".safetensors", ".npz")
"""Files with arrays and no architecture: what `draft` takes."""
KERAS = (".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class Saved:
    """What a saved model holds.

    `config` is the architecture (``class_name`` and ``config``), `version` what
    ``keras.__version__`` was, such as ``3.15.1``.
    """

    path: Path
    config: dict[str, Any]
    version: str
    vault: Vault

    @property
    def major(self) -> int:
        """2 or 3: the two that differ in their layers; files without a version are of Keras 2."""
        return 3 if self.version.startswith("3.") else 2


def open_saved(path: Path) -> Saved:
    """Open a ``.keras`` or a ``.h5`` file that ``model.save`` has written.

    Raises
    ------
    GraphError
        The file is of another kind, has no architecture, or is damaged.
    """
    _check_suffix(path)
    try:
        if not path.is_file():
            raise FileNotFoundError(2, "no such file" if not path.exists() else "not a file")
        return _open_archive(path) if is_archive(path) else _open_hdf5(path)
    except OSError as error:
        raise GraphError(
            f"{path}: cannot be read: {error.strerror or error}",
            "check the path and its permissions",
        ) from error


def has_architecture(path: Path) -> bool:
    """Say whether `open_saved` opens the file."""
    try:
        open_saved(path)
    except GraphError:
        return False
    return True


def _check_suffix(path: Path) -> None:
    suffix = path.suffix.lower()
    if path.name.lower().endswith(".weights.h5"):
        raise _no_architecture(path)
    if suffix in DRAFT:
        raise GraphError(
            f"{path}: holds arrays and no architecture, so that there is nothing to convert",
            f"onnxwright draft {path} -o net.toml writes down what the arrays tell; then "
            "onnxwright build net.toml",
        )
    if suffix not in KERAS:
        raise GraphError(
            f"{path}: suffix {suffix!r} is not known, needs one of {', '.join(KERAS)}",
            "save the model in Keras with model.save('model.keras')",
        )


def _open_archive(path: Path) -> Saved:
    names = member_names(path)
    if "config.json" not in names:
        raise _no_architecture(path)
    config = _json_member(path, "config.json")
    about = _json_member(path, "metadata.json") if "metadata.json" in names else {}
    return Saved(path, config, str(about.get("keras_version", "")), Numbered(read_hdf5(path)))


def _json_member(path: Path, name: str) -> dict[str, Any]:
    text = read_member(path, name, MAX_CONFIG).decode("utf-8", "replace")
    return parse_config(text, f"{path}, {name}")


def _open_hdf5(path: Path) -> Saved:
    contents: Contents = read_hdf5(path)
    text = contents.text("", "model_config")
    if text is None:
        raise _no_architecture(path)
    config = parse_config(text, f"{path}, model_config")
    version = contents.text("", "keras_version") or ""
    return Saved(path, config, version, named(contents))


def _no_architecture(path: Path) -> GraphError:
    return GraphError(
        f"{path}: holds the weights of a Keras model, not its architecture",
        f"save the whole model with model.save('model.keras'), or onnxwright draft {path} "
        "-o net.toml writes down what the arrays tell",
    )
