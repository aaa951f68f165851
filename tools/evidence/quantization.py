"""Error, size and speed of every form of quantization, on real nets and on large ones.

    python -m tools.evidence.quantization [--only NAME]

Errors are relative L2 of the final outputs on onnxruntime's CPU provider (one thread) against the
float64 reference of the float net, on the shipped images and on random inputs. Speed is a ratio of
medians, float over quantized, both timed in turns in one process, one thread; take it as a guide
and ``onnxwright bench`` for a verdict. Emulated processors (``qemu-x86_64 -cpu Haswell``) show
errors of processors without VNNI; their times mean nothing.
"""

import argparse
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx

from onnxwright import graphs
from onnxwright.bench.digits import data, nets
from onnxwright.bench.verify.quantizing import quantize_measured
from onnxwright.errors import OnnxwrightError
from onnxwright.runtime import Runner, load
from onnxwright.runtime.interpreter.signature import signature
from onnxwright.runtime.ort.saturation import int8_saturates
from tests.graphs.foreign import arrays_of
from tests.graphs.test_real_models import BUILDERS

SMALL = ("mlp", "lenet", "gru", "bigru2", "lstm", "lstm3", "bilstm2", "peephole2")
LARGE = [("gru", 512), ("gru", 1024), ("lstm", 512)]
FORMS: dict[str, dict[str, Any]] = {
    "dynamic 7 bits": {"mode": "dynamic", "reduce_range": True},
    "dynamic 8 bits": {"mode": "dynamic", "reduce_range": False},
    "weight-only 8": {"mode": "weight-only", "bits": 8},
    "weight-only 4": {"mode": "weight-only", "bits": 4},
}
ROUNDS = 9
HEADINGS = ("net", "form", "scales", "size", "error, data", "error, random", "speed")


def large(kind: str, units: int) -> onnx.ModelProto:
    """Return one recurrent layer with weights drawn as frameworks draw them."""
    random, gates = np.random.default_rng(units), {"gru": 3, "lstm": 4}[kind]
    shapes = ((1, gates * units, 64), (1, gates * units, units), (1, 2 * gates * units))
    bound = units**-0.5
    arrays = [random.uniform(-bound, bound, shape).astype(np.float32) for shape in shapes]
    net = graphs.Network(f"{kind}{units}")
    x = net.input("x", "batch time 64")
    if kind == "gru":
        layer = net.gru(x, graphs.GRUWeights.from_onnx(*arrays, linear_before_reset=1), name="l")
    else:
        layer = net.lstm(x, graphs.LSTMWeights.from_onnx(*arrays), name="l")
    net.output("y", layer.sequence)
    return net.build()


def nets_and_inputs() -> Iterator[tuple[str, onnx.ModelProto, dict[str, Any]]]:
    """Yield each net with its inputs: of the data, random, and those that are timed."""
    random = np.random.default_rng(0)
    for name in SMALL:
        model = nets.build(name).build()
        dims = signature(model, None)[0][0].shape or ()
        rest = [dim if isinstance(dim, int) else 8 for dim in dims[1:]]
        images = data.images().reshape(-1, *rest).astype(np.float32)
        noise = random.standard_normal(images.shape).astype(np.float32)
        yield name, model, {"data": images, "random": noise, "timed": images[:1]}
    for build in BUILDERS:  # nets in the layouts of other makers
        given = arrays_of(build.__name__)["in.x"]
        yield (
            build.__name__,
            build(arrays_of(build.__name__)).build(),
            {
                "data": given,
                "timed": given[:1],
            },
        )
    for kind, units in LARGE:
        noise = random.standard_normal((2, 100, 64)).astype(np.float32)
        yield f"{kind} H {units}", large(kind, units), {"random": noise, "timed": noise[:1]}


def error(runner: Runner, judge: Runner, x: Any) -> float:
    """Return the largest relative L2 error of an output."""
    got, want = runner.run({"x": x}), judge.run({"x": x})
    return max(float(np.linalg.norm(got[n] - w) / np.linalg.norm(w)) for n, w in want.items())


def speed(old: Runner, new: Runner, x: Any) -> float:
    """Return how many times as fast `new` is, from medians of interleaved runs."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(ROUNDS):
        for place, runner in enumerate((old, new)):
            start = time.perf_counter()
            for _ in range(5):
                runner.run({"x": x})
            times[place].append(time.perf_counter() - start)
    return float(np.median(times[0]) / np.median(times[1]))


def rows(only: str | None) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows."""
    for name, model, inputs in nets_and_inputs():
        if only is not None and only not in name:
            continue
        judge, float32 = load(model, on="numpy:float64"), load(model, on="cpu", threads=1)
        for form, options in FORMS.items():
            ways = [False] if options["mode"] == "weight-only" else [False, True]
            chosen = {"x": inputs.get("random", inputs["timed"])[:16]}
            try:
                found = quantize_measured(model, chosen, ways, made_up=True, **options)
            except OnnxwrightError:
                continue
            for choice in sorted(found, key=lambda each: each.per_channel):
                made = choice.made.model
                runner = load(made, on="cpu", threads=1)
                errors = [
                    f"{error(runner, judge, inputs[kind]):.4f}" if kind in inputs else "-"
                    for kind in ("data", "random")
                ]
                scales = "blocks" if len(ways) == 1 else ("array", "channel")[choice.per_channel]
                size = made.ByteSize() / model.ByteSize()
                ratio = f"{speed(float32, runner, inputs['timed']):.2f}"
                yield name, form, scales, f"{size:.2f}", *errors, ratio


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="nets whose name holds this")
    asked = parser.parse_args()
    print(f"8-bit products saturate here: {int8_saturates()}\n")
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for row in rows(asked.only):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
