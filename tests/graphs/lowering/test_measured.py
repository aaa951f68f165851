"""The form that `auto` takes for onnxruntime's CPU provider follows what was measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import GRUWeights, LSTMWeights, Network, RNNWeights
from onnxwright.graphs.lowering.measured import FORMS, measurements

Layer = Callable[[Network, Any, int], Any]
LAYERS: dict[str, Layer] = {
    "rnn": lambda net, x, h: net.rnn(x, RNNWeights(*arrays(1, h))),
    "lstm": lambda net, x, h: net.lstm(x, LSTMWeights(*arrays(4, h))),
    "gru before": lambda net, x, h: net.gru(x, GRUWeights(*arrays(3, h), reset="before")),
    "gru after": lambda net, x, h: net.gru(x, GRUWeights(*arrays(3, h), reset="after")),
}


def arrays(gates: int, hidden: int) -> tuple[Any, Any]:
    return np.ones((1, gates * hidden, 4)), np.ones((1, gates * hidden, hidden))


def operators(cell: str, batch: str, hidden: int, target: str | None) -> set[str]:
    net = Network("n", target=target)
    net.output("y", LAYERS[cell](net, net.input("x", f"{batch} time 4"), hidden).sequence)
    kinds = {node.op_type for node in net.build().graph.node}
    return kinds & {"Scan", "RNN", "LSTM", "GRU"}


@pytest.mark.parametrize(
    ("cell", "batch", "hidden", "target", "wanted"),
    [
        ("rnn", "batch", 128, "cpu", "Scan"),
        ("rnn", "1", 64, "cpu", "Scan"),
        ("rnn", "1", 63, "cpu", "RNN"),
        ("rnn", "batch", 16, "cpu", "RNN"),
        ("rnn", "32", 63, "cpu", "Scan"),
        ("rnn", "32", 128, "cpu", "Scan"),
        ("rnn", "32", 128, None, "RNN"),
        ("gru before", "batch", 128, "cpu", "GRU"),
        ("gru before", "1", 128, "cpu", "GRU"),
        ("gru before", "8", 128, "cpu", "GRU"),
        ("gru before", "32", 128, "cpu", "Scan"),
        ("gru after", "100", 200, "cpu", "Scan"),
        ("gru after", "32", 128, None, "GRU"),
        ("gru after", "32", 128, "tensorrt", "GRU"),
        ("lstm", "batch", 128, "cpu", "LSTM"),
        ("lstm", "32", 128, "cpu", "LSTM"),
    ],
)
def test_auto_takes_what_was_faster_everywhere(
    cell: str, batch: str, hidden: int, target: str | None, wanted: str
) -> None:
    np.testing.assert_equal(operators(cell, batch, hidden, target), {wanted})


@pytest.mark.parametrize("processor", measurements(), ids=lambda each: each.name)
def test_what_auto_takes_lost_nowhere(processor: Any) -> None:
    """A Scan in the operator's place was not slower at the sizes that were measured."""
    for row in processor.rows:
        form = operators(row.cell, str(row.batch), row.hidden, "cpu") if row.cell in LAYERS else {}
        if form == {"Scan"}:
            assert "scan" in row.faster or row.ratios["scan"] < 1, row


def test_every_row_tells_of_known_forms() -> None:
    for processor in measurements():
        assert "" not in (processor.name, processor.date), processor
        for row in processor.rows:
            assert row.ratios or row.faster, row
            assert {*row.ratios, *row.faster} <= set(FORMS), row
            assert row.cell in {*LAYERS, "lecture lstm"}, row
