"""Finding the arrays of a layer in a Keras file.

Two arrangements are known. ``.keras`` archives number a layer's arrays in the order in which it
made them: ``layers/conv2d_1/vars/0``. ``.h5`` files of ``model.save`` name them:
``model_weights/conv/conv/kernel:0``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..checkpoints.hdf5 import Contents
from ..errors import GraphError
from ..weights.arrays import Array


@dataclass(frozen=True)
class Member:
    """A layer as its container knows it: its name, and how many of its class stand before it."""

    name: str
    kind: str
    number: int = 0


class Vault(Protocol):
    """The arrays of one layer, and of what is inside it."""

    def inside(self, part: str, name: str) -> "Vault":
        """Return the arrays of a wrapped layer: the attribute that holds it, and its own name."""
        ...

    def member(self, layer: Member) -> "Vault":
        """Return the arrays of a layer of this model."""
        ...

    def take(self, label: str, *names: str) -> list[Array]:
        """Return the layer's arrays, in Keras's order.

        Each of `names` is the variable's name, or several with ``|`` between them where versions
        differ; `label` names the layer in errors.
        """
        ...


@dataclass(frozen=True)
class Numbered:
    """The arrays of a ``.keras`` archive below `path`."""

    contents: Contents
    path: str = ""

    def inside(self, part: str, name: str) -> "Numbered":
        """Return the arrays below the attribute `part`."""
        return Numbered(self.contents, _join(self.path, part))

    def member(self, layer: Member) -> "Numbered":
        """Return the arrays of the group that carries the layer's name.

        Files of Keras 2 carry no names: there the groups are numbered by class.
        """
        layers = _join(self.path, "layers")
        stem = snake_case(layer.kind)
        for group, attributes in self.contents.attributes.items():
            above, _, last = group.removesuffix("/vars").rpartition("/")
            if last and above == layers and attributes.get("name") == layer.name:
                return Numbered(self.contents, _join(layers, last))
        counted = f"{stem}_{layer.number}" if layer.number else stem
        return Numbered(self.contents, _join(layers, counted))

    def take(self, label: str, *names: str) -> list[Array]:
        """Return the first arrays of the layer."""
        found = []
        for number, name in enumerate(names):
            path = _join(self.path, f"vars/{number}")
            if path not in self.contents.arrays:
                raise _missing(label, name, path)
            found.append(self.contents.arrays[path])
        return found


@dataclass(frozen=True)
class Named:
    """The arrays of a ``.h5`` file whose paths have been narrowed down to `arrays`."""

    arrays: Mapping[tuple[str, ...], Array]
    top: bool = False

    def inside(self, part: str, name: str) -> "Named":
        """Return the arrays whose path names the wrapped layer."""
        return self._narrowed(name)

    def member(self, layer: Member) -> "Named":
        """Return the arrays of a layer: its group at the top, a part of the path further in."""
        if self.top:
            below = {path[1:]: a for path, a in self.arrays.items() if path[0] == layer.name}
            return Named(below)
        return self._narrowed(layer.name)

    def _narrowed(self, name: str) -> "Named":
        """Keep what has `name` in its path; everything where nothing has."""
        parts = name.split("/")
        kept = {
            path: array
            for path, array in self.arrays.items()
            if any(list(path[i : i + len(parts)]) == parts for i in range(len(path) - 1))
        }
        return Named(kept or self.arrays)

    def take(self, label: str, *names: str) -> list[Array]:
        """Return the arrays whose paths end in the names."""
        return [self._one(label, name) for name in names]

    def _one(self, label: str, name: str) -> Array:
        wanted = name.split("|")
        found = [a for path, a in self.arrays.items() if path[-1].split(":")[0] in wanted]
        if not found:
            raise _missing(label, name, f"{wanted[0]} among {len(self.arrays)} arrays")
        if len(found) > 1:
            raise GraphError(
                f"{label}: {len(found)} arrays are called {name}, and nothing tells them apart",
                "save the model as .keras",
            )
        return found[0]


def named(contents: Contents) -> Named:
    """Return the arrays of a ``.h5`` file that ``model.save`` has written."""
    paths = {tuple(path.split("/")): array for path, array in contents.arrays.items()}
    return Named({p[1:]: a for p, a in paths.items() if p[0] == "model_weights"}, top=True)


def snake_case(kind: str) -> str:
    """Return the name of a class as Keras writes it in a path.

    >>> snake_case("DepthwiseConv2D"), snake_case("SimpleRNN"), snake_case("LSTM")
    ('depthwise_conv2d', 'simple_rnn', 'lstm')
    """
    split = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", split).lower()


def count_kinds(layers: Sequence[tuple[str, str]]) -> list[Member]:
    """Return the members of a model from the names and classes of its layers, in order."""
    counts: dict[str, int] = {}
    members = []
    for name, kind in layers:
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        members.append(Member(name, kind, number))
    return members


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _missing(label: str, name: str, place: str) -> GraphError:
    return GraphError(
        f"{label}: the file has no array for its {name.split('|')[0]} ({place})",
        "save the model again with model.save",
    )
