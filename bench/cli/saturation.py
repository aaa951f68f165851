"""A warning where this processor would give wrong 8-bit products."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ...files import read_model
from ...graphs.targets.saturating import multiplies_bytes, saturating_nodes, saturation_words
from ...runtime.ort.saturation import int8_saturates
from .terminal import stderr_console, tell

PROVIDER = "cpu"


def _nodes(model: str | Path) -> list[str]:
    """Return the nodes of a model's file; its weights are only read where some may saturate."""
    if not Path(model).is_file() or not multiplies_bytes(read_model(model, embedded=False)):
        return []
    return saturating_nodes(read_model(model))


def warn_of_saturation(models: Iterable[str | Path], on: Sequence[str]) -> None:
    """Say on stderr which models' weights let onnxruntime's CPU provider saturate here."""
    if not any(name.partition("@")[0] == PROVIDER for name in on):
        return
    for model in models:
        nodes = _nodes(model)
        if nodes and int8_saturates():
            words = (
                f"{model}: {saturation_words(nodes, True)}; onnxwright verify --exact-int8 shows"
            )
            tell(stderr_console(), f"{words} what they would give", warning=True)
