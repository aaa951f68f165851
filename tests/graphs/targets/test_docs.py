"""The page on targets: its code runs, and it names every target."""

import re
from pathlib import Path

import numpy as np

from onnxwright.graphs.targets import TARGETS

PAGE = (Path(__file__).parents[3] / "docs" / "targets.md").read_text(encoding="utf-8")


def test_the_code_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    np.testing.assert_equal(len(blocks), 1)
    exec(compile(blocks[0], "docs/targets.md", "exec"), {})


def test_every_target_is_named() -> None:
    table = PAGE.partition("## The targets")[2].partition("## Rules")[0]
    np.testing.assert_equal([name for name in TARGETS if f"`{name}`" not in table], [])
