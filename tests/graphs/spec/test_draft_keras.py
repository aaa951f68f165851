"""Network files drafted from the arrays of Keras and Flax."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs, runtime
from onnxwright.graphs.checkpoints.recognise import recognise, summaries
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.spec.draft import draft_network

FOLDER = Path(__file__).parents[2] / "data" / "checkpoints" / "keras"
CELL = ("kernel", "recurrent_kernel", "bias")


def zeros(**shapes: tuple[int, ...]) -> dict[str, Any]:
    return {name.replace("__", "/"): np.zeros(shape, "f4") for name, shape in shapes.items()}


def cell(path: str, inputs: int, columns: int, units: int, bias: tuple[int, ...]) -> dict[str, Any]:
    shapes = [(inputs, columns), (units, columns), bias]
    named = zip(sorted(CELL), (shapes[2], shapes[0], shapes[1]), strict=True)  # as HDF5 sorts them
    return {f"{path}/{leaf}:0": np.zeros(shape, "f4") for leaf, shape in named}


def numbered(path: str, *shapes: tuple[int, ...]) -> dict[str, Any]:
    return {f"{path}/vars/{n}": np.zeros(shape, "f4") for n, shape in enumerate(shapes)}


VECTORS = [(4,)] * 4
LSTM = [(5, 12), (3, 12), (12,)]
RECOGNISED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (zeros(d__d__bias=(3,), d__d__kernel=(5, 3)), [("d", "Dense, 5 -> 3")]),
    (numbered("layers/dense_1", (5, 3), (3,)), [("dense_1", "Dense, 5 -> 3")]),
    (numbered("layers/dense", (5, 3)), [("dense", "Dense, 5 -> 3")]),
    (numbered("layers/embedding", (30, 5)), [("embedding", "Embedding, 30 -> 5")]),
    (numbered("layers/conv1d", (3, 5, 7), (7,)), [("conv1d", "Conv1D, kernel 3, 5 -> 7")]),
    (
        numbered("layers/depthwise_conv2d", (3, 2, 5, 2), (10,)),
        [("depthwise_conv2d", "DepthwiseConv2D, kernel 3 x 2, 5 -> 10")],
    ),
    (
        numbered("layers/sep", (3, 4, 1), (1, 4, 6), (6,)),
        [
            ("sep", "DepthwiseConv1D, kernel 3, 4 -> 4"),
            ("sep/pointwise", "Conv1D, kernel 1, 4 -> 6"),
        ],
    ),
    (numbered("layers/bn", *VECTORS), [("bn", "BatchNormalization, 4")]),
    (numbered("layers/ln", *VECTORS[:2]), [("ln", "LayerNormalization, 4")]),
    (numbered("layers/lstm/cell", *LSTM), [("lstm", "LSTM, 5 -> 3")]),
    (cell("gru/m/gru/gru_cell", 5, 9, 3, (2, 9)), [("gru", "GRU, 5 -> 3")]),
    (cell("simple_rnn/simple_rnn", 5, 3, 3, (3,)), [("simple_rnn", "SimpleRNN, 5 -> 3")]),
    (
        {**numbered("layers/bidirectional/backward_layer/cell", *LSTM),
         **numbered("layers/bidirectional/forward_layer/cell", *LSTM)},
        [("bidirectional", "LSTM, bidirectional, 5 -> 6")],
    ),
    (
        zeros(params__Dense_0__kernel=(5, 3), params__Dense_0__bias=(3,), params__Bn_0__scale=(3,),
              params__Bn_0__bias=(3,), batch_stats__Bn_0__mean=(3,), batch_stats__Bn_0__var=(3,)),
        [("Dense_0", "Dense, 5 -> 3"), ("Bn_0", "BatchNormalization, 3")],
    ),
    (numbered("layers/odd", (4,), (5,)), [("odd", "not recognised")]),
    (numbered("layers/odd/cell", (4, 5), (3, 7)), [("odd", "not recognised")]),
]  # fmt: skip


@pytest.mark.parametrize(("arrays", "told"), RECOGNISED)
def test_what_is_recognised(arrays: dict[str, Any], told: list[tuple[str, str]]) -> None:
    np.testing.assert_equal(summaries(recognise(arrays)), told)


@pytest.mark.parametrize(
    "arrays", [arrays for arrays, told in RECOGNISED if "not" not in told[0][1]]
)
def test_a_draft_builds_as_it_stands(arrays: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(draft_network(arrays).text)
    read_network(tmp_path / "net.toml", arrays).build()


def test_arrays_stand_in_keras_order(tmp_path: Path) -> None:
    text = draft_network(cell("gru/gru_cell", 5, 9, 3, (2, 9))).text
    listed = ", ".join(f'"gru/gru_cell/{leaf}:0"' for leaf in CELL)
    np.testing.assert_equal(f'weights = {{ from = "keras", arrays = [{listed}] }}' in text, True)


def test_layers_are_chained_and_images_turned(tmp_path: Path) -> None:
    arrays = {
        **numbered("layers/batch_normalization", *[(8,)] * 4),
        **numbered("layers/conv2d", (3, 3, 1, 8), (8,)),
        **numbered("layers/dense", (72, 5), (5,)),
    }
    text = draft_network(arrays).text
    kinds = [line.split('"')[1] for line in text.splitlines() if line.startswith("kind")]
    np.testing.assert_equal(kinds, ["transpose", "conv", "batch_norm", "flatten", "dense"])
    np.testing.assert_equal("channels_last = true" in text, True)
    filled = text.replace("batch CHOOSE CHOOSE 1", "batch 5 5 1")
    (tmp_path / "net.toml").write_text(filled)
    read_network(tmp_path / "net.toml", arrays).build()


def test_an_order_that_is_no_chain_is_marked() -> None:
    arrays = {**numbered("layers/a", (5, 3)), **numbered("layers/b", (7, 2))}
    np.testing.assert_equal("# CHOOSE: the order of the layers" in draft_network(arrays).text, True)
    chained = {**numbered("layers/b", (3, 2)), **numbered("layers/a", (5, 3))}
    np.testing.assert_equal("the order of the layers" in draft_network(chained).text, False)


def test_a_filled_draft_gives_what_keras_gave(tmp_path: Path) -> None:
    pytest.importorskip("pyfive", reason="the extra 'keras' is not installed")
    weights = graphs.load_weights(FOLDER / "stack.weights.h5")
    text = draft_network(weights).text.replace('x = "lstm"', 'x = "lstm.last"')
    (tmp_path / "net.toml").write_text(text)
    runner = runtime.load(read_network(tmp_path / "net.toml", weights).build(), on="numpy:float64")
    with np.load(FOLDER / "stack.0.npz") as recorded:
        got = runner.run({"x": recorded["arr_0"]})["y"]
        np.testing.assert_allclose(got, recorded["arr_1"], rtol=0, atol=1e-5)
