"""Nets of PyTorch, their weights, what they give, and what both of its exporters make of them.

In PyTorch's environment, with onnx and onnxscript, from the root of the repository::

    python -m tools.evidence.rivals.torch_nets FOLDER

For each net and width there are then in FOLDER the weights, what PyTorch gives for one input, and
an ONNX file of each exporter that could make one, with batch and time open or, where that fails,
the batch alone; ``export.json`` has versions and the errors.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tools.evidence.rivals.sizes import CLASSES, HIDDEN, SHAPES, SIDE, WORDS, example

EXPORTERS = ("dynamo", "torchscript")
Opened = dict[str, dict[int, str]]
"""By input: its open axes and their words."""


class Steps(nn.Module):
    """A recurrent layer and a head on each step."""

    def __init__(self, layer: nn.Module, units: int) -> None:
        super().__init__()
        self.layer, self.head = layer, nn.Linear(units, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.head(self.layer(x)[0]), -1)


class Packed(nn.Module):
    """A bidirectional LSTM over packed sequences and a head on each step."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.layer = nn.LSTM(hidden, hidden, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * hidden, CLASSES)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(x, lengths, batch_first=True)
        out, _ = pad_packed_sequence(self.layer(packed)[0], batch_first=True)
        return torch.softmax(self.head(out), -1)


class Words(nn.Module):
    """An embedding, an LSTM, a head on its last state."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, hidden)
        self.layer = nn.LSTM(hidden, hidden, batch_first=True)
        self.head = nn.Linear(hidden, CLASSES)

    def forward(self, ids: Tensor) -> Tensor:
        return torch.softmax(self.head(self.layer(self.embed(ids))[1][0][0]), -1)


class Norm(nn.Module):
    """Two residual blocks of dense layers behind a layer normalisation."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(2))
        self.up = nn.ModuleList(nn.Linear(hidden, 2 * hidden) for _ in range(2))
        self.down = nn.ModuleList(nn.Linear(2 * hidden, hidden) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        for norm, up, down in zip(self.norms, self.up, self.down, strict=True):
            x = x + down(nn.functional.gelu(up(norm(x))))
        return x


def mlp(hidden: int) -> nn.Module:
    dense = [nn.Linear(hidden, hidden) for _ in range(3)]
    acts = [nn.ReLU(), nn.Tanh(), nn.SiLU()]
    pairs = [part for pair in zip(dense, acts, strict=True) for part in pair]
    return nn.Sequential(*pairs, nn.Linear(hidden, CLASSES), nn.Softmax(-1))


def images(hidden: int) -> nn.Module:
    def block(inside: int, out: int) -> list[nn.Module]:
        conv = nn.Conv2d(inside, out, 3, padding=1)
        return [conv, nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]

    flat = 64 * (SIDE // 4) ** 2
    head = [nn.Flatten(), nn.Linear(flat, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES)]
    return nn.Sequential(*block(1, 32), *block(32, 64), *head)


def mobile(hidden: int) -> nn.Module:
    def block(inside: int, out: int, stride: int) -> list[nn.Module]:
        deep = nn.Conv2d(inside, inside, 3, stride, 1, groups=inside, bias=False)
        wide = nn.Conv2d(inside, out, 1, bias=False)
        after = [nn.BatchNorm2d(inside), nn.ReLU6(), wide, nn.BatchNorm2d(out), nn.ReLU6()]
        return [deep, *after]

    first = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.Hardswish()]
    blocks = [*block(32, 64, 1), *block(64, hidden, 2), *block(hidden, hidden, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(hidden, CLASSES)]
    return nn.Sequential(*first, *blocks, *head)


def signal(hidden: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(16, hidden, 5, padding=2),
        nn.BatchNorm1d(hidden),
        nn.GELU(),
        nn.MaxPool1d(2),
        nn.Conv1d(hidden, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(0.1),
        nn.AdaptiveAvgPool1d(1),
        nn.Flatten(),
        nn.Linear(64, CLASSES),
    )


NETS = {
    "mlp": mlp,
    "norm": Norm,
    "lstm": lambda h: Steps(nn.LSTM(h, h, batch_first=True), h),
    "gru": lambda h: Steps(nn.GRU(h, h, batch_first=True), h),
    "rnn": lambda h: Steps(nn.RNN(h, h, batch_first=True), h),
    "bilstm": lambda h: Steps(
        nn.LSTM(h, h, num_layers=2, bidirectional=True, batch_first=True), 2 * h
    ),
    "packed": Packed,
    "words": Words,
    "images": images,
    "mobile": mobile,
    "signal": signal,
}


def main() -> None:
    """Write every net."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    told: dict[str, Any] = {"versions": f"PyTorch {torch.__version__}", "errors": {}}
    for name, make in NETS.items():
        for hidden in HIDDEN:
            torch.manual_seed(0)
            write(folder, name, hidden, make(hidden).eval(), told["errors"])
    (folder / "export.json").write_text(json.dumps(told, indent=2))


def write(folder: Path, name: str, hidden: int, net: nn.Module, errors: dict[str, str]) -> None:
    """Write one net's weights, answer and exports."""
    stem = f"{name}_{hidden}"
    torch.save(net.state_dict(), folder / f"{stem}.pt")
    arrays = {key: torch.from_numpy(array) for key, array in example(name, hidden, 2).items()}
    with torch.no_grad():
        np.savez(folder / f"{stem}.npz", **arrays, y=net(*arrays.values()).numpy())
    for exporter in EXPORTERS:
        path = folder / f"{stem}.{exporter}.onnx"
        for opened in (("batch", "time"), ("batch",)):
            try:
                export(exporter, net, arrays, opened_dims(SHAPES[name], opened), path)
                onnx.checker.check_model(path)
                break
            except BaseException as error:
                errors.setdefault(f"{stem}.{exporter}", reason(error))
                path.unlink(missing_ok=True)


def opened_dims(shapes: dict[str, tuple[Any, ...]], words: tuple[str, ...]) -> Opened:
    """Return the axes that are open, with the word of each."""
    return {
        name: {axis: dim for axis, dim in enumerate(dims) if dim in words}
        for name, dims in shapes.items()
    }


def export(exporter: str, net: nn.Module, arrays: Any, opened: Opened, path: Path) -> None:
    """Export with the axes in `opened` open."""
    names = {"input_names": list(arrays), "output_names": ["y"]}
    given = tuple(arrays.values())
    if exporter == "dynamo":
        shapes = tuple(dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for axes in opened.values())
        options: Any = {"dynamo": True, "external_data": False, "verbose": False}
        torch.onnx.export(net, given, path, dynamic_shapes=shapes, **options, **names)
    else:
        torch.onnx.export(net, given, path, dynamo=False, dynamic_axes=opened, **names)


def reason(error: BaseException) -> str:
    """Return the lines that say why: those of the first cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines[:2])[:300]}"


if __name__ == "__main__":
    main()
