"""What may stand right behind a drafted layer: its activation, or what belongs to it."""

import re

from ..checkpoints.parts import Part

FOLLOWING = ("batch_norm", "layer_norm", "prelu", "unknown")
"""Kinds that stand right behind what they belong to, before its activation."""


def is_activated(part: Part, after: Part | None) -> bool:
    """Say whether a layer that has no activation of its own may have one behind it."""
    if part.kind != "conv_transpose":
        return False
    return after is None or not (after.kind in FOLLOWING or adjacent(part, after))


def activated(name: str) -> str:
    """Return the name of the activation behind a layer.

    >>> activated("up")
    'up_activated'
    """
    return f"{name}_activated"


def is_separable(part: Part, after: Part) -> bool:
    """Say whether two convolutions are one separable convolution of Keras."""
    return part.depthwise and after.prefix == f"{part.prefix}/pointwise"


def adjacent(part: Part, after: Part) -> bool:
    """Say whether the numbers of a Sequential tell that nothing stands between two layers."""
    one, two = (re.fullmatch(r"(.*?)(\d+)", p.prefix) for p in (part, after))
    if part.source == "keras" or one is None or two is None or one[1] != two[1]:
        return False
    return int(two[2]) == int(one[2]) + 1 and (not one[1] or one[1][-1] == ".")
