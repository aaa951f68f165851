"""Building and saving large weights, side by side with one plain write of the same bytes.

``python -m tools.evidence.save [--gib 1] [--rounds 5]`` prints the time of each, their median ratio
over the rounds, how far the peak of memory rose above the arrays, and the time to build a net of
three nodes.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from onnxwright import graphs


def main() -> None:
    """Run both in turn and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1.0, help="size of the weights")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rest", type=float, default=4, help="seconds of rest for the disk")
    parser.add_argument("--folder", type=Path, default=None, help="where to write")
    options = parser.parse_args()
    layers = layer_weights(int(options.gib * 2**30))
    size = sum(layer.w.nbytes for layer in layers)
    before = peak_bytes()
    actions = {
        "plain": lambda folder: write_plainly(layers, folder / "plain.bin"),
        "saved": lambda folder: build(layers).save(folder / "net.onnx"),
    }
    ratios = []
    for number in range(options.rounds):
        # Disks slow down under steady writing: they rest, and each of the two is first in turn.
        order = sorted(actions, reverse=number % 2 == 1)
        taken = {name: timed(actions[name], options.rest, options.folder) for name in order}
        plain, saved = taken["plain"], taken["saved"]
        ratios.append(saved / plain)
        print(f"plain write {plain:6.2f} s   build and save {saved:6.2f} s   {ratios[-1]:.2f}x")
    rise = (peak_bytes() - before) / size
    print(f"median ratio {np.median(ratios):.2f}, memory above the arrays {rise:.1%}")
    print(f"a net of three nodes builds in {np.median(small_builds()) * 1e6:.0f} us (median)")


def layer_weights(size: int, width: int = 4096) -> list[graphs.DenseWeights]:
    """Return square dense layers of `size` bytes in total, with random numbers in them."""
    rng = np.random.default_rng(0)
    count = max(1, size // (4 * width * width))
    return [graphs.DenseWeights(rng.random((width, width), dtype=np.float32)) for _ in range(count)]


def build(layers: list[graphs.DenseWeights]) -> graphs.Network:
    """Return a net of the layers, one behind the other."""
    net = graphs.Network("large")
    value = net.input("x", ["batch", layers[0].input_size])
    for layer in layers:
        value = net.dense(value, layer)
    net.output("y", value)
    return net


def write_plainly(layers: list[graphs.DenseWeights], path: Path) -> None:
    """Write the arrays' bytes into one file and wait until they are on the disk."""
    with path.open("wb") as stream:
        for layer in layers:
            stream.write(layer.w.data)
        stream.flush()
        os.fsync(stream.fileno())


def timed(action: Callable[[Path], None], rest: float, parent: Path | None) -> float:
    """Return the seconds that `action` takes to write into a fresh folder of a rested disk.

    A file that takes the place of another gets that one's blocks from some file systems and fresh
    ones from others; both sides write where nothing was.
    """
    os.sync()
    time.sleep(rest)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        start = time.perf_counter()
        action(Path(folder))
        return time.perf_counter() - start


def peak_bytes() -> int:
    """Return the highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def small_builds() -> list[float]:
    """Return the seconds of 500 builds of a net of three nodes."""
    weights = graphs.DenseWeights(np.ones((4, 4), np.float32), np.ones(4, np.float32))

    def once() -> None:
        net = graphs.Network("small")
        hidden = net.dense(net.input("x", "batch 4"), weights, activation="relu")
        net.output("y", net.dense(hidden, weights))
        net.build()

    return [timed_quickly(once) for _ in range(500)]


def timed_quickly(action: Callable[[], None]) -> float:
    """Return the seconds that `action` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
