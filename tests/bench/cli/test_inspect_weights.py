"""``onnxwright inspect`` of weights files."""

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from click.testing import CliRunner

from onnxwright.bench.cli.app import cli
from onnxwright.bench.model.weights import nonfinite

FOLDER = Path(__file__).parents[2] / "data/checkpoints/torch"


def inspected(*words: object) -> str:
    done = CliRunner().invoke(cli, ["inspect", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.stdout


def as_json(*words: object) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(inspected(*words, "--format", "json"))
    return facts


def test_a_state_dict_is_told_with_its_layers() -> None:
    facts = as_json(FOLDER / "packed_bilstm.pt")
    layers = [(layer["name"], layer["title"]) for layer in facts["layers"]]
    np.testing.assert_equal(
        layers, [("encoder", "LSTM, 2 layers, bidirectional, 5 -> 12"), ("head", "Linear, 12 -> 3")]
    )
    np.testing.assert_equal((facts["format"], facts["nonfinite"]), ("PyTorch", 0))
    np.testing.assert_equal((facts["parameters"], facts["bytes"]), (1623, 4 * 1623))
    first = facts["arrays"][0]
    np.testing.assert_equal((first["name"], first["shape"]), ("encoder.weight_ih_l0", [24, 5]))


def test_a_checkpoint_says_what_was_taken() -> None:
    text = inspected(FOLDER / "mlp_training.pth")
    assert "model_state_dict" in text
    assert "other parts (--entry)" in text
    np.testing.assert_equal(as_json(FOLDER / "mlp_training.pth", "--entry", "ema")["entry"], "ema")


@pytest.mark.parametrize("name", sorted(p.name for p in FOLDER.iterdir()))
def test_tables_take_80_columns_at_most(name: str) -> None:
    lines = inspected(FOLDER / name).splitlines()
    wide = [line for line in lines if len(line) > 80 and name not in line]  # the title is a path
    np.testing.assert_equal(wide, [])


def test_long_names_and_numbers_that_are_none(tmp_path: Path) -> None:
    name = "encoder.layers.0.attention.output_projection." * 3 + "weight"
    arrays = {name: np.full((3, 2), np.nan, "f4"), "n": np.arange(3)}
    # not allow_pickle=False: NumPy 2.0 stores that as an array
    np.savez(tmp_path / "w.npz", **arrays)  # type: ignore[arg-type]
    text = inspected(tmp_path / "w.npz")
    np.testing.assert_equal(
        max(len(line) for line in text.splitlines() if "w.npz" not in line) <= 80, True
    )
    facts = as_json(tmp_path / "w.npz")
    np.testing.assert_equal([array["nonfinite"] for array in facts["arrays"]], [6, 0])
    np.testing.assert_equal(facts["nonfinite"], 6)


@pytest.mark.parametrize(
    ("array", "count"),
    [
        (np.array([np.nan, 1, np.inf], ml_dtypes.bfloat16), 2),
        (np.array([np.nan, 1], np.float16), 1),
        (np.array([np.nan, 1], ml_dtypes.float8_e4m3fn), 1),
        (np.full((3, 4), np.nan)[:, ::2], 6),
        (np.array(np.inf, ">f4"), 1),
        (np.zeros((0, 3)), 0),
        (np.array([1, 2]), 0),
    ],
)
def test_numbers_that_are_none_are_counted(array: Any, count: int) -> None:
    np.testing.assert_equal(nonfinite(array), count)
