"""PyTorch's state dicts: the names of their entries and the layout of their arrays.

PyTorch is not imported: a state is any mapping from names to arrays or tensors.
Gate orders (documentation of torch.nn.LSTM and torch.nn.GRU): LSTM i f g o, GRU r z n; two
biases; output-first.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...texts import nearest
from ..errors import WeightError
from .arrays import Array, checked
from .layout import Layout
from .pack import Direction, Given, Names, pack, unpack

ORDERS = {"h": "h", "zrh": "r z n", "iofc": "i f g o"}
PLAIN = ("weight", "bias")
RECURRENT = tuple(
    f"{name}{end}"
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    for end in ("", "_reverse")
)
"""The entries of a module, as `names` calls them; those of a stack may have their ``_l0`` too."""


def entry(prefix: str, name: str) -> str:
    """Return the name of a module's entry.

    >>> entry("encoder", "weight"), entry("encoder_", "weight"), entry("", "weight")
    ('encoder.weight', 'encoder_weight', 'weight')
    """
    return prefix + name if not prefix or prefix[-1] in "._/" else f"{prefix}.{name}"


def namer(
    state: Mapping[str, Any],
    prefix: str,
    names: Mapping[str, str] | None,
    known: Sequence[str],
    where: str,
) -> Callable[[str], str]:
    """Return what gives the name in `state` of an entry of PyTorch's.

    Parameters
    ----------
    names
        For entries that are called otherwise: PyTorch's name, and the one in `state`, behind the
        prefix or whole. A recurrent layer's may leave out the number: ``weight_ih``.
    known
        The entries that there are.

    Raises
    ------
    WeightError
        A key of `names` is no entry, or its value is not in the state.
    """
    given = {} if names is None else names
    for own, other in given.items():
        if _unnumbered(str(own)) not in known or not isinstance(other, str):
            raise WeightError(
                f"{where}: names has {own!r}: {other!r}, needs one of PyTorch's entries and its "
                "name in the state",
                f"entries: {', '.join(known)}",
            )
        if other not in state:
            look_up(state, entry(prefix, other), where)

    def find(own: str) -> str:
        other = given.get(own, given.get(_unnumbered(own)))
        if other is None:
            return entry(prefix, own)
        behind = entry(prefix, other)
        return other if behind not in state and other in state else behind

    return find


def origin(prefix: str, names: Mapping[str, str] | None, layer: int | None = None) -> Any:
    """Return where a container comes from, None where the names are not PyTorch's."""
    return None if names else (prefix, layer)


def _unnumbered(own: str) -> str:
    return re.sub(r"_l\d+(?=$|_reverse$)", "", own)


def look_up(state: Mapping[str, Any], key: str, where: str) -> Array:
    """Return the array `key` of `state`, or raise and list the names that come near."""
    if key in state:
        return checked(state[key], where, key)
    near = nearest(key, sorted(state))
    raise WeightError(
        f"{where}: there is no array {key!r} among the {len(state)} given",
        f"near it: {', '.join(near)}" if near else "hand over the state, or name the weights file",
    )


def look_up_optional(state: Mapping[str, Any], key: str, where: str) -> Array | None:
    """Return the array `key` of `state`, or None where there is none."""
    return look_up(state, key, where) if key in state else None


def layer_suffixes(layer: int | None) -> list[str]:
    """Return the ends of the names of a layer's forward and backward entries."""
    forward = "" if layer is None else f"_l{layer}"
    return [forward, f"{forward}_reverse"]


def suffixes(state: Mapping[str, Any], find: Callable[[str], str], layer: int | None) -> list[str]:
    """Return the ends of the names of the directions that `state` has of a layer."""
    forward, backward = layer_suffixes(layer)
    has_backward = any(find(name + backward) in state for name in ("weight_ih", "bias_ih"))
    return [forward, backward] if has_backward else [forward]


def read_direction(
    state: Mapping[str, Any], find: Callable[[str], str], suffix: str, gates: str, where: str
) -> tuple[Direction, Array | None]:
    """Return one direction's canonical arrays and its projection ``[P, H]``, if it has one."""
    keys = {
        field: find(name + suffix)
        for field, name in (
            ("w", "weight_ih"),
            ("r", "weight_hh"),
            ("b", "bias_ih"),
            ("rb", "bias_hh"),
        )
    }
    biased = keys["b"] in state or keys["rb"] in state
    projection = look_up_optional(state, find("weight_hr" + suffix), where)
    given = Given(
        look_up(state, keys["w"], where),
        look_up(state, keys["r"], where),
        look_up(state, keys["b"], where) if biased else None,
        look_up(state, keys["rb"], where) if biased else None,
    )
    size = projection.shape[0] if projection is not None and gates == "iofc" else None
    return unpack(
        Layout(ORDERS[gates], biases=2), gates, Names(where, **keys), given, size
    ), projection


def write_direction(part: Direction, prefix: str, suffix: str, gates: str) -> dict[str, Array]:
    """Return one direction's arrays under PyTorch's names, in PyTorch's order."""
    packed = pack(Layout(ORDERS[gates], biases=2), gates, "to_torch", part)
    names = {"w": "weight_ih", "r": "weight_hh", "b": "bias_ih", "rb": "bias_hh"}
    return {entry(prefix, names[field] + suffix): array for field, array in packed.items()}
