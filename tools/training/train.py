"""Train the digits nets anew: ``python -m tools.training.train [--net NAME] -o FOLDER``.

Needs the extra ``train`` (PyTorch, scikit-learn). AdamW under a one-cycle schedule with its peak
at 1e-2, 30 epochs in batches of 61, gradients clipped to norm 1, seed 0; all nets take 20 s
on one core. `FOLDER` then holds the same files as this package: ``weights/NAME.safetensors``
and ``held_out.safetensors``. Other versions of PyTorch and other processors give other weights;
the accuracies stay within about a point of those of the weights that ship.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

from onnxwright.bench.digits.data import GREYS, NAMES, indices
from onnxwright.files import atomic_write
from tools.training.architectures import ARCHITECTURES, Architecture

SEED, EPOCHS, BATCH, PEAK_RATE, LARGEST_GRADIENT = 0, 30, 61, 1e-2, 1.0


@dataclass(frozen=True)
class Digits:
    """Images ``[n, 64]`` of whole greys 0..16 and the digits ``[n]`` that they show."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def rows(self, chosen: NDArray[Any]) -> "Digits":
        """Return the images at `chosen`, an index or a mask."""
        return Digits(self.images[chosen], self.labels[chosen])

    def inputs(self) -> Tensor:
        """Return the images as the nets read them, float32 in 0..1."""
        return torch.from_numpy(self.images.astype(np.float32) / GREYS)


def load_splits() -> tuple[Digits, Digits]:
    """Return the images to train on and those held out, which never change."""
    source = load_digits()
    everything = Digits(source.data.astype(np.uint8), source.target.astype(np.uint8))
    training = np.ones(len(everything.labels), dtype=bool)
    training[indices()] = False
    return everything.rows(training), everything.rows(indices())


def train(architecture: Architecture, digits: Digits) -> nn.Module:
    """Return a net of this `architecture`, trained on `digits`; the same each time."""
    torch.manual_seed(SEED)
    net = architecture.make()
    images, labels = digits.inputs(), torch.from_numpy(digits.labels.astype(np.int64))
    batches = -(-len(labels) // BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, epochs=EPOCHS, steps_per_epoch=batches
    )
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels)).split(BATCH):
            loss = nn.functional.cross_entropy(
                architecture.forward(net, images[rows]), labels[rows]
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
    return net


def compute_logits(architecture: Architecture, net: nn.Module, digits: Digits) -> NDArray[Any]:
    """Return the trained `net`'s logits, float32 ``[n, 10]``."""
    with torch.inference_mode():
        return np.asarray(architecture.forward(net, digits.inputs()).numpy())


def save(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write `arrays` as one safetensors file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as stream:
        stream.write(safetensors.numpy.save(arrays))


@click.command()
@click.option(
    "--net", "nets", type=click.Choice(NAMES), multiple=True, help="Only this net; repeatable."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The folder.")
def main(nets: tuple[str, ...], out: Path) -> None:
    """Train the digits nets and write their arrays into a folder."""
    torch.set_num_threads(1)  # so that the sums, and with them the weights, come out the same
    training, held_out = load_splits()
    kept: dict[str, NDArray[Any]] = {
        "images": held_out.images,
        "labels": held_out.labels,
        "indices": indices().astype(np.int16),
    }
    for name in nets or NAMES:
        net = train(ARCHITECTURES[name], training)
        logits = compute_logits(ARCHITECTURES[name], net, held_out)
        save(
            out / "weights" / f"{name}.safetensors",
            {key: value.numpy() for key, value in net.state_dict().items()},
        )
        kept[f"logits.{name}"] = logits
        accuracy = np.mean(logits.argmax(1) == held_out.labels)
        click.echo(f"{name:16} {accuracy:.2%} of {len(held_out.labels)}")
    save(out / "held_out.safetensors", kept)


if __name__ == "__main__":
    main()
