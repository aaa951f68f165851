"""Train the nets: ``python -m tools.training.foreign.train [--net NAME] [-o FOLDER]``.

Needs the extra ``train``. Adam at 3e-3, gradients clipped to norm 1, 400 batches of 32, seed 0.
The answers that are kept are PyTorch's in float64, from the float32 arrays that are kept.
"""

from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor

from onnxwright.files import atomic_write

from .nets import NETS, Arrays, Net

FOLDER = Path(__file__).parents[3] / "tests" / "data" / "foreign"
SEED, BATCHES, BATCH, RATE, LARGEST_GRADIENT = 0, 400, 32, 3e-3, 1.0


def initial(net: Net) -> Arrays:
    """Return arrays drawn by the size of what each sums over; BatchNorm's as it begins."""
    arrays = {}
    for name, shape in net.shapes.items():
        fans = shape[1:] if "weight" in name and len(shape) > 1 else shape[:1]
        arrays[name] = torch.randn(shape) * float(np.prod(fans)) ** -0.5
        if name.endswith(("BN_weight", "running_var")):
            arrays[name] = torch.ones(shape)
        elif name.endswith(("_b", "_bias", "running_mean")):
            arrays[name] = torch.full(shape, 0.1 if name == "head_b" else 0.0)
    return arrays


def train(net: Net) -> Arrays:
    """Return the trained arrays of `net`; the same each time on one machine."""
    torch.manual_seed(SEED)
    arrays, (inputs, *targets) = initial(net), net.task()
    trained = [array for name, array in arrays.items() if "running" not in name]
    optimizer = torch.optim.Adam([array.requires_grad_() for array in trained], lr=RATE)
    for _ in range(BATCHES):
        rows = torch.randint(len(inputs), (BATCH,))
        loss = net.loss(net.run(arrays, inputs[rows], True), *(wanted[rows] for wanted in targets))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, LARGEST_GRADIENT)
        optimizer.step()
    click.echo(f"  loss of the last batch: {loss.item():.3f}")
    return {name: array.detach() for name, array in arrays.items()}


def answers(net: Net, arrays: Arrays, inputs: Tensor) -> Arrays:
    """Return what PyTorch computes in float64."""
    exact = {name: array.double() for name, array in arrays.items()}
    with torch.inference_mode():
        return net.run(exact, inputs.double() if inputs.is_floating_point() else inputs, False)


def ragged(net: Net, arrays: Arrays, inputs: Tensor) -> Arrays:
    """Return the answers for the row i cut to i + 15 steps, each alone; zeros after its end."""
    y = torch.zeros(*inputs.shape, 2, dtype=torch.float64)
    for i, row in enumerate(inputs):
        y[i, : i + 15] = answers(net, arrays, row[None, : i + 15])["y"][0]
    return {"y": y}


def record(name: str, arrays: Arrays) -> dict[str, Any]:
    """Return the arrays, some inputs as ``in.x`` and their answers as ``out.<name>``."""
    net = NETS[name]
    inputs = net.task()[0]
    kept = inputs[:: len(inputs) // net.rows][: net.rows]
    given = (ragged if name == "words" else answers)(net, arrays, kept)
    out = {f"out.{key}": value.numpy() for key, value in given.items()}
    x = kept.numpy() if kept.is_floating_point() else kept.numpy().astype(np.int32)
    return {key: array.numpy() for key, array in arrays.items()} | {"in.x": x} | out


@click.command()
@click.option("--net", "names", type=click.Choice(list(NETS)), multiple=True)
@click.option("-o", "--out", type=click.Path(path_type=Path), default=FOLDER, help="The folder.")
def main(names: tuple[str, ...], out: Path) -> None:
    """Train the nets and write their arrays, inputs and answers."""
    torch.set_num_threads(1)  # so that the sums, and with them the weights, come out the same
    out.mkdir(parents=True, exist_ok=True)
    for name in names or NETS:
        click.echo(name)
        arrays = train(NETS[name])
        with atomic_write(out / f"{name}.npz") as stream:
            np.savez_compressed(stream, **record(name, arrays))


if __name__ == "__main__":
    main()
