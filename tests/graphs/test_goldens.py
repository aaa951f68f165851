"""Small models as text, whole: what a change of the emitted graph looks like.

To write them anew after a change that is meant, and read the difference::

    python -m tests.graphs.test_goldens
"""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from .nets import NETS

GOLDENS = Path(__file__).parent / "goldens"


def text_of(name: str) -> str:
    """Return the model as text, without the version of the package that made it."""
    text = onnx.printer.to_text(NETS[name]().build())
    lines = re.sub(r'producer_version: "[^"]*"', 'producer_version: "-"', text).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


@pytest.mark.parametrize("name", NETS)
def test_the_model_is_the_one_on_file(name: str) -> None:
    np.testing.assert_equal(text_of(name), (GOLDENS / f"{name}.txt").read_text())


def test_there_is_a_net_for_every_file() -> None:
    np.testing.assert_equal(sorted(path.stem for path in GOLDENS.iterdir()), sorted(NETS))


if __name__ == "__main__":
    for each in NETS:
        (GOLDENS / f"{each}.txt").write_text(text_of(each))
