"""The examples of docs/network-file.md are built as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

from onnxwright.graphs.errors import SpecError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.weights.arrays import Array

PAGE = (Path(__file__).parents[3] / "docs" / "network-file.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def ones(*shape: int) -> Array:
    return np.ones(shape, np.float32)


STATE = {
    "encoder.weight_ih_l0": ones(16, 40),
    "encoder.weight_hh_l0": ones(16, 4),
    "head.weight": ones(2, 4),
    "head.bias": ones(2),
    "conv.weight": ones(8, 8, 3),
    **{f"{way}_w": ones(16, 200) for way in ("forward", "backward")},
    **{f"{way}_r": ones(16, 4) for way in ("forward", "backward")},
    **{f"{way}_b": ones(16) for way in ("forward", "backward")},
}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(tmp_path: Path, example: str) -> None:
    (tmp_path / "tagger.toml").write_text(example)
    model = read_network(tmp_path / "tagger.toml", STATE).build()
    np.testing.assert_equal(len(model.graph.output) > 0, True)


def test_the_error_reads_as_shown(tmp_path: Path) -> None:
    text = EXAMPLES[0].replace("activation", "activaton")
    (tmp_path / "tagger.toml").write_text(text)
    with pytest.raises(SpecError, match="key 'activaton'") as caught:
        read_network(tmp_path / "tagger.toml", STATE)
    problem = caught.value.problem.replace(f"{tmp_path}/", "")
    shown = f"error: {problem}\n  {caught.value.remedy}\n"
    np.testing.assert_equal(shown in PAGE, True, err_msg=shown)
