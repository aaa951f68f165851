"""What each form of a recurrent layer costs on onnxruntime's CPU provider, one thread.

``python tools/evidence/lowerings.py [--rounds 40] [--json FILE]`` runs every cell in every form, in
turn within each round, and prints the median of each round's time over that of the LSTM, GRU or
RNN operator of the same size. The lecture-form LSTM, which no operator computes, is held against
the LSTM operator.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from onnxwright import graphs, runtime

SIZES = ((1, 128), (32, 128), (1, 512))
"""Batch and hidden units; as many inputs as hidden units."""
TIME = 100
Layer = Callable[[graphs.Network, Any, int, str], Any]


def main() -> None:
    """Measure every size and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    for batch, hidden in SIZES:
        print(f"time {TIME}, batch {batch}, hidden {hidden}")
        for cell in CELLS:
            row = {"cell": cell, "batch": batch, "hidden": hidden}
            row |= measure(cell, batch, hidden, options.rounds)
            results.append(row)
            forms = "  ".join(f"{form} {row[form]:.2f}" for form in FORMS if form in row)
            print(f"  {cell:<13} operator {row['operator_us']:8.1f} us   {forms}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def lstm(net: graphs.Network, x: Any, hidden: int, form: str) -> Any:
    """Add a plain LSTM."""
    return net.lstm(x, graphs.LSTMWeights(*arrays(4, hidden)), lowering=form)


def lecture(net: graphs.Network, x: Any, hidden: int, form: str) -> Any:
    """Add the LSTM whose four gates see the old cell state; as an operator, a plain LSTM."""
    if form == "op":
        return lstm(net, x, hidden, form)
    peepholes = {"p": arrays(4, hidden)[2][:, : 4 * hidden], "peephole": "lecture"}
    return net.lstm(x, graphs.LSTMWeights(*arrays(4, hidden), **peepholes), lowering=form)


def gru(net: graphs.Network, x: Any, hidden: int, form: str) -> Any:
    """Add a GRU that resets before the product."""
    return net.gru(x, graphs.GRUWeights(*arrays(3, hidden), reset="before"), lowering=form)


def gru_after(net: graphs.Network, x: Any, hidden: int, form: str) -> Any:
    """Add a GRU that resets after the product."""
    return net.gru(x, graphs.GRUWeights(*arrays(3, hidden), reset="after"), lowering=form)


def rnn(net: graphs.Network, x: Any, hidden: int, form: str) -> Any:
    """Add a naive RNN."""
    return net.rnn(x, graphs.RNNWeights(*arrays(1, hidden)), lowering=form)


CELLS: dict[str, Layer] = {
    "lstm": lstm,
    "lecture lstm": lecture,
    "gru before": gru,
    "gru after": gru_after,
    "rnn": rnn,
}
FORMS = ("scan", "unrolled", "step")


def arrays(gates: int, hidden: int) -> tuple[Any, Any, Any]:
    """Return w, r and b of a layer, the same in every form."""
    rng = np.random.default_rng(0)
    shapes = ((1, gates * hidden, hidden), (1, gates * hidden, hidden), (1, 2 * gates * hidden))
    w, r, b = (rng.normal(size=shape, scale=0.1).astype(np.float32) for shape in shapes)
    return w, r, b


def measure(cell: str, batch: int, hidden: int, rounds: int) -> dict[str, float]:
    """Return the operator's median time in us and each form's median ratio to it."""
    x = np.random.default_rng(1).normal(size=(batch, TIME, hidden)).astype(np.float32)
    calls = {"op": whole(cell, "op", x), "scan": whole(cell, "scan", x)}
    calls["unrolled"] = whole(cell, "unrolled", x)
    calls["step"] = step_by_step(cell, x)
    for call in calls.values():
        call()
    times = {form: np.empty(rounds) for form in calls}
    for number in range(rounds):
        for form, call in calls.items():
            start = time.perf_counter()
            call()
            times[form][number] = time.perf_counter() - start
    ratios = {form: float(np.median(times[form] / times["op"])) for form in FORMS}
    return {"operator_us": float(np.median(times["op"])) * 1e6, **ratios}


def whole(cell: str, form: str, x: Any) -> Callable[[], Any]:
    """Return a call that runs the whole sequence."""
    length = TIME if form == "unrolled" else "time"
    net = graphs.Network(cell.replace(" ", "_"))
    net.output(
        "y",
        CELLS[cell](net, net.input("x", ["batch", length, x.shape[2]]), x.shape[2], form).sequence,
    )
    return load(net).bind({"x": x})


def step_by_step(cell: str, x: Any) -> Callable[[], Any]:
    """Return a call that feeds the sequence step by step, the states handed on by the caller."""
    hidden = x.shape[2]
    net = graphs.Network(cell.replace(" ", "_"))
    net.output("y", CELLS[cell](net, net.input("x", ["batch", 1, hidden]), hidden, "step").sequence)
    runner = load(net)
    states = [info.name for info in runner.inputs if info.name != "x"]
    steps = [np.ascontiguousarray(x[:, t : t + 1]) for t in range(TIME)]
    start = {name: np.zeros((x.shape[0], hidden), np.float32) for name in states}

    def run() -> None:
        feeds = dict(start)
        for now in steps:
            out = runner.run({"x": now, **feeds})
            feeds = {name: out[name.replace("_in", "_out")] for name in states}

    return run


def load(net: graphs.Network) -> Any:
    """Load a net on one thread of onnxruntime's CPU provider."""
    return runtime.load(net.build(), on="cpu", threads=1)


if __name__ == "__main__":
    main()
