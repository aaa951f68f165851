"""The trained nets as PyTorch modules: one row each of what is trained and how it computes.

PyTorch is the extra ``train``; only this folder imports it. No class is defined:
a net is a ``ModuleDict`` of PyTorch's own layers, so its state names are the layers' names
(``rnn.weight_ih_l0``, ``fc.bias``), and a plain function computes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Step = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
"""One step of a peephole LSTM: gates ``[batch, 4H]``, c and P to the new h and c."""

STEPS, FEATURES, DIGITS = 8, 8, 10
"""A recurrent net reads an image row by row."""


@dataclass(frozen=True)
class Architecture:
    """How to make a net, and how it computes.

    `forward` maps the net and images ``[batch, 64]`` to logits ``[batch, 10]``.
    """

    make: Callable[[], nn.Module]
    forward: Callable[[Any, Tensor], Tensor]


def _mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, DIGITS)
    )


def _lenet() -> nn.Module:
    return nn.ModuleDict(
        {
            "conv1": nn.Conv2d(1, 6, 3, padding=1),
            "conv2": nn.Conv2d(6, 16, 3, padding=1),
            "fc1": nn.Linear(64, 120),
            "fc2": nn.Linear(120, 84),
            "fc3": nn.Linear(84, DIGITS),
        }
    )


def _run_lenet(net: Any, images: Tensor) -> Tensor:
    """LeNet-5's order of layers: average pooling, then maximum pooling, tanh throughout."""
    x = images.reshape(-1, 1, 8, 8)
    x = functional.avg_pool2d(torch.tanh(net["conv1"](x)), 2)
    x = functional.max_pool2d(torch.tanh(net["conv2"](x)), 2)
    x = torch.tanh(net["fc1"](x.flatten(1)))
    x = torch.tanh(net["fc2"](x))
    return torch.as_tensor(net["fc3"](x))


def _recurrent(cell: Callable[..., nn.Module], hidden: int, **options: Any) -> nn.Module:
    directions = 2 if options.get("bidirectional") else 1
    return nn.ModuleDict(
        {
            "rnn": cell(FEATURES, hidden, batch_first=True, **options),
            "fc": nn.Linear(directions * hidden, DIGITS),
        }
    )


def _run_recurrent(net: Any, images: Tensor) -> Tensor:
    """Read the last layer's final hidden states, each direction's own last step."""
    _, state = net["rnn"](images.reshape(-1, STEPS, FEATURES))
    h_n = state[0] if isinstance(state, tuple) else state
    directions = 2 if net["rnn"].bidirectional else 1
    return torch.as_tensor(net["fc"](torch.cat(tuple(h_n[-directions:]), dim=1)))


def _peephole(hidden: int, layers: int, seeing: int) -> nn.Module:
    """Make peephole LSTMs in which `seeing` of the four gates see the cell state."""
    sizes = [FEATURES] + [hidden] * layers
    cells = [_peephole_cell(sizes[layer], hidden, seeing) for layer in range(layers)]
    return nn.ModuleDict({"rnn": nn.ModuleList(cells), "fc": nn.Linear(hidden, DIGITS)})


def _peephole_cell(features: int, hidden: int, seeing: int) -> nn.Module:
    bound = hidden**-0.5  # as PyTorch initialises its own recurrent layers
    shapes = {
        "W": (4 * hidden, features),
        "R": (4 * hidden, hidden),
        "b": (4 * hidden,),
        "P": (seeing * hidden,),
    }
    return nn.ParameterDict(
        {name: torch.empty(shape).uniform_(-bound, bound) for name, shape in shapes.items()}
    )


def _run_peephole(step: Step, net: Any, images: Tensor) -> Tensor:
    sequence = images.reshape(-1, STEPS, FEATURES)
    for cell in net["rnn"]:
        sequence = _run_peephole_layer(step, cell, sequence)
    return torch.as_tensor(net["fc"](sequence[:, -1]))


def _run_peephole_layer(step: Step, cell: Any, x: Tensor) -> Tensor:
    """Return h of every step, ``[batch, time, hidden]``; gate order i, o, f, c."""
    h = c = x.new_zeros(x.shape[0], cell["R"].shape[1])
    steps = []
    for x_t in x.unbind(1):
        gates = functional.linear(x_t, cell["W"], cell["b"]) + functional.linear(h, cell["R"])
        h, c = step(gates, c, cell["P"])
        steps.append(h)
    return torch.stack(steps, dim=1)


def _onnx_step(gates: Tensor, c: Tensor, peepholes: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the form of Gers and Schmidhuber (2000), ONNX's; P in the order i, o, f.

    i and f see the old c, o the new one: ``i = sigmoid(.. + pi * c)``, f alike;
    ``c' = f * c + i * tanh(..)``; ``o = sigmoid(.. + po * c')``; ``h' = o * tanh(c')``.
    """
    i, o, f, z = gates.chunk(4, dim=1)
    p_i, p_o, p_f = peepholes.chunk(3)
    i, f = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c)
    new = f * c + i * torch.tanh(z)
    return torch.sigmoid(o + p_o * new) * torch.tanh(new), new


def _lecture_step(gates: Tensor, c: Tensor, peepholes: Tensor) -> tuple[Tensor, Tensor]:
    """Compute the lecture's form: all four gates see the old c; P in the order i, o, f, c."""
    i, o, f, z = (gates + peepholes * c.repeat(1, 4)).chunk(4, dim=1)
    new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
    return torch.sigmoid(o) * torch.tanh(new), new


def _rnn(hidden: int, **options: Any) -> Architecture:
    return Architecture(partial(_recurrent, nn.RNN, hidden, **options), _run_recurrent)


def _gru(hidden: int, **options: Any) -> Architecture:
    return Architecture(partial(_recurrent, nn.GRU, hidden, **options), _run_recurrent)


def _lstm(hidden: int, **options: Any) -> Architecture:
    return Architecture(partial(_recurrent, nn.LSTM, hidden, **options), _run_recurrent)


ARCHITECTURES = {
    "mlp": Architecture(_mlp, lambda net, images: torch.as_tensor(net(images))),
    "lenet": Architecture(_lenet, _run_lenet),
    "rnn_tanh": _rnn(32),
    "rnn_relu": _rnn(32, nonlinearity="relu"),
    "birnn_tanh": _rnn(24, num_layers=2, bidirectional=True),
    "gru": _gru(32),
    "bigru2": _gru(24, num_layers=2, bidirectional=True),
    "lstm": _lstm(32),
    "lstm3": _lstm(24, num_layers=3),
    "bilstm2": _lstm(24, num_layers=2, bidirectional=True),
    "peephole": Architecture(partial(_peephole, 32, 1, 3), partial(_run_peephole, _onnx_step)),
    "peephole2": Architecture(partial(_peephole, 24, 2, 3), partial(_run_peephole, _onnx_step)),
    "lecture_peephole": Architecture(
        partial(_peephole, 32, 1, 4), partial(_run_peephole, _lecture_step)
    ),
}
"""By the names of :data:`.data.NAMES`."""
