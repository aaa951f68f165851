"""The order of layers: each takes what the one before gives."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .parts import Part


def in_order(parts: Sequence[Part]) -> list[Part]:
    """Return the layers in an order in which each takes what the one before gives.

    That of the file, if it is one; else by the numbers in the names (safetensors sorts ``10``
    before ``2``); else a chain from a layer that no other one feeds; else the file's.
    """
    natural = sorted(parts, key=lambda part: (_natural(part.prefix), part.layer or 0))
    for order in (list(parts), natural, _chain(natural)):
        if len(order) == len(parts) and is_chain(order):
            return order
    return list(parts)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(t), "") if t.isdigit() else (-1, t) for t in re.split(r"[._]|(?<=\D)(?=\d)", name)]


def is_chain(order: Sequence[Part]) -> bool:
    """Say whether each layer takes what the one before gives."""
    return all(_fits(a, b) for a, b in pairwise(order))


def _fits(before: Part, after: Part) -> bool:
    if "unknown" in (before.kind, after.kind):
        return True
    if after.kind == "conv" and after.source == "keras":  # a grouped one is rare
        return before.gives == after.takes
    image = ("conv", "conv_transpose")
    if before.kind in image or (before.kind == "batch_norm" and after.kind in (*image, "dense")):
        return after.takes % before.gives == 0 or before.gives % after.takes == 0
    return after.kind != "embedding" and before.gives == after.takes


NORMS = ("batch_norm", "layer_norm", "prelu")


def _chain(parts: Sequence[Part]) -> list[Part]:
    """Return a chain through the layers, each step to the first that fits; it may be too short.

    A normalisation comes before others, but none behind another one.
    """
    left = list(parts)
    firsts = [p for p in left if not any(_fits(q, p) for q in left if q is not p)] or left[:1]
    order = firsts[:1]
    left = [p for p in left if p is not order[0]]
    while found := _next(order[-1], left):
        order.append(found)
        left = [p for p in left if p is not found]
    return order


def _next(last: Part, left: Sequence[Part]) -> Part | None:
    equal = [p for p in left if last.gives == p.takes]
    fitting = equal or [p for p in left if _fits(last, p)]
    norms = [p for p in fitting if p.kind in NORMS]
    others = [p for p in fitting if p.kind not in NORMS]
    first, second = (others, norms) if last.kind in NORMS else (norms, others)
    return next(iter([*first, *second]), None)
