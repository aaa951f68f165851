"""TreeEnsemble of ``ai.onnx.ml`` 5, whose nodes and leaves are apart and refer by position."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import Kernel, NodeInfo, kernel, specializer
from .ensemble import DOMAIN, Integers, prepared
from .nodes import EQUAL, LEAF, MEMBER, Nodes, checked
from .transforms import table, transformed
from .votes import Votes, counted, votes_of

AGGREGATES = ("AVERAGE", "SUM", "MIN", "MAX")
TRANSFORMS = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")
INTEGERS = ("featureids", "truenodeids", "falsenodeids", "trueleafs", "falseleafs")


def _inner(given: Mapping[str, Any]) -> dict[str, Array]:
    """Return the columns of the inner nodes by their names without the prefix."""
    lists = {f"nodes_{name}": given.get(f"nodes_{name}", ()) for name in INTEGERS}
    dtypes: dict[str, Any] = dict.fromkeys(lists, np.int64)
    lists |= {name: given.get(name, ()) for name in ("nodes_modes", "nodes_splits")}
    tracks = "nodes_missing_value_tracks_true"
    lists[tracks] = given.get(tracks) or np.zeros(len(lists["nodes_featureids"]))
    dtypes |= {"nodes_modes": np.int64, "nodes_splits": np.float64, tracks: bool}
    found = checked(lists, dtypes)
    return {name.removeprefix("nodes_"): column for name, column in found.items()}


def _within(values: Array, count: int, what: str) -> None:
    if len(values) and not 0 <= values.min() <= values.max() < count:
        wrong = values.min() if values.min() < 0 else values.max()
        raise ValueError(f"{what} has {wrong}, but there are {count}")


def nodes_of(given: Mapping[str, Any], leaves: int) -> Nodes:
    """Return all nodes: the inner ones, then `leaves` leaves, then those that sets need.

    A node that asks whether x is one of a set becomes a chain of nodes that ask for equality, all
    of whose answers yes lead to the same place.

    Raises
    ------
    ValueError
        The attributes do not fit each other.
    """
    columns = _inner(given)
    inner, roots = len(columns["modes"]), np.asarray(given.get("tree_roots", ()), np.int64)
    _within(columns["modes"], LEAF, "nodes_modes")
    _within(roots, inner, "tree_roots")
    if (columns["featureids"] < 0).any():
        raise ValueError("nodes_featureids: a feature below 0")
    ends = {}
    for way in ("true", "false"):
        ids, last = columns[f"{way}nodeids"], columns[f"{way}leafs"] != 0
        _within(ids[last], leaves, f"nodes_{way}nodeids")
        _within(ids[~last], inner, f"nodes_{way}nodeids")
        ends[way] = np.concatenate([np.where(last, ids + inner, ids), inner + np.arange(leaves)])
    filler = np.zeros(leaves, np.int64)
    nodes = Nodes(
        roots,
        np.concatenate([columns["modes"], filler + LEAF]),
        np.concatenate([columns["featureids"], filler]),
        np.concatenate([columns["splits"], filler]),
        ends["true"],
        ends["false"],
        np.concatenate([columns["missing_value_tracks_true"], filler != 0]),
    )
    return _with_sets(nodes, given.get("membership_values"))


def _with_sets(nodes: Nodes, values: Array | None) -> Nodes:
    places = np.flatnonzero(nodes.modes == MEMBER)
    members = np.zeros(0) if values is None else np.asarray(values, np.float64).reshape(-1)
    sets = np.split(members, np.flatnonzero(np.isnan(members)) + 1)[:-1]
    if len(sets) != len(places):
        raise ValueError(f"{len(sets)} sets in membership_values for {len(places)} nodes")
    columns = [c.tolist() for c in (nodes.features, nodes.thresholds, nodes.yes, nodes.no)]
    features, thresholds, yes, no = columns
    for place, chosen in zip(places.tolist(), sets, strict=True):
        first, *others = chosen[:-1].tolist() or [np.nan]  # nothing is equal to NaN
        thresholds[place], end, at = first, no[place], place
        for member in others:
            no[at] = at = len(thresholds)
            for column, entry in zip(
                columns, (features[place], member, yes[place], end), strict=True
            ):
                column.append(entry)
    more = len(thresholds) - len(nodes.modes)
    return Nodes(
        nodes.roots,
        np.pad(
            np.where(nodes.modes == MEMBER, EQUAL, nodes.modes), (0, more), constant_values=EQUAL
        ),
        np.array(features, np.int64),
        np.array(thresholds, np.float64),
        np.array(yes, np.int64),
        np.array(no, np.int64),
        np.pad(nodes.tracks, (0, more)),
    )


def _ensemble(node: NodeInfo) -> Kernel:
    given = node.attributes
    lists = {"leaf_targetids": given["leaf_targetids"], "leaf_weights": given["leaf_weights"]}
    ids, weights = checked(lists, dict(zip(lists, (np.int64, np.float64), strict=True))).values()
    nodes = nodes_of(given, len(ids))
    votes = _votes(nodes, len(given["nodes_featureids"]), given.get("n_targets"), ids, weights)
    aggregate = _named(AGGREGATES, given.get("aggregate_function", 1), "aggregate_function")
    transform = _named(TRANSFORMS, given.get("post_transform", 0), "post_transform")
    forests = prepared(nodes)

    def run(X: Array) -> Array:
        rows = table(X, node)
        scores, _ = counted(forests(rows.dtype), votes, rows, aggregate)
        return transformed(scores, transform).astype(rows.dtype)

    return run


def _votes(nodes: Nodes, first: int, targets: int | None, ids: Array, weights: Array) -> Votes:
    many = int(ids.max(initial=-1)) + 1 if targets is None else targets
    return votes_of(len(nodes.modes), many, first + np.arange(len(ids)), ids, weights)


def _named(names: Sequence[str], number: int, what: str) -> str:
    if not 0 <= number < len(names):
        raise ValueError(f"{what} {number} is none of 0 to {len(names) - 1}")
    return names[number]


@kernel("TreeEnsemble", since=5, domain=DOMAIN)
def tree_ensemble(
    X: Array,
    *,
    aggregate_function: int = 1,
    leaf_targetids: Sequence[int],
    leaf_weights: Array,
    membership_values: Array | None = None,
    n_targets: int | None = None,
    nodes_falseleafs: Sequence[int],
    nodes_falsenodeids: Sequence[int],
    nodes_featureids: Sequence[int],
    nodes_hitrates: Array | None = None,
    nodes_missing_value_tracks_true: Integers = None,
    nodes_modes: Array,
    nodes_splits: Array,
    nodes_trueleafs: Sequence[int],
    nodes_truenodeids: Sequence[int],
    post_transform: int = 0,
    tree_roots: Sequence[int],
    node: NodeInfo,
) -> Any:
    """Return [rows, targets]: the average, sum, least or greatest of the leaves reached."""
    return _ensemble(node)(X)


@specializer("TreeEnsemble", since=5, domain=DOMAIN)
def constant_tree_ensemble(node: NodeInfo, constants: Sequence[Any]) -> Kernel:
    """Read the attributes once."""
    return _ensemble(node)
