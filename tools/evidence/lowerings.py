"""What each form of a recurrent layer costs on onnxruntime's CPU provider, one thread.

``python -m tools.evidence.lowerings --processor TEXT [--rounds 21]`` runs every cell in every
form, in turn within each round, and prints the median of each round's processor time over that of
the LSTM, GRU or RNN operator of the same size, as rows of ``graphs/lowering/data/cpu.toml``. With
``--table`` it prints that file as the table of docs/lowerings.md and measures nothing. The
lecture-form LSTM, which no operator computes, is held against the LSTM operator.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from onnxwright import graphs, runtime
from onnxwright.graphs.lowering.measured import FORMS, Row, measurements

SIZES = ((1, 32), (32, 32), (1, 64), (1, 128), (8, 128), (32, 128), (1, 512), (32, 512))
"""Batch and hidden units; as many inputs as hidden units."""
TIME = 100
Layer = Callable[[graphs.Network, Any, int, str], Any]


def main() -> None:
    """Measure every size and print its rows, or print the table of the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--processor", default="not named")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        table()
        return
    print(f'[[processor]]\nname = "{options.processor}"')
    print(f'date = "{datetime.now(UTC):%Y-%m}"\nrows = [')
    for batch, hidden in SIZES:
        for cell in CELLS:
            ratios = measure(cell, batch, hidden, options.rounds)
            row = {"cell": f'"{cell}"', "batch": batch, "hidden": hidden, **ratios}
            inner = ", ".join(f"{key} = {value}" for key, value in row.items())
            print(f"    {{ {inner} }},", flush=True)
    print("]")


def table() -> None:
    """Print the kept measurements, a table for each processor."""
    for processor in measurements():
        print(f"\n{processor.name}, {processor.date}:\n")
        print(f"| layer | size | operator | {' | '.join(FORMS)} |\n|{' --- |' * (3 + len(FORMS))}")
        for row in processor.rows:
            cells = [told(row, form) for form in FORMS]
            operator = f"{row.operator_us:,} us" if row.operator_us else "-"
            size = f"B{row.batch} H{row.hidden}"
            print(f"| {row.cell} | {size} | {operator} | {' | '.join(cells)} |")


def told(row: Row, form: str) -> str:
    """Return a form's cell."""
    return f"{row.ratios[form]:.2f}" if form in row.ratios else "faster" * (form in row.faster)


def lstm(net: graphs.Network, x: Any, hidden: int, form: Any) -> Any:
    """Add a plain LSTM."""
    return net.lstm(x, graphs.LSTMWeights(*arrays(4, hidden)), lowering=form)


def lecture(net: graphs.Network, x: Any, hidden: int, form: Any) -> Any:
    """Add the LSTM whose four gates see the old cell state; as an operator, a plain LSTM."""
    if form == "op":
        return lstm(net, x, hidden, form)
    peepholes = {"p": arrays(4, hidden)[2][:, : 4 * hidden], "peephole": "lecture"}
    return net.lstm(x, graphs.LSTMWeights(*arrays(4, hidden), **peepholes), lowering=form)


def gru(net: graphs.Network, x: Any, hidden: int, form: Any) -> Any:
    """Add a GRU that resets before the product."""
    return net.gru(x, graphs.GRUWeights(*arrays(3, hidden), reset="before"), lowering=form)


def gru_after(net: graphs.Network, x: Any, hidden: int, form: Any) -> Any:
    """Add a GRU that resets after the product."""
    return net.gru(x, graphs.GRUWeights(*arrays(3, hidden), reset="after"), lowering=form)


def rnn(net: graphs.Network, x: Any, hidden: int, form: Any) -> Any:
    """Add a naive RNN."""
    return net.rnn(x, graphs.RNNWeights(*arrays(1, hidden)), lowering=form)


CELLS: dict[str, Layer] = {
    "lstm": lstm,
    "lecture lstm": lecture,
    "gru before": gru,
    "gru after": gru_after,
    "rnn": rnn,
}


def arrays(gates: int, hidden: int) -> tuple[Any, Any, Any]:
    """Return w, r and b of a layer, the same in every form."""
    rng = np.random.default_rng(0)
    shapes = ((1, gates * hidden, hidden), (1, gates * hidden, hidden), (1, 2 * gates * hidden))
    w, r, b = (rng.normal(size=shape, scale=0.1).astype(np.float32) for shape in shapes)
    return w, r, b


def measure(cell: str, batch: int, hidden: int, rounds: int) -> dict[str, float]:
    """Return the operator's median time in us and each form's median ratio to it."""
    x = np.random.default_rng(1).normal(size=(batch, TIME, hidden)).astype(np.float32)
    calls = {form: whole(cell, form, x) for form in ("op", "scan", "unrolled")}
    calls["step"] = step_by_step(cell, x)
    for call in calls.values():
        call()
    times = {form: np.empty(rounds) for form in calls}
    for number in range(rounds):
        for form, call in calls.items():
            start = time.thread_time()  # one thread computes: what else runs does not count
            call()
            times[form][number] = time.thread_time() - start
    ratios = {form: round(float(np.median(times[form] / times["op"])), 2) for form in FORMS}
    return {"operator_us": round(float(np.median(times["op"])) * 1e6), **ratios}


def whole(cell: str, form: str, x: Any) -> Callable[[], Any]:
    """Return a call that runs the whole sequence."""
    length = TIME if form == "unrolled" else "time"
    net = graphs.Network(cell.replace(" ", "_"))
    net.output(
        "y",
        CELLS[cell](net, net.input("x", ["batch", length, x.shape[2]]), x.shape[2], form).sequence,
    )
    run: Callable[[], Any] = load(net).bind({"x": x})
    return run


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
