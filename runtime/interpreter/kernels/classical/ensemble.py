"""TreeEnsembleClassifier, TreeEnsembleRegressor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from .forest import Forest, forest_of
from .nodes import Nodes, Positions, checked, modes_of
from .transforms import both, labels_of, rounded, table, transformed
from .votes import Votes, counted, only, votes_of

DOMAIN = "ai.onnx.ml"
Floats = Sequence[float] | None
Integers = Sequence[int] | None


@dataclass(frozen=True)
class Ensemble:
    """A tree ensemble as a node's attributes give it."""

    nodes: Nodes
    votes: Votes
    base: Array
    """A start for each target, or none."""
    positive: bool
    """No weight is below 0."""


def _floats(given: Mapping[str, Any], name: str) -> Any:
    """Return the list of an attribute, or the tensor that may stand in its place."""
    tensor = given.get(f"{name}_as_tensor")
    return given.get(name, ()) if tensor is None else tensor


def ensemble_of(given: Mapping[str, Any], kind: str, targets: int) -> Ensemble:
    """Read a node's attributes; `kind` is the prefix of those of the votes.

    Raises
    ------
    ValueError
        They do not fit each other.
    """
    columns = _columns(given)
    trees, numbers = columns["nodes_treeids"], columns["nodes_nodeids"]
    if not len(trees):
        raise ValueError("a tree ensemble without nodes")
    positions = Positions(trees, numbers)
    nodes = _linked(columns, positions, given.get("nodes_missing_value_tracks_true", ()))
    names = [f"{kind}_{part}" for part in ("treeids", "nodeids", "ids", "weights")]
    lists = {name: given.get(name, ()) for name in names[:3]}
    lists[names[3]] = _floats(given, names[3])
    voting = checked(lists, dict.fromkeys(names[:3], np.int64) | {names[3]: np.float64})
    at = positions.find(voting[names[0]], voting[names[1]], names[1])
    ids, weights = voting[names[2]], voting[names[3]]
    base = np.asarray(_floats(given, "base_values"), np.float64).reshape(-1)
    votes = votes_of(len(trees), targets, at, ids, weights)
    return Ensemble(nodes, votes, base, bool((weights >= 0).all()))


def _columns(given: Mapping[str, Any]) -> dict[str, Array]:
    numbers = ("treeids", "nodeids", "featureids", "truenodeids", "falsenodeids")
    lists = {f"nodes_{name}": given.get(f"nodes_{name}", ()) for name in numbers}
    dtypes: dict[str, Any] = dict.fromkeys(lists, np.int64)
    lists["nodes_modes"] = modes_of(given.get("nodes_modes", ()))
    lists["nodes_values"] = _floats(given, "nodes_values")
    return checked(lists, dtypes | {"nodes_modes": np.int8, "nodes_values": np.float64})


def _linked(columns: Mapping[str, Array], positions: Positions, tracks: Sequence[int]) -> Nodes:
    trees, modes = columns["nodes_treeids"], columns["nodes_modes"]
    features, count = columns["nodes_featureids"], len(trees)
    inner = np.flatnonzero(modes != modes_of(["LEAF"]))
    if len(tracks) not in (0, count):
        raise ValueError(f"nodes_missing_value_tracks_true has {len(tracks)} entries, not {count}")
    if (features[inner] < 0).any():
        raise ValueError("nodes_featureids: a feature below 0")
    ends = {}
    for name in ("nodes_truenodeids", "nodes_falsenodeids"):
        ends[name] = np.arange(count)
        ends[name][inner] = positions.find(trees[inner], columns[name][inner], name)
    first = np.sort(np.unique(trees, return_index=True)[1])
    missing = np.asarray(tracks, bool) if len(tracks) else np.zeros(count, bool)
    yes, no = ends.values()
    return Nodes(first, modes, features, columns["nodes_values"], yes, no, missing)


def prepared(nodes: Nodes) -> Callable[[Any], Forest]:
    """Return a function from the type that is computed in to the nodes made ready for it."""
    return lru_cache(maxsize=2)(lambda dtype: forest_of(nodes, dtype))


def _base(ensemble: Ensemble, targets: int) -> Array | float:
    if len(ensemble.base) not in (0, targets):
        raise ValueError(f"{len(ensemble.base)} base_values for {targets} targets")
    return ensemble.base if len(ensemble.base) else 0.0


def _regressor(node: NodeInfo) -> Kernel:
    given = node.attributes
    targets = int(given.get("n_targets", 1))
    ensemble = ensemble_of(given, "target", targets)
    forests, base = prepared(ensemble.nodes), _base(ensemble, targets)

    def run(X: Array) -> Array:
        rows = table(X, node)
        aggregate = given.get("aggregate_function", "SUM")
        scores, _ = counted(forests(rows.dtype), ensemble.votes, rows, aggregate)
        return rounded(transformed(scores + base, given.get("post_transform", "NONE")), node)

    return run


def _classifier(node: NodeInfo) -> Kernel:
    given = node.attributes
    labels = labels_of(given.get("classlabels_int64s"), given.get("classlabels_strings"))
    ensemble = ensemble_of(given, "class", len(labels))
    forests = prepared(ensemble.nodes)
    transform = given.get("post_transform", "NONE")
    named = np.unique(ensemble.votes.ids[ensemble.votes.ids < len(labels)])
    one = len(labels) == 2 and len(named) == 1
    base = 0.0 if one else _base(ensemble, len(labels))
    polled = only(ensemble.votes) if one else ensemble.votes

    def run(X: Array) -> tuple[Array, Array]:
        rows = table(X, node)
        scores, voted = counted(forests(rows.dtype), polled, rows)
        if one:
            score = scores[:, 0] + (ensemble.base[0] if len(ensemble.base) else 0)
            shares = ensemble.positive and transform != "LOGISTIC"
            near = score.astype(np.float32)
            best = (near > (1 - near if shares else -near)).astype(np.intp)
            return labels[best], rounded(both(score, transform, shares=ensemble.positive), node)
        raw = scores + base
        best = np.where(voted, raw, -np.inf).astype(np.float32).argmax(axis=1)
        return labels[best], rounded(transformed(raw, transform), node)

    return run


@kernel("TreeEnsembleRegressor", since=1, domain=DOMAIN)
def regressor(
    X: Array,
    *,
    aggregate_function: str = "SUM",
    base_values: Floats = None,
    base_values_as_tensor: Array | None = None,
    n_targets: int | None = None,
    nodes_falsenodeids: Integers = None,
    nodes_featureids: Integers = None,
    nodes_hitrates: Floats = None,
    nodes_hitrates_as_tensor: Array | None = None,
    nodes_missing_value_tracks_true: Integers = None,
    nodes_modes: Sequence[str] | None = None,
    nodes_nodeids: Integers = None,
    nodes_treeids: Integers = None,
    nodes_truenodeids: Integers = None,
    nodes_values: Floats = None,
    nodes_values_as_tensor: Array | None = None,
    post_transform: str = "NONE",
    target_ids: Integers = None,
    target_nodeids: Integers = None,
    target_treeids: Integers = None,
    target_weights: Floats = None,
    target_weights_as_tensor: Array | None = None,
    node: NodeInfo,
) -> Any:
    """Return [rows, targets]: the sum, average, least or greatest of the leaves reached."""
    return _regressor(node)(X)


@kernel("TreeEnsembleClassifier", since=1, domain=DOMAIN)
def classifier(
    X: Array,
    *,
    base_values: Floats = None,
    base_values_as_tensor: Array | None = None,
    class_ids: Integers = None,
    class_nodeids: Integers = None,
    class_treeids: Integers = None,
    class_weights: Floats = None,
    class_weights_as_tensor: Array | None = None,
    classlabels_int64s: Integers = None,
    classlabels_strings: Sequence[str] | None = None,
    nodes_falsenodeids: Integers = None,
    nodes_featureids: Integers = None,
    nodes_hitrates: Floats = None,
    nodes_hitrates_as_tensor: Array | None = None,
    nodes_missing_value_tracks_true: Integers = None,
    nodes_modes: Sequence[str] | None = None,
    nodes_nodeids: Integers = None,
    nodes_treeids: Integers = None,
    nodes_truenodeids: Integers = None,
    nodes_values: Floats = None,
    nodes_values_as_tensor: Array | None = None,
    post_transform: str = "NONE",
    node: NodeInfo,
) -> Any:
    """Return the labels, [rows], and the scores, [rows, classes]."""
    return _classifier(node)(X)


@specializer("TreeEnsembleRegressor", since=1, domain=DOMAIN)
def constant_regressor(node: NodeInfo, constants: Sequence[Any]) -> Kernel:
    """Read the attributes once."""
    return _regressor(node)


@specializer("TreeEnsembleClassifier", since=1, domain=DOMAIN)
def constant_classifier(node: NodeInfo, constants: Sequence[Any]) -> Kernel:
    """Read the attributes once."""
    return _classifier(node)
