"""One copy of the arrays of a layer that a model calls several times."""

import hashlib
from typing import Any

from numpy.typing import NDArray

from ...walking import bodies
from ..network import Network

LEAST = 2
"""Numbers that an array has to have before a second copy of it is worth a look."""


def share_weights(net: Network) -> None:
    """Let all nodes that read equal arrays of weights read the first of them.

    Arrays that a Scan has inside its body stay where they are.
    """
    first: dict[tuple[Any, ...], str] = {}
    instead: dict[str, str] = {}
    for name, array in net.initializers.items():
        if array.size >= LEAST and array.dtype == net.dtype:
            kept = first.setdefault(_key(array), name)
            if kept != name:
                instead[name] = kept
    if any(True for node in net.nodes for _ in bodies(node)):
        return
    for node in net.nodes:
        for place, name in enumerate(node.input):
            if name in instead:
                node.input[place] = instead[name]
    for name in instead:
        del net.initializers[name]


def _key(array: NDArray[Any]) -> tuple[Any, ...]:
    digest = hashlib.sha256(array.tobytes()).digest()
    return array.dtype, array.shape, digest
