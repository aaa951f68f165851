"""What layers arrays belong to, by the names that Keras gives them in HDF5 files, and Flax.

``layers/dense/vars/0`` (Keras 3, by number), ``dense/model/dense/kernel`` (``.h5``, Keras 2 with
``:0`` behind it), ``params/Dense_0/kernel`` (Flax).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from ..weights.arrays import Array
from .parts import CELLS, Part

ROLES = {
    **{name: name for name in ("kernel", "depthwise_kernel", "pointwise_kernel", "bias")},
    **{name: name for name in ("recurrent_kernel", "gamma", "beta", "mean", "variance")},
    "recurrent_bias": "bias",
    "embeddings": "embedding",
    "embedding": "embedding",
    "moving_mean": "mean",
    "moving_variance": "variance",
    "scale": "gamma",
    "var": "variance",
}
"""What an array is, by the end of its name."""
ORDER = ["kernel", "depthwise_kernel", "recurrent_kernel", "pointwise_kernel", "embedding"]
ORDER += ["gamma", "bias", "beta", "mean", "variance"]
"""In which order ``get_weights()`` has them."""
KNOWN = {"kernel", "recurrent_kernel", "depthwise_kernel", "embedding"}
"""Roles that no PyTorch module has."""
NUMBERED = re.compile(r"(.*)/vars/(\d+)")
ROOTS = ("params", "batch_stats", "layers", "_layers")
"""Folders that say nothing of a layer."""
SIDES = ("forward", "backward")


def is_keras(arrays: Mapping[str, Array]) -> bool:
    """Say whether the names are those of Keras or Flax."""
    roles = {"0" if NUMBERED.fullmatch(name) else _split(name)[1] for name in arrays}
    return "weight" not in roles and bool(roles & {"0", *KNOWN})


def recognise_keras(arrays: Mapping[str, Array]) -> list[Part]:
    """Return the layers of a Keras file, in the order of the file.

    >>> import numpy as np
    >>> arrays = {"d/bias": np.ones(3), "d/kernel": np.ones((5, 3))}
    >>> [part.title() for part in recognise_keras(arrays)]
    ['Dense, 5 -> 3']
    """
    layers: dict[str, dict[str, str]] = {}
    for name in arrays:
        path, role = _split(name)
        layers.setdefault(path, {})[role] = name
    parts: list[Part] = []
    sides: dict[str, dict[str, Part]] = {}
    for path, roles in layers.items():
        named = {role: arrays[roles[role]] for role in _ordered(roles)}
        entries = tuple(roles[role] for role in named)
        made = list(_layer(_label(path), named, entries))
        base, side = _side(path)
        if side and len(made) == 1 and made[0].directions == 1:
            sides.setdefault(base, {})[side] = made[0]
            made = [_both(_label(base), sides[base])] if len(sides[base]) == 2 else []
        parts += made
    return parts


def _split(name: str) -> tuple[str, str]:
    """Return the layer's path, and what the array is: its role, or its number."""
    plain = name.removesuffix(":0")
    numbered = NUMBERED.fullmatch(plain)
    if numbered:
        return numbered[1], numbered[2]
    path, _, leaf = plain.replace(".", "/").rpartition("/")
    steps = path.split("/")
    kept = steps[1:] if steps[0] in ROOTS[:2] else steps
    return "/".join(kept), ROLES.get(leaf, leaf)


def _ordered(roles: Mapping[str, str]) -> list[str]:
    if all(role.isdigit() for role in roles):
        return sorted(roles, key=int)
    return sorted(roles, key=lambda role: ORDER.index(role) if role in ORDER else len(ORDER))


def _label(path: str) -> str:
    """Return the layer's own name out of a path: the first where it stands there twice."""
    steps = [step for step in path.split("/") if step not in ROOTS and not step.endswith("cell")]
    if len(set(steps)) < len(steps):
        return steps[0]
    return steps[-1] if steps else path


def _side(path: str) -> tuple[str, str]:
    """Return the path of the layer of both directions, and which one this is, or ``""``."""
    steps = path.split("/")
    for place, step in enumerate(steps):
        if step.startswith(SIDES):
            return "/".join(steps[:place]), step.partition("_")[0]
    return path, ""


def _both(label: str, sides: Mapping[str, Part]) -> Part:
    forward, backward = sides["forward"], sides["backward"]
    entries = (*forward.entries, *backward.entries)
    return Part(
        forward.kind, label, entries, forward.takes, 2 * forward.gives, directions=2, source="keras"
    )


def _layer(label: str, named: Mapping[str, Array], entries: tuple[str, ...]) -> Iterator[Part]:
    """Yield the layer of some arrays; a separable convolution is two."""
    arrays = list(named.values())
    ranks, sizes = [array.ndim for array in arrays], {array.size for array in arrays}
    if ranks[:2] == [2, 2] and len(arrays) <= 3:
        yield _recurrent(label, arrays, entries)
    elif ranks and ranks[0] == 2 and _has_bias(arrays):
        yield _matrix(label, named, entries)
    elif len(arrays) > 1 and 3 <= ranks[0] == ranks[1] <= 5:
        yield _conv(label, arrays[0], entries[:1], depthwise=True)
        yield _conv(f"{label}/pointwise", arrays[1], entries[1:])
    elif ranks and 3 <= ranks[0] <= 5 and len(arrays) <= 2:
        depthwise = "depthwise" in label or "depthwise_kernel" in named
        yield _conv(label, arrays[0], entries, depthwise=depthwise)
    elif set(ranks) == {1} and len(sizes) == 1 and len(arrays) in (2, 4):
        kind = "batch_norm" if len(arrays) == 4 else "layer_norm"
        yield Part(kind, label, entries, arrays[0].size, arrays[0].size, source="keras")
    else:
        yield Part("unknown", label, entries, source="keras")


def _has_bias(arrays: Sequence[Array]) -> bool:
    """Say whether there is nothing beside a matrix, or a bias for its columns."""
    return len(arrays) == 1 or (len(arrays) == 2 and arrays[1].shape == arrays[0].shape[1:])


def _matrix(label: str, named: Mapping[str, Array], entries: tuple[str, ...]) -> Part:
    (role, w), *_ = named.items()
    embeds = role == "embedding" or ("emb" in label.lower() and len(named) == 1)
    kind = "embedding" if embeds else "dense"
    return Part(kind, label, entries, w.shape[0], w.shape[1], source="keras")


def _recurrent(label: str, arrays: Sequence[Array], entries: tuple[str, ...]) -> Part:
    w, r = arrays[:2]
    H = r.shape[0]
    blocks = w.shape[1] // H if H and w.shape[1] == r.shape[1] and w.shape[1] % H == 0 else 0
    kind = CELLS.get(blocks, "unknown")
    return Part(kind, label, entries, w.shape[0], H, source="keras")


def _conv(label: str, w: Array, entries: tuple[str, ...], *, depthwise: bool = False) -> Part:
    takes, gives = w.shape[-2:]
    out = takes * gives if depthwise else gives
    return Part(
        "conv", label, entries, takes, out, kernel=w.shape[:-2], source="keras", depthwise=depthwise
    )
