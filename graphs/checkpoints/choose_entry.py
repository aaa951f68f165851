"""Which part of a checkpoint is the weights: training scripts keep them among other things."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import WeightError
from ..weights.arrays import Array
from .inert import Inert, Odd, walk
from .numpy_arrays import as_array, is_array
from .plain import ForeignError, TensorView

PREFERRED = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights")
"""Names under which training scripts keep the weights, the most usual first."""
OTHER = ("optim", "sched", "scaler", "ema", "average", "swa", "teacher")
"""Parts of names of what is not the weights themselves, or a smoothed copy of them."""
INNER = ("optim", "sched", "scaler")
"""Beginnings of parts that are the training's own."""
WRAPPERS = ("module.", "_orig_mod.")
"""What DistributedDataParallel (and AveragedModel) and torch.compile put before every name."""
COUNTER = "n_averaged"
"""The entry of an AveragedModel itself, which stands beside those of its ``module.``."""
MAX_DEPTH = 8
Held = TensorView | Inert
"""A tensor, or an array of NumPy's that is not yet put together."""


@dataclass(frozen=True)
class Chosen:
    """The arrays of a file, and which part of it they are."""

    arrays: Mapping[str, Array]
    entry: str = ""
    """The part that was taken, as ``model_state_dict``; "" where the file is the weights alone."""
    others: tuple[str, ...] = ()
    """Other parts that hold arrays under names, such as a smoothed copy; no optimizer's."""
    prefix: str = ""
    """What stood before every name, and was left out."""


def choose_entry(
    path: Path, made: Any, load: Callable[[TensorView], Array], entry: str | None
) -> Chosen:
    """Return the weights in what a checkpoint holds.

    Parameters
    ----------
    made
        Dicts, lists and tensors, as :func:`~.pickled.read_pickle` gives them.
    load
        Returns a tensor's array.
    entry
        The part to take, as ``ema`` or ``model.generator``; None to choose by the usual names.

    Raises
    ------
    WeightError
        There is no tensor, no such part, or several that could be meant.
    ForeignError
        The tensors are inside a whole module, which only its own program could take apart.
    """
    parts = dict(_parts(made)) or dict(_parts(made, numpy=True))
    module = next(filter(_is_module, walk(made)), made)
    if isinstance(module, Inert) and entry is None and not _usual(parts):
        raise ForeignError(module.name)
    if not parts:
        raise WeightError(
            f"weights file {path}: it holds no tensor under a name",
            "save a state dict: torch.save(model.state_dict(), 'weights.pt')",
        )
    taken = _chosen(path, list(parts), entry)
    state, prefix = _unwrapped(parts[taken])
    arrays = {
        name: load(item) if isinstance(item, TensorView) else as_array(item)
        for name, item in state.items()
    }
    others = (part for part in parts if part != taken and not part.lower().startswith(INNER))
    return Chosen(arrays, taken, tuple(others), prefix)


def _chosen(path: Path, parts: list[str], entry: str | None) -> str:
    listed = ", ".join(repr(part) for part in parts[:6])
    if entry is not None:
        below = [part for part in parts if part.startswith(f"{entry}.")]
        if entry not in parts and len(below) == 1:
            return below[0]
        if entry not in parts:
            raise WeightError(
                f"weights file {path}: there is no part {entry!r} with tensors in it",
                f"its parts are {listed}",
            )
        return entry
    likely, usual = _likely(parts), _usual(parts)
    if usual or len(likely) == 1:
        return (usual or likely)[0]
    if len(parts) == 1:
        return parts[0]
    raise WeightError(
        f"weights file {path}: several parts of it could be the weights: {listed}",
        f"say which: entry={(likely or parts)[0]!r} in Python, --entry on the command line",
    )


def _likely(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if not any(word in part.lower() for word in OTHER)]


def _usual(parts: Iterable[str]) -> list[str]:
    """Return the parts that have a name under which weights are kept, the most usual first.

    The top comes last: a random state, say, may lie there beside the part that holds the weights.
    """
    likely = _likely(parts)
    return [name for name in (*PREFERRED, "") if name in likely]


def _is_module(value: Any) -> bool:
    """Say whether a value is an instance, which was not made, with tensors in its state."""
    return isinstance(value, Inert) and any(isinstance(v, TensorView) for v in walk(value.state))


def _parts(made: Any, *, numpy: bool = False) -> Iterator[tuple[str, dict[str, Held]]]:
    """Yield every dict with tensors in it, by its path; names inside it are joined by dots.

    With `numpy` arrays of NumPy's are enough; otherwise they count where they are among tensors.
    """
    if isinstance(made, TensorView) or (numpy and is_array(made)):
        yield "", {"tensor": made}
        return
    if isinstance(made, list | tuple):
        made = {str(place): value for place, value in enumerate(made)}
    waiting: list[tuple[str, Any, int]] = [("", made, 0)]
    seen: set[int] = set()
    while waiting:
        path, value, depth = waiting.pop(0)
        if not isinstance(value, Mapping) or id(value) in seen or depth > MAX_DEPTH:
            continue
        seen.add(id(value))
        held = {
            str(key): item
            for key, item in value.items()
            if isinstance(item, TensorView) or is_array(item)
        }
        if any(numpy or isinstance(item, TensorView) for item in held.values()):
            yield path, held
        waiting += [
            (f"{path}.{key}" if path else str(key), item, depth + 1)
            for key, item in value.items()
            if not isinstance(key, Odd)
        ]


def _unwrapped(state: dict[str, Held]) -> tuple[dict[str, Held], str]:
    """Leave out what wrappers put before every name; return it too.

    torch.compile of a part of a model puts its word into the middle of names; it goes there too.
    """
    prefix = ""
    while True:
        inside = [name for name in state if name != COUNTER]
        found = next((w for w in WRAPPERS if all(name.startswith(w) for name in inside)), None)
        if found is None or not inside:
            break
        prefix += found
        state = {name.removeprefix(found): tensor for name, tensor in state.items()}
    plain = {name.replace(f".{WRAPPERS[1]}", "."): tensor for name, tensor in state.items()}
    return (plain if len(plain) == len(state) else state), prefix
