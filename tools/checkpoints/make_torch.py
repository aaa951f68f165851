"""Make the PyTorch files that tests read: ``python tools/checkpoints/make_torch.py FOLDER``.

Needs PyTorch (2.2 or newer; the files in tests/data/checkpoints/torch are of 2.13). Every file is a
small net with seeded weights, saved in one of the ways that people save nets, and ``NAME.npz`` has
inputs and what the net gave for them.
"""

import argparse
import datetime
import enum
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Packed(nn.Module):
    """A bidirectional LSTM of two layers over packed sequences, with a head on each step."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(12, 3)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        return torch.softmax(self.head(out), -1)


class Recurrent(nn.Module):
    """One recurrent layer, and a head on its last step."""

    def __init__(self, rnn: nn.Module, size: int) -> None:
        super().__init__()
        self.rnn = rnn
        self.fc = nn.Linear(size, 4)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.rnn(x)[0][:, -1]
        return self.fc(out)


class Classifier(nn.Module):
    """Words, an LSTM, a head on the last state."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, 5)
        self.lstm = nn.LSTM(5, 6, batch_first=True)
        self.out = nn.Linear(6, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(self.lstm(self.embed(ids))[1][0][0])


def images() -> nn.Sequential:
    """Return a net of convolutions with batch normalisation, like LeNet."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(24, 5),
    )


def disturbed(net: nn.Module) -> nn.Module:
    """Return the net ready to run, its running statistics and biases away from their defaults."""
    with torch.no_grad():
        for name, value in [*net.named_parameters(), *net.named_buffers()]:
            if value.dtype.is_floating_point:
                value.copy_(torch.randn_like(value) * 0.4)
            if "running_var" in name:
                value.abs_().add_(0.5)
    return net.eval()


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))


def x(*shape: int) -> Tensor:
    return torch.randn(shape)


def plain(net: nn.Module, path: Path) -> None:
    torch.save(net.state_dict(), path)


def old(net: nn.Module, path: Path) -> None:
    torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False)


def training(net: nn.Module, path: Path) -> None:
    """Save what a training loop keeps: the optimizer, an average of the weights, numbers."""
    optimizer = torch.optim.AdamW(net.parameters())
    sum(parameter.sum() for parameter in net.parameters()).backward()
    state = {key: value.clone() for key, value in net.state_dict().items()}
    optimizer.step()
    net.load_state_dict(state)
    average = {key: value * 0.5 for key, value in state.items()}
    kept = {"model_state_dict": state, "optimizer_state_dict": optimizer.state_dict()}
    torch.save({"epoch": 3, **kept, "ema": average, "loss": 0.25, "args": {"lr": 1e-3}}, path)


def wrapped(net: nn.Module, path: Path) -> None:
    torch.save({f"module._orig_mod.{k}": v for k, v in net.state_dict().items()}, path)


def lightning(net: nn.Module, path: Path) -> None:
    torch.save({"state_dict": net.state_dict(), "pytorch-lightning_version": "2.5"}, path)


def half(net: nn.Module, path: Path) -> None:
    """Save in bfloat16; the net itself then has the same rounded weights."""
    rounded = {key: value.to(torch.bfloat16) for key, value in net.state_dict().items()}
    net.load_state_dict({key: value.float() for key, value in rounded.items()})
    torch.save(rounded, path)


def shared(net: nn.Module, path: Path) -> None:
    """Save views: all weights in one storage, matrices transposed in memory."""
    state = net.state_dict()
    flat = torch.cat([value.t().reshape(-1) for value in state.values()])
    views, at = {}, 0
    for key, value in state.items():
        part = flat[at : at + value.numel()].view(value.t().shape).t()
        views[key], at = part, at + value.numel()
    torch.save(views, path)


def parameters(net: nn.Module, path: Path) -> None:
    torch.save(dict(net.named_parameters()), path)


class Mode(enum.Enum):
    FAST = "fast"


@dataclass
class Settings:
    rate: float = 1e-3
    mode: Mode = Mode.FAST


class Options(dict[str, object]):
    """A dict of the user's own class, as configuration packages have them."""


def settings(net: nn.Module, path: Path, zipped: bool = True) -> None:
    """Save the weights among all that training scripts keep beside them.

    The older format would keep the source of a module's class and the path to it.
    """
    modules = {"loss": nn.CrossEntropyLoss(), "activation": nn.ReLU} if zipped else {}
    optimizer = torch.optim.AdamW(net.parameters())
    history = defaultdict(list, loss=[np.float32(0.5)])
    given = argparse.Namespace(out=Path("runs"), when=datetime.datetime(2026, 1, 2), seed=None)
    kept = {
        "args": given,
        "epoch": np.int64(3),
        "best": np.float64(0.25),
        "history": history,
        "counts": Counter("abb"),
        "mean": np.arange(3.0),
        "settings": Settings(),
        "mode": Mode.FAST,
        "options": Options(function=torch.relu, **modules),
        "size": torch.Size([4, 6]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "random": (torch.get_rng_state(), np.random.default_rng(0), random.getstate()[1][:9]),
        "generator": torch.get_rng_state(),
        "table": {0.5: 1, (1, 2): 3},
        "torch": torch.__version__,
        "optimizer": optimizer,
        "model": net.state_dict(),
    }
    torch.save(kept, path, _use_new_zipfile_serialization=zipped)


def expanded(net: nn.Module, path: Path) -> None:
    """Save tensors that repeat their elements, and some that carry attributes of the user's."""
    with torch.no_grad():
        state = {key: value[:1].expand(value.shape) for key, value in net.state_dict().items()}
        net.load_state_dict({key: value.clone() for key, value in state.items()})
    state["0.weight"].note = "the first"
    torch.save(state, path)


NETS: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module, Path], None], str, list[str]]]
NETS = {
    "mlp": (mlp, plain, ".pt", ["x"]),
    "mlp_old_format": (mlp, old, ".pth", ["x"]),
    "mlp_training": (mlp, training, ".pth", ["x"]),
    "mlp_wrapped": (mlp, wrapped, ".bin", ["x"]),
    "mlp_bfloat16": (mlp, half, ".pt", ["x"]),
    "mlp_views": (mlp, shared, ".pt", ["x"]),
    "mlp_parameters": (mlp, parameters, ".pt", ["x"]),
    "images": (images, plain, ".pt", ["image"]),
    "images_old_format": (images, old, ".pt", ["image"]),
    "packed_bilstm": (Packed, plain, ".pt", ["x", "lengths"]),
    "gru": (
        lambda: Recurrent(nn.GRU(5, 6, batch_first=True), 6),
        lightning,
        ".ckpt",
        ["sequence"],
    ),
    "rnn_relu": (
        lambda: Recurrent(nn.RNN(5, 6, nonlinearity="relu", batch_first=True), 6),
        plain,
        ".pt",
        ["sequence"],
    ),
    "lstm_projection": (
        lambda: Recurrent(nn.LSTM(5, 6, proj_size=3, batch_first=True), 3),
        plain,
        ".pt",
        ["sequence"],
    ),
    "classifier": (Classifier, plain, ".pt", ["ids"]),
    "signal": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)
        ),
        plain,
        ".pt",
        ["signal"],
    ),
}
NETS |= {
    "mlp_settings": (mlp, settings, ".pth", ["x"]),
    "mlp_settings_old": (mlp, partial(settings, zipped=False), ".pth", ["x"]),
    "mlp_expanded": (mlp, expanded, ".pt", ["x"]),
}
INPUTS: dict[str, Callable[[], Tensor]] = {
    "x": lambda: x(4, 6),
    "image": lambda: x(3, 1, 8, 8),
    "sequence": lambda: x(3, 7, 5),
    "signal": lambda: x(3, 2, 10),
    "ids": lambda: torch.randint(0, 11, (3, 7)),
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, (make, save, suffix, inputs)) in enumerate(NETS.items()):
        torch.manual_seed(number)
        net = disturbed(make())
        if name == "packed_bilstm":
            feeds = {"x": x(3, 7, 5), "lengths": torch.tensor([7, 3, 5])}
        else:
            feeds = {inputs[0]: INPUTS[inputs[0]]()}
        save(net, folder / f"{name}{suffix}")
        with torch.no_grad():
            y = net(*feeds.values())
        arrays = {key: value.numpy() for key, value in feeds.items()}
        np.savez(folder / f"{name}.npz", y=y.numpy(), **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
