"""What layers arrays belong to: by PyTorch's names of a module's entries, and by their shapes."""

import re
from collections.abc import Iterator, Mapping

from ..weights.arrays import Array
from .parts import CELLS, Part
from .recognise_keras import is_keras, recognise_keras

ENTRY = re.compile(r"weight_(ih|hh|hr)(?:_l(\d+))?(_reverse)?")
"""An entry of torch.nn.RNN, LSTM or GRU, or of a cell (without a layer's number)."""


def recognise(arrays: Mapping[str, Array]) -> list[Part]:
    """Return the layers of a PyTorch state or of a Keras file, in the order of its entries.

    >>> import numpy as np
    >>> [part.title() for part in recognise({"0.weight": np.ones((3, 5)), "0.bias": np.ones(3)})]
    ['Linear, 5 -> 3']
    """
    if is_keras(arrays):
        return recognise_keras(arrays)
    modules: dict[str, dict[str, Array]] = {}
    for name, array in arrays.items():
        prefix, _, leaf = name.rpartition(".")
        modules.setdefault(prefix, {})[leaf] = array
    parts = [part for prefix, module in modules.items() for part in _parts(prefix, module)]
    return [
        _as_embedding(part, after) for part, after in zip(parts, [*parts[1:], None], strict=True)
    ]


def summaries(parts: list[Part]) -> list[tuple[str, str]]:
    """Return each module and what it is, the layers of a recurrent stack as one."""
    told = []
    for part in parts:
        stack = [p for p in parts if p.prefix == part.prefix and p.kind == part.kind]
        if part.layer in (None, 0) or part is stack[0]:
            told.append((part.prefix, part.title(1 if part.layer is None else len(stack))))
    return told


def _parts(prefix: str, module: Mapping[str, Array]) -> Iterator[Part]:
    """Yield the layers whose entries stand under one prefix."""
    whole = {leaf: array for leaf, array in module.items() if leaf != "num_batches_tracked"}
    if any(ENTRY.fullmatch(leaf) for leaf in whole):
        yield from _recurrent(prefix, whole)
    elif whole:
        yield _plain(prefix, whole)


def _recurrent(prefix: str, module: Mapping[str, Array]) -> Iterator[Part]:
    numbers = {m[2] for leaf in module if (m := ENTRY.fullmatch(leaf))}
    for number in sorted(numbers, key=lambda text: int(text or 0)):
        end = "" if number is None else f"_l{number}"
        leaves = [leaf for leaf in module if re.sub("_reverse$", "", leaf).endswith(end)]
        yield _recurrent_layer(prefix, {leaf: module[leaf] for leaf in leaves}, end)


def _recurrent_layer(prefix: str, module: Mapping[str, Array], end: str) -> Part:
    entries = tuple(_joined(prefix, leaf) for leaf in module)
    w, r = module.get(f"weight_ih{end}"), module.get(f"weight_hh{end}")
    if w is None or r is None or w.ndim != 2 or r.ndim != 2 or not r.size:
        return Part("unknown", prefix, entries)
    projection = module.get(f"weight_hr{end}")
    hidden = r.shape[1] if projection is None else projection.shape[-1]
    directions = 2 if f"weight_ih{end}_reverse" in module else 1
    blocks = w.shape[0] // hidden if hidden and w.shape[0] % hidden == 0 else 0
    return Part(
        CELLS.get(blocks, "unknown"), prefix, entries, w.shape[1], r.shape[1] * directions,
        int(end[2:]) if end else None, directions, projection is not None,
    )  # fmt: skip


def _plain(prefix: str, module: Mapping[str, Array]) -> Part:
    """Return the layer of a module that has a ``weight``, and perhaps a ``bias`` and statistics."""
    entries = tuple(_joined(prefix, leaf) for leaf in module)
    w, b = module.get("weight"), module.get("bias")
    if {"running_mean", "running_var"} <= set(module):
        size = module["running_mean"].size
        return Part("batch_norm", prefix, entries, size, size)
    rank = w.ndim if w is not None and set(module) <= {"weight", "bias"} else 0
    if w is not None and rank == 2 and (b is None or b.shape == w.shape[:1]):
        return Part("dense", prefix, entries, w.shape[1], w.shape[0])
    turned = "transpose" in prefix.lower() or "deconv" in prefix.lower()
    if w is not None and rank in (3, 4, 5) and b is not None and b.shape == w.shape[1:2]:
        turned = turned or b.shape != w.shape[:1]
    else:
        turned = turned and b is None and rank in (3, 4, 5)
    if w is not None and turned:
        sizes = (w.shape[0], w.shape[1])
        return Part("conv_transpose", prefix, entries, *sizes, kernel=w.shape[2:])
    if w is not None and rank in (3, 4, 5) and (b is None or b.shape == w.shape[:1]):
        return Part("conv", prefix, entries, w.shape[1], w.shape[0], kernel=w.shape[2:])
    if w is not None and rank == 1 and b is not None and b.shape == w.shape:
        return Part("layer_norm", prefix, entries, w.size, w.size)
    if w is not None and rank == 1 and b is None:
        return Part("prelu", prefix, entries, w.size, w.size)
    return Part("unknown", prefix, entries)


def _as_embedding(part: Part, after: Part | None) -> Part:
    """Return a matrix without bias as an embedding where its name or the next layer says so.

    Both are ``[rows, columns]``; an embedding gives as many numbers as it has columns.
    """
    if part.kind != "dense" or len(part.entries) > 1:
        return part
    named = "emb" in part.prefix.lower()
    fits = after is not None and after.takes == part.takes != part.gives
    if not named and not fits:
        return part
    return Part("embedding", part.prefix, part.entries, part.gives, part.takes)


def _joined(prefix: str, leaf: str) -> str:
    return f"{prefix}.{leaf}" if prefix else leaf
