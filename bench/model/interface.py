"""Whether two models take and give the same."""

from collections.abc import Sequence
from pathlib import Path

import onnx

from ...runtime.interpreter.signature import signature
from ...runtime.runner import TensorInfo
from ..errors import BenchError

DEFAULT_BUDGET = 0.03
"""The largest relative L2 error of a model against the one it was made from, where none is set."""


def check_same_interface(
    model: str, changed: onnx.ModelProto, source: str, original: onnx.ModelProto
) -> None:
    """Refuse two models whose inputs or outputs differ in name, element type or rank."""
    (inputs, _, outputs), (wanted, _, given) = signature(changed, None), signature(original, None)
    for what, ours, theirs in (("inputs", inputs, wanted), ("outputs", outputs, given)):
        mine, other = _described(ours), _described(theirs)
        if mine != other:
            raise BenchError(
                f"{model} has the {what} {mine}, {source} {other}",
                "compare a model with the one it was made from: names, types and ranks are to be "
                "the same",
            )


def _described(infos: Sequence[TensorInfo]) -> str:
    return ", ".join(sorted(f"{i.name}: {i.dtype} of rank {len(i.shape or ())}" for i in infos))


def model_bytes(path: Path) -> int | None:
    """Return the bytes of a model's file and of its external data; None where it cannot be read."""
    from ...files import model_files

    try:
        return sum(file.stat().st_size for file in model_files(path))
    except OSError:
        return None
