"""One array per gate, as lecture notes and papers write it: over ``[x; h; c]``, or apart."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .layout import LETTERS
from .pack import Direction, joined_blocks, one_bias

PerGate = Mapping[str, Array]
"""One array for each gate, by the gate's letter."""


def need_one_form(where: str, joined: Mapping[str, object], apart: Mapping[str, object]) -> bool:
    """Say whether the gates' arrays are given apart, for x and for h, and not joined over both.

    Raises
    ------
    WeightError
        Both are given, or neither is whole.
    """
    is_apart = any(value is not None for value in apart.values())
    mixed = is_apart and any(value is not None for value in joined.values())
    missing = [name for name, value in (apart if is_apart else joined).items() if value is None]
    if mixed or missing:
        problem = "both forms are given" if mixed else f"{', '.join(missing)} missing"
        names = ", ".join(joined)
        raise WeightError(
            f"{where}: {problem}, needs {names} over [x; h], or w and r with one array a gate",
            "give for example w={'i': ...}, r={'i': ...} with the letters of all gates",
        )
    return is_apart


def join_named(
    where: str, name: str, cell: str, gates: str, given: PerGate, rank: int, axis: int = 0
) -> Array:
    """Return the arrays of named gates, each of `rank` dims, joined along `axis`.

    Parameters
    ----------
    cell
        All gates of the cell, whose letters are known.
    gates
        Those that `given` has to have, in the order of the result.

    Raises
    ------
    WeightError
        A gate is missing, not known or there twice, or an array has another shape than the others.
    """
    letters = LETTERS[cell]
    found = {letters.get(str(letter).lower()): letter for letter in given}
    if sorted(map(str, found)) != sorted(gates) or len(found) < len(given):
        raise WeightError(
            f"{where}: {name} has the gates {' '.join(map(str, given))}, needs one array for each "
            f"of {' '.join(gates)}",
            f"letters: {', '.join(f'{k} for {v}' for k, v in letters.items())}",
        )
    blocks = {f"{name}[{found[gate]!r}]": given[found[gate]] for gate in gates}
    for label, block in blocks.items():
        needed = [(label, None) for label in ("H", "I")[:rank]]
        check_shape(where, label, checked(block, where, label), needed, "one gate's")
    return joined_blocks(where, blocks, axis)


def read_gates(
    where: str,
    gates: str,
    matrices: Mapping[str, tuple[str, Any]],
    biases: Mapping[str, tuple[str, Array | None]],
    seen: str = "",
    x_free: str = "",
) -> tuple[Direction, Array | None]:
    """Return the canonical arrays and the peephole vector ``[len(seen)*H]`` of named gates.

    Parameters
    ----------
    matrices, biases
        For each gate of `gates`, its name in the notes and its array.
    seen
        The gates that see c, in the order of the peephole vector: theirs is ``[H, I+2H]``, and
        its last block diagonal.
    x_free
        The gate that may have no x block: ``[H, H]``.
    """
    dtype_of = {gate: checked(array, where, name) for gate, (name, array) in matrices.items()}
    lead = next(gate for gate in gates if gate not in x_free)
    name, first = matrices[lead][0], dtype_of[lead]
    extra = 2 if lead in seen else 1
    needed = [("H", None), ("I+2H" if extra == 2 else "I+H", None)]
    check_shape(where, name, first, needed, "a row for each unit, over the parts of V")
    H, I = first.shape[0], first.shape[1] - extra * first.shape[0]  # noqa: E741
    if I < 1:
        raise WeightError(
            f"{where}: {name} has shape {list(first.shape)}, needs {extra * H + 1} columns or "
            f"more: {'[x; h; c]' if extra == 2 else '[x; h]'} with H={H}",
            "check that it is [out, in], and whether it covers c",
        )
    blocks = {
        gate: _gate_blocks(where, matrices[gate][0], array, (I, H), gate in seen, gate in x_free)
        for gate, array in dtype_of.items()
    }
    part = Direction(
        np.concatenate([blocks[gate][0] for gate in gates]),
        np.concatenate([blocks[gate][1] for gate in gates]),
        _read_biases(where, gates, biases, H),
    )
    return part, np.concatenate([blocks[gate][2] for gate in seen]) if seen else None


def _gate_blocks(
    where: str, name: str, matrix: Array, sizes: tuple[int, int], sees_c: bool, x_free: bool
) -> tuple[Array, Array, Array]:
    """Return the blocks of one gate's matrix that meet x, h and c (the diagonal of the last)."""
    I, H = sizes  # noqa: E741
    if x_free and matrix.shape == (H, H):
        return np.zeros((H, I), matrix.dtype), matrix, matrix[:, :0]
    label, columns = ("I+2H", I + 2 * H) if sees_c else ("I+H", I + H)
    why = f"I={I}, H={H}, and it {'covers' if sees_c else 'does not cover'} c"
    if not sees_c and matrix.shape == (H, columns - H):
        why += "; where other gates cover c, say which net it is: peephole='onnx'"
    check_shape(where, name, matrix, [("H", H), (label, columns)], why)
    c_block = matrix[:, I + H :]
    if sees_c and np.any(c_block[~np.eye(H, dtype=bool)]):
        raise WeightError(
            f"{where}: {name} has numbers off the diagonal of its block over c "
            f"(columns {I + H} to {I + 2 * H - 1}), needs a diagonal block: a peephole joins a "
            "unit to its own cell only",
            "check the order of the parts: x, then h, then c",
        )
    return matrix[:, :I], matrix[:, I : I + H], np.diagonal(c_block) if sees_c else c_block[:0]


def _read_biases(
    where: str, gates: str, biases: Mapping[str, tuple[str, Array | None]], H: int
) -> Array | None:
    missing = [biases[gate][0] for gate in gates if biases[gate][1] is None]
    if len(missing) == len(gates):
        return None
    if missing:
        raise WeightError(
            f"{where}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, needs "
            "a bias for every gate or for none",
            "give zeros of length H for a gate without bias",
        )
    halves = []
    for gate in gates:
        name, bias = biases[gate]
        halves.append(checked(bias, where, name))
        check_shape(where, name, halves[-1], [("H", H)], "H is the number of rows of the gates")
    zeros = np.zeros(len(gates) * H, halves[0].dtype)
    return np.concatenate([*halves, zeros])


def write_gates(
    part: Direction, gates: str, p: Array | None = None, seen: str = ""
) -> dict[str, Array]:
    """Return each gate's matrix under its letter, and its bias under ``b`` and the letter."""
    H = part.w.shape[0] // len(gates)
    joined = np.split(np.concatenate([part.w, part.r], axis=1), len(gates))
    named = dict(zip(gates, joined, strict=True))
    if p is not None:
        for gate, vector in zip(seen, np.split(p, len(seen)), strict=True):
            named[gate] = np.concatenate([named[gate], np.diag(vector)], axis=1)
    if part.b is not None:
        one = one_bias(*np.split(part.b, 2)).reshape(-1, H)
        named |= {f"b{gate}": bias for gate, bias in zip(gates, one, strict=True)}
    return named
