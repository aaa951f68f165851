"""docs/layers.md says what the code has: every kind, every Keras layer, keys that are arguments."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs.keras.registry import ENTRIES
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.spec.calls import parameters
from onnxwright.graphs.spec.layers import layer_kinds
from onnxwright.graphs.words import layer_hint

PAGE = (Path(__file__).parents[2] / "docs" / "layers.md").read_text()
LINES = [line.strip("|").split("|") for line in PAGE.splitlines() if line[:2] == "| "]
OPERATORS = {
    cells[0].strip(): [cell.strip() for cell in cells]
    for cells in LINES
    if "inputs = [" in cells[1] and "`" not in cells[0]
}
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


RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((2, 4, 6)).astype(np.float32)
ARRAYS = {
    "up.weight": RANDOM.standard_normal((4, 3, 2)).astype(np.float32),
    "up.bias": np.ones(3, np.float32),
    "slope": np.full((4, 1), 0.25, np.float32),
    "w": RANDOM.standard_normal((6, 5)).astype(np.float32),
}


def transposed() -> Any:
    steps = np.einsum("bcs,cok->bosk", X, ARRAYS["up.weight"])
    return steps.reshape(2, 3, 12) + 1


def local(size: int) -> Any:
    squares = np.pad(X**2, ((0, 0), (1, 1), (0, 0)))
    around = sum(squares[:, n : n + 4] for n in range(size))
    return X / (1 + 1e-4 / size * around) ** 0.75


EXPECTED: dict[str, Callable[[], Any]] = {
    "ConvTranspose": transposed,
    "PRelu": lambda: np.where(X < 0, 0.25 * X, X),
    "Resize": lambda: np.repeat(X, 2, axis=2),
    "DepthToSpace": lambda: (
        X.reshape(2, 1, 2, 2, 2, 3).transpose(0, 1, 4, 2, 5, 3).reshape(2, 1, 4, 6)
    ),
    "ReduceMean": lambda: X.mean(1),
    "Gather": lambda: X[:, -1],
    "Slice": lambda: X[:, :, 1:-1],
    "Tile": lambda: np.tile(X, (1, 3, 1)),
    "MatMul": lambda: X @ ARRAYS["w"],
    "Einsum": lambda: X @ X.transpose(0, 2, 1),
    "LpNormalization": lambda: X / np.linalg.norm(X, axis=-1, keepdims=True),
    "LRN": lambda: local(3),
    "ArgMax": lambda: X.argmax(-1),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operators_lines_compute_what_they_say(operator: str, tmp_path: Path) -> None:
    assert OPERATORS.keys() == EXPECTED.keys()
    lines = "\n".join(code(OPERATORS[operator][1]))
    (tmp_path / "net.toml").write_text(
        '[inputs]\nx = "batch 4 6"\n[[layer]]\nkind = "reshape"\nname = "pixels"\n'
        'dims = "batch 4 2 3"\n[[layer]]\nkind = "op"\nname = "y"\n'
        f'op_type = "{operator}"\n{lines}\n[outputs]\ny = "y"\n'
    )
    net = read_network(tmp_path / "net.toml", ARRAYS)
    (y,) = runtime.load(net.build(), on="numpy:float64").run({"x": X}).values()
    np.testing.assert_allclose(y, EXPECTED[operator](), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("operator", OPERATORS)
def test_pytorchs_names_of_operators_are_answered(operator: str) -> None:
    for word in code(OPERATORS[operator][2]):
        if word.isidentifier() and word not in ("argmax",):
            assert operator in (layer_hint(word, list(layer_kinds())) or ""), word
