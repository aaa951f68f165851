"""The nets: their arrays, named and laid out as their models' makers do, and how they compute."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from . import tasks
from .cells import dynet_bilstm, hard_sigmoid, keras_gru, keras_lstm, take

Arrays = dict[str, Tensor]
W_R_B = ("W", "R", "b")


@dataclass(frozen=True)
class Net:
    """A net: the shapes of its arrays, its answers for an input, and what it is trained on.

    `run` is told whether it trains; `loss` takes its answers and the task's targets.
    """

    shapes: dict[str, tuple[int, ...]]
    run: Callable[[Arrays, Tensor, bool], Arrays]
    task: Callable[[], tuple[Tensor, ...]]
    loss: Callable[..., Tensor]
    rows: int
    """How many inputs are kept with their answers."""


def _gru(prefix: str, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
    shapes = ((inputs, 3 * hidden), (hidden, 3 * hidden), (3 * hidden,))
    return {prefix + role: shape for role, shape in zip(W_R_B, shapes, strict=True)}


def _lstm(prefix: str, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
    shapes = ((inputs, 4 * hidden), (hidden, 4 * hidden), (4 * hidden,))
    return {prefix + role: shape for role, shape in zip(W_R_B, shapes, strict=True)}


def _dense(prefix: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}W": (inputs, outputs), f"{prefix}b": (outputs,)}


def _apply(a: Arrays, prefix: str, x: Tensor) -> Tensor:
    return x @ a[f"{prefix}W"] + a[f"{prefix}b"]


def _voice(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell where a voice is: dense tanh, GRU, sigmoid."""
    states = keras_gru(torch.tanh(_apply(a, "first_", x)), take(a, "gru_", W_R_B))
    return {"p": torch.sigmoid(_apply(a, "head_", states))}


def _denoise(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell each band's share of voice: three GRUs with ReLU that see one another."""
    first = torch.tanh(_apply(a, "first_", x))
    vad = keras_gru(first, take(a, "vad_", W_R_B), g=torch.relu)
    seen = torch.cat([first, vad, x], 2)
    noise = keras_gru(seen, take(a, "noise_", W_R_B), g=torch.relu)
    seen = torch.cat([vad, noise, x], 2)
    denoise = keras_gru(seen, take(a, "denoise_", W_R_B), g=torch.relu)
    gains = torch.sigmoid(_apply(a, "gains_", denoise))
    return {"gains": gains, "vad": torch.sigmoid(_apply(a, "voice_", vad))}


def _words(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell where words begin: a DyNet BiLSTM over vectors of characters."""
    ways = [take(a, f"{way}_", W_R_B) for way in ("forth", "back")]
    return {"y": _apply(a, "head_", dynet_bilstm(a["vectors"][x], ways))}


def _passage(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell which fifth of the text this is: Keras 2's GRU with hard sigmoid, a ReLU head."""
    e = keras_gru(a["vectors"][x], take(a, "gru_", W_R_B), f=hard_sigmoid)[:, -1]
    y = torch.relu(_apply(a, "head_", e))
    return {"E": e, "Y": y / (y.sum(1, keepdim=True) + (1e-6 if training else 0))}


def _letters(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell the next character: two Keras LSTMs, attention over both and the vectors."""
    e = a["vectors"][x]
    first = keras_lstm(e, take(a, "lstm1_", W_R_B))
    seen = torch.cat([e, first, keras_lstm(first, take(a, "lstm2_", W_R_B))], 2)
    pooled = (seen * torch.softmax(seen @ a["attention"], 1)).sum(1)
    return {"Y": torch.softmax(_apply(a, "head_", pooled), 1)}


def _pitch(a: Arrays, x: Tensor, training: bool) -> Arrays:
    """Tell a tone's pitch: six times Conv, ReLU and *then* BatchNormalization, pooling."""
    h = x[:, None, :, None]
    for k in range(1, 7):
        pads, stride = ((254, 254), 4) if k == 1 else ((31, 32), 1)
        h = functional.pad(h, (0, 0, *pads))
        h = functional.conv2d(h, a[f"conv{k}_weight"], a[f"conv{k}_bias"], (stride, 1)).relu()
        stored = take(a, f"conv{k}_BN_", ("running_mean", "running_var", "weight", "bias"))
        h = functional.batch_norm(h, *stored, training=training, eps=1e-3)
        h = functional.max_pool2d(h, (2, 1))
    h = h.permute(0, 2, 1, 3).flatten(1)
    return {"y": torch.sigmoid(functional.linear(h, a["head_weight"], a["head_bias"]))}


def _pitch_shapes(channels: int = 8) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for k in range(1, 7):
        shapes[f"conv{k}_weight"] = (channels, 1, 512, 1) if k == 1 else (channels, channels, 64, 1)
        for role in ("bias", "BN_running_mean", "BN_running_var", "BN_weight", "BN_bias"):
            shapes[f"conv{k}_{role}"] = (channels,)
    return shapes | {"head_weight": (tasks.BINS, 4 * channels), "head_bias": (tasks.BINS,)}


def _gates_first(shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {name: shape[::-1] for name, shape in shapes.items()}


def _share_loss(out: Arrays, share: Tensor, voice: Tensor) -> Tensor:
    return functional.mse_loss(out["gains"], share) + functional.mse_loss(out["vad"], voice)


def _log_loss(out: Arrays, wanted: Tensor) -> Tensor:
    return functional.nll_loss(torch.log(out["Y"] + 1e-6), wanted)


NETS = {
    "voice": Net(
        _dense("first_", 12, 16) | _gru("gru_", 16, 16) | _dense("head_", 16, 1),
        _voice,
        tasks.voices,
        lambda out, share, voice: functional.binary_cross_entropy(out["p"], voice),
        rows=1,
    ),
    "denoise": Net(
        _dense("first_", 12, 16)
        | _gru("vad_", 16, 12)
        | _gru("noise_", 40, 16)
        | _gru("denoise_", 40, 24)
        | _dense("gains_", 24, 12)
        | _dense("voice_", 12, 1),
        _denoise,
        tasks.voices,
        _share_loss,
        rows=1,
    ),
    "words": Net(
        {"vectors": (tasks.SYMBOLS, 20)}
        | _gates_first(_lstm("forth_", 20, 24) | _lstm("back_", 20, 24))
        | _dense("head_", 48, 2),
        _words,
        tasks.words,
        lambda out, begins: functional.cross_entropy(out["y"].flatten(0, 1), begins.flatten()),
        rows=16,
    ),
    "passage": Net(
        {"vectors": (tasks.SYMBOLS, 16)} | _gru("gru_", 16, 48) | _dense("head_", 48, 5),
        _passage,
        tasks.passages,
        _log_loss,
        rows=60,
    ),
    "letters": Net(
        {"vectors": (tasks.SYMBOLS, 24), "attention": (24 + 48 + 48, 1)}
        | _lstm("lstm1_", 24, 48)
        | _lstm("lstm2_", 48, 48)
        | _dense("head_", 24 + 48 + 48, tasks.SYMBOLS),
        _letters,
        tasks.next_characters,
        _log_loss,
        rows=60,
    ),
    "pitch": Net(
        _pitch_shapes(),
        _pitch,
        tasks.tones,
        lambda out, bell: functional.binary_cross_entropy(out["y"], bell),
        rows=20,
    ),
}
