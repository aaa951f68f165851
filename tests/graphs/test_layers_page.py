"""docs/layers.md says what the code has: every kind, every Keras layer, keys that are arguments."""

import re
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest

from onnxwright.graphs.keras.registry import ENTRIES
from onnxwright.graphs.spec.calls import parameters
from onnxwright.graphs.spec.layers import layer_kinds
from onnxwright.graphs.words import layer_hint

PAGE = (Path(__file__).parents[2] / "docs" / "layers.md").read_text()
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells]
    for cells in (line.strip("|").split("|") for line in PAGE.splitlines() if line[:3] == "| `")
}
ALIASES = re.compile(
    r"(Convolution|MaxPool|AvgPool|GlobalMaxPool|GlobalAvgPool)\dD|Separable\w+n\dD"
)
"""Keras's second names of classes that stand in the table under their first."""


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]*)`", text)


def test_every_kind_has_its_row() -> None:
    np.testing.assert_equal(sorted(ROWS), sorted(layer_kinds()))


@pytest.mark.parametrize("kind", ROWS)
def test_the_lines_of_a_network_file_are_arguments(kind: str) -> None:
    table = tomllib.loads("\n".join(code(ROWS[kind][1])))
    accepted = {parameter.name for parameter in parameters(layer_kinds()[kind])}
    np.testing.assert_equal(table.pop("kind"), kind)
    np.testing.assert_equal(set(table) - accepted, set())


def test_every_keras_layer_that_is_converted_stands_there() -> None:
    told = set(code(PAGE)) - set(ROWS)
    known = {name for name in ENTRIES if not name.startswith("ops.")}
    np.testing.assert_equal({name for name in known - told if not ALIASES.fullmatch(name)}, set())
    keras = {name for cells in ROWS.values() for name in code(cells[3])}
    np.testing.assert_equal(keras - known, set())


def test_the_operators_are_onnxs() -> None:
    names = {schema.name for schema in onnx.defs.get_all_schemas()}
    told = {name for cells in ROWS.values() for name in code(cells[4])}
    np.testing.assert_equal(told - names, set())


@pytest.mark.parametrize("kind", ROWS)
def test_pytorchs_names_are_answered(kind: str) -> None:
    known = list(layer_kinds())
    for word in code(ROWS[kind][2]):
        plain = word.removesuffix("(1)").lower()
        if kind in ("activation", "constant", "op", "op_many") or not plain.isidentifier():
            continue
        hint = layer_hint(plain, known) or ""
        assert plain in known or kind in hint, f"{word}: {hint}"
