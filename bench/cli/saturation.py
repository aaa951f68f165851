"""A warning where this processor would give wrong 8-bit products."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ...files import read_model
from ...graphs.targets.saturating import saturating_nodes, saturation_words
from ...runtime.ort.saturation import int8_saturates
from .terminal import stderr_console, tell

PROVIDER = "cpu"


def warn_of_saturation(models: Iterable[str | Path], on: Sequence[str]) -> None:
    """Say on stderr which models' weights let onnxruntime's CPU provider saturate here."""
    if not any(name.partition("@")[0] == PROVIDER for name in on):
        return
    for model in models:
        nodes = saturating_nodes(read_model(model)) if Path(model).is_file() else []
        if nodes and int8_saturates():
            words = (
                f"{model}: {saturation_words(nodes, True)}; onnxwright verify --exact-int8 shows"
            )
            tell(stderr_console(), f"{words} what they would give", warning=True)
