"""The nodes of a tree ensemble as arrays that refer to each other by position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dtypes import Array

LESS_EQUAL, LESS, GREATER_EQUAL, GREATER, EQUAL, UNEQUAL, MEMBER = range(7)
"""How a node compares a feature with its threshold, numbered as TreeEnsemble does."""
LEAF = 7
MODES = {
    "BRANCH_LEQ": LESS_EQUAL,
    "BRANCH_LT": LESS,
    "BRANCH_GTE": GREATER_EQUAL,
    "BRANCH_GT": GREATER,
    "BRANCH_EQ": EQUAL,
    "BRANCH_NEQ": UNEQUAL,
    "LEAF": LEAF,
}


@dataclass(frozen=True)
class Nodes:
    """All nodes of all trees, leaves included; every field but `roots` has one entry a node."""

    roots: Array
    """The position of each tree's root."""
    modes: Array
    features: Array
    thresholds: Array
    yes: Array
    """Where to go on if the comparison holds; a leaf's own position."""
    no: Array
    tracks: Array
    """Whether NaN goes to `yes` whatever the comparison gives."""


class Positions:
    """Finds nodes by their tree's number and their own."""

    def __init__(self, trees: Array, numbers: Array) -> None:
        self._trees, self._numbers = np.unique(trees), np.unique(numbers)
        keys = self._key(trees, numbers)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        twice = np.flatnonzero(self._keys[1:] == self._keys[:-1])
        if len(twice):
            place = self._order[twice[0]]
            raise ValueError(f"tree {trees[place]} has two nodes {numbers[place]}")

    def _key(self, trees: Array, numbers: Array) -> Array:
        """Return one number for each pair, -1 where there is no such tree or node."""
        known = np.isin(trees, self._trees) & np.isin(numbers, self._numbers)
        first = np.searchsorted(self._trees, trees)
        found: Array = first * len(self._numbers) + np.searchsorted(self._numbers, numbers)
        return np.where(known, found, -1)

    def find(self, trees: Array, numbers: Array, what: str) -> Array:
        """Return the positions of nodes.

        Raises
        ------
        ValueError
            A tree has no such node.
        """
        if not len(trees):
            return np.zeros(0, np.intp)
        keys = self._key(trees, numbers)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        absent = np.flatnonzero(self._keys[places] != keys)
        if len(absent):
            tree, number = trees[absent[0]], numbers[absent[0]]
            raise ValueError(f"{what}: tree {tree} has no node {number}")
        return self._order[places]


def checked(lists: dict[str, Any], dtypes: dict[str, Any]) -> dict[str, Array]:
    """Return attribute lists as arrays.

    Raises
    ------
    ValueError
        They are not equally long.
    """
    arrays = {name: np.asarray(value, dtypes[name]).reshape(-1) for name, value in lists.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        given = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"attributes must be equally long, but there are: {given}")
    return arrays


def check_acyclic(nodes: Nodes) -> None:
    """Refuse nodes of which one can be reached from itself.

    Nodes that are entered from one place at most, and roots from none, form trees. Set
    memberships are often written as a chain of comparisons that share a child: then every node is
    visited.

    Raises
    ------
    ValueError
        There is one.
    """
    inner = np.flatnonzero(nodes.modes != LEAF)
    into = np.bincount(np.concatenate([nodes.yes[inner], nodes.no[inner]]), minlength=1)
    into = np.pad(into, (0, len(nodes.modes) - len(into)))
    if (into > 1).any() or into[nodes.roots].any():
        _visit_all(inner, nodes, into)


def _visit_all(inner: Array, nodes: Nodes, into: Array) -> None:
    """Take away nodes that nothing enters, one by one; what stays lies on a cycle or behind it."""
    left: list[int] = into.tolist()
    pairs = list(zip(nodes.yes.tolist(), nodes.no.tolist(), strict=True))
    branches = set(inner.tolist())
    ready = [node for node, count in enumerate(left) if count == 0]
    taken = 0
    while ready:
        node = ready.pop()
        taken += 1
        if node in branches:
            for child in pairs[node]:
                left[child] -= 1
                if left[child] == 0:
                    ready.append(child)
    if taken < len(left):
        raise ValueError("the nodes of a tree form a cycle")


def modes_of(names: Sequence[Any]) -> Array:
    """Return the numbers of modes such as ``BRANCH_LEQ``.

    Raises
    ------
    ValueError
        There is no such mode.
    """
    unknown = set(names) - MODES.keys()
    if unknown:
        raise ValueError(
            f"no node mode {min(map(str, unknown))!r}: it is one of {', '.join(MODES)}"
        )
    return np.array([MODES[name] for name in names], np.int8)
