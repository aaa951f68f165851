"""The two nets that are called LSTM with peepholes: which gates see the cell state."""

from typing import Literal

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .layout import Layout, as_layout, reordered
from .pack import Gates, join_gates

Peephole = Literal["onnx", "lecture"]
PEEPHOLE_GATES: dict[str, str] = {"onnx": "iof", "lecture": "iofc"}
"""Which gates see the cell state, in the order of p, for each form."""


def seen_gates(where: str, peephole: str) -> str:
    """Return the gates that see c, in the order of p, or raise for an unknown form."""
    if peephole not in PEEPHOLE_GATES:
        raise WeightError(
            f"{where}: peephole is {peephole!r}, needs 'onnx' or 'lecture'",
            "'onnx': i and f see the old cell, o the new one; 'lecture': all see the old one",
        )
    return PEEPHOLE_GATES[peephole]


def read_peepholes(
    where: str, layout: Layout | str, peephole: str, p: Gates, hidden_size: int
) -> Array:
    """Return ``p [3H]`` or ``[4H]`` in ONNX's order from one in the order of `layout`."""
    seen = seen_gates(where, peephole)
    vector = checked(join_gates(p, len(seen), 1, where, "p"), where, "p")
    why = f"peephole={peephole!r} has one vector of H for each of {' '.join(seen)}"
    other = next(form for form in PEEPHOLE_GATES if form != peephole)
    if vector.shape == (len(PEEPHOLE_GATES[other]) * hidden_size,):
        raise WeightError(
            f"{where}: p has shape {list(vector.shape)}, needs "
            f"[{len(seen)}H={len(seen) * hidden_size}]: {why}",
            f"so many numbers are those of peephole={other!r}, which is another net: say so",
        )
    check_shape(where, "p", vector, [(f"{len(seen)}H", len(seen) * hidden_size)], why)
    return reorder_peepholes(layout, seen, vector)


def reorder_peepholes(layout: Layout | str, seen: str, p: Array, *, back: bool = False) -> Array:
    """Return ``p [len(seen)*H]`` in the order of `seen`; with `back`, in the layout's order."""
    places = as_layout(layout).positions("iofc", "LSTMWeights")
    there = sorted(range(len(seen)), key=lambda gate: places["iofc".index(seen[gate])])
    positions = there if back else [there.index(gate) for gate in range(len(seen))]
    return reordered(p, positions, 1)
