"""A model's graph in Netron, a viewer that need not be installed."""

import importlib
import importlib.util
from pathlib import Path

from ..errors import BenchError


def view(model: Path) -> None:
    """Show `model` in the browser until the viewer is stopped.

    Raises
    ------
    BenchError
        Netron is not installed.
    """
    if importlib.util.find_spec("netron") is None:
        raise BenchError(
            "Netron is not installed, so the graph cannot be shown",
            f"pip install netron, or open {model} on https://netron.app",
        )
    netron = importlib.import_module("netron")
    netron.start(str(model))
    netron.wait()
