"""Real files of Keras 3 and Keras 2 against what Keras gave for them (tools/checkpoints)."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime
from onnxwright.graphs import GraphError
from onnxwright.graphs.keras import from_keras_file
from onnxwright.runtime import Runner

DATA = Path(__file__).parents[2] / "data" / "checkpoints" / "keras"
FILES = sorted(
    path.name
    for path in DATA.iterdir()
    if path.suffix in (".keras", ".h5") and not path.name.endswith(".weights.h5")
)
STATES = {"stateful.keras": 3}
"""How many states a file's model carries from call to call."""


def recorded(file: str) -> list[list[Any]]:
    stem = file.rpartition(".")[0]
    return [list(np.load(path).values()) for path in sorted(DATA.glob(f"{stem}.[0-9].npz"))]


def replay(runner: Runner, run: list[Any], states: dict[str, Any]) -> list[Any]:
    """Return the outputs for the inputs at the head of `run`, and carry the states on."""
    names = [info.name for info in runner.inputs if not info.name.endswith("_in")]
    outputs = runner.run(dict(zip(names, run, strict=False)) | states)
    for name in states:
        states[name] = outputs[name.replace("_in", "_out")].astype(np.float32)
    return [array for name, array in outputs.items() if not name.endswith("_out")]


@pytest.mark.parametrize("on", ["numpy:float64", "cpu"])
@pytest.mark.parametrize("file", FILES)
def test_the_model_gives_what_keras_gave(file: str, on: str) -> None:
    runner = runtime.load(from_keras_file(DATA / file).build(), on=on)
    states = {
        info.name: np.zeros(
            [size for size in info.shape or () if isinstance(size, int)], np.float32
        )
        for info in runner.inputs
        if info.name.endswith("_in")
    }
    np.testing.assert_equal(len(states), STATES.get(file, 0))
    runs = recorded(file)
    np.testing.assert_equal(len(runs), 2)
    for run in runs:
        outputs = replay(runner, run, states)
        wanted = run[len(runner.inputs) - len(states) :]
        np.testing.assert_equal(len(outputs), len(wanted))
        for got, want in zip(outputs, wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-5, strict=False)
            np.testing.assert_equal(got.shape, want.shape)


def test_a_shared_layer_has_its_arrays_once() -> None:
    graph = from_keras_file(DATA / "graph.keras").build().graph
    floats = [one for one in graph.initializer if one.data_type == onnx.TensorProto.FLOAT]
    sizes = sorted(tuple(one.dims) for one in floats if len(one.dims) > 1)
    inner, shared, sub = [(1, 12, 3), (1, 12, 5), (1, 24), (5, 5)], [(4, 7)], [(3, 4)]
    gru, steps = [(1, 9, 3), (1, 9, 5), (1, 18)], [(3, 2)]
    np.testing.assert_equal(sizes, sorted([*inner, *shared, *sub, *gru, *steps]))


@pytest.mark.parametrize("file", ["masked_ids.keras", "masked_ids_2.h5"])
def test_masks_at_the_end_alone_are_lengths(file: str) -> None:
    exact, ended = (from_keras_file(DATA / file, masks=masks) for masks in ("any", "end"))
    sorting = {"TopK", "GatherND", "CumSum"}
    np.testing.assert_equal(sorting & {node.op_type for node in ended.build().graph.node}, set())
    ids = np.array([[3, 1, 2, 0, 0], [1, 2, 3, 4, 5], [5, 0, 0, 0, 0]], np.int32)
    wanted, got = (runtime.load(net.build()).run({"ids": ids}) for net in (exact, ended))
    for name, array in wanted.items():
        np.testing.assert_allclose(got[name], array, atol=1e-6)


def test_a_word_for_masks_that_is_not_known() -> None:
    with pytest.raises(
        GraphError, match="masks is 'front', which is not known\nuse one of any, end"
    ):
        from_keras_file(DATA / "stack.keras", masks="front")  # type: ignore[arg-type]


def test_every_model_has_its_records() -> None:
    np.testing.assert_array_less(24, len(FILES))


@pytest.mark.parametrize(
    ("file", "layer", "wanted"),
    [
        ("mobile.keras", "re_lu", ["Clip"]),  # engines make a Clip a part of the convolution
        ("scaling.keras", "most", ["ReduceMax", "Unsqueeze"]),  # of steps: no Transpose
    ],
)
def test_a_layer_is_written_with_the_fewest_nodes(file: str, layer: str, wanted: list[str]) -> None:
    nodes = from_keras_file(DATA / file).build().graph.node
    kinds = [node.op_type for node in nodes if node.name.startswith(f"{layer}/")]
    np.testing.assert_equal(kinds, wanted)
