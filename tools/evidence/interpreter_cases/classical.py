"""Models of tables: tree ensembles in both schemas, and support vectors."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper

from .case import Array, Board, Case

FEATURES, TREES, DEPTH, ML = 28, 100, 6, "ai.onnx.ml"
INNER, NODES = 2**DEPTH - 1, 2 ** (DEPTH + 1) - 1


def full_trees(board: Board) -> dict[str, Array]:
    """Return the columns of full binary trees, [trees, nodes]: node n's children are 2n+1, 2n+2."""
    numbers = np.tile(np.arange(NODES), (TREES, 1))
    inner = numbers < INNER
    return {
        "nodes_treeids": np.repeat(np.arange(TREES)[:, None], NODES, axis=1),
        "nodes_nodeids": numbers,
        "nodes_featureids": np.where(inner, board.rng.integers(0, FEATURES, inner.shape), 0),
        "nodes_truenodeids": np.where(inner, 2 * numbers + 1, 0),
        "nodes_falsenodeids": np.where(inner, 2 * numbers + 2, 0),
        "nodes_values": np.where(inner, board.rng.standard_normal(inner.shape), 0),
    }


def old_trees(board: Board, kind: str) -> dict[str, Any]:
    """Return the attributes of boosted trees; `kind` is the prefix of those of their votes."""
    columns = full_trees(board)
    numbers = columns["nodes_nodeids"].reshape(-1)
    leaves = np.flatnonzero(numbers >= INNER)
    modes = ["BRANCH_LEQ" if number < INNER else "LEAF" for number in numbers]
    given = {name: column.reshape(-1).tolist() for name, column in columns.items()}
    return given | {
        "nodes_modes": modes,
        f"{kind}_treeids": columns["nodes_treeids"].reshape(-1)[leaves].tolist(),
        f"{kind}_nodeids": numbers[leaves].tolist(),
        f"{kind}_ids": [0] * len(leaves),
        f"{kind}_weights": (0.1 * board.rng.standard_normal(len(leaves))).tolist(),
    }


def rows_of(board: Board, count: int) -> dict[str, Array]:
    """Return a table of random numbers."""
    return {"x": board.rng.standard_normal((count, FEATURES), np.float32)}


def boosted_classifier(rows: int) -> Case:
    """Return a classifier of two classes."""
    board = Board("boosted_classifier")
    given = old_trees(board, "class") | {"classlabels_int64s": [0, 1]}
    y = board.many(
        "TreeEnsembleClassifier",
        "x",
        count=2,
        domain=ML,
        post_transform="LOGISTIC",
        base_values=[0.1],
        **given,
    )
    return board.case(f"Boosted classifier b{rows}", rows_of(board, rows), y[::-1], y[0])


def boosted_regressor(rows: int) -> Case:
    """Return a regressor."""
    board = Board("boosted_regressor")
    given = old_trees(board, "target")
    y = board.add("TreeEnsembleRegressor", "x", domain=ML, n_targets=1, base_values=[0.5], **given)
    return board.case(f"Boosted regressor b{rows}", rows_of(board, rows), [y])


def new_trees(rows: int) -> Case:
    """Return a regressor in the schema of ai.onnx.ml 5, whose nodes and leaves are apart."""
    board = Board("new_trees")
    columns = full_trees(board)
    inner, last = columns["nodes_nodeids"][:, :INNER], INNER - (INNER + 1) // 2
    start = np.arange(TREES)[:, None]
    below = np.where(
        inner < last,
        start * INNER + 2 * inner + 1,
        start * (INNER + 1) + 2 * (inner - last),
    )
    values = columns["nodes_values"][:, :INNER].reshape(-1).astype(np.float32)
    weights = (0.1 * board.rng.standard_normal(TREES * (INNER + 1))).astype(np.float32)
    y = board.add(
        "TreeEnsemble",
        "x",
        domain=ML,
        n_targets=1,
        aggregate_function=1,
        post_transform=0,
        tree_roots=(start[:, 0] * INNER).tolist(),
        nodes_featureids=columns["nodes_featureids"][:, :INNER].reshape(-1).tolist(),
        nodes_splits=_tensor("splits", values),
        nodes_modes=_tensor("modes", np.zeros(TREES * INNER, np.uint8)),
        nodes_truenodeids=below.reshape(-1).tolist(),
        nodes_falsenodeids=(below + 1).reshape(-1).tolist(),
        nodes_trueleafs=(inner >= last).astype(int).reshape(-1).tolist(),
        nodes_falseleafs=(inner >= last).astype(int).reshape(-1).tolist(),
        leaf_targetids=[0] * len(weights),
        leaf_weights=_tensor("weights", weights),
    )
    return board.case(f"TreeEnsemble b{rows}", rows_of(board, rows), [y], ai_onnx_ml=5)


def _tensor(name: str, values: Array) -> TensorProto:
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    return helper.make_tensor(name, kind, values.shape, values)


VECTORS = (120, 100, 80)
"""Support vectors of each class."""


def vectors(board: Board, count: int, rows: int) -> dict[str, Any]:
    """Return `count` support vectors with `rows` coefficients each, and the RBF kernel."""
    return {
        "support_vectors": board.rng.standard_normal(count * FEATURES).tolist(),
        "coefficients": board.rng.standard_normal(count * rows).tolist(),
        "kernel_type": "RBF",
        "kernel_params": [1 / FEATURES, 0.0, 3.0],
    }


def vector_classifier(rows: int) -> Case:
    """Return a classifier of three classes with probabilities."""
    board, pairs = Board("vector_classifier"), 3
    y = board.many(
        "SVMClassifier",
        "x",
        count=2,
        domain=ML,
        classlabels_ints=[0, 1, 2],
        vectors_per_class=list(VECTORS),
        prob_a=[-1.5] * pairs,
        prob_b=[0.1] * pairs,
        rho=[0.1, -0.1, 0.05],
        **vectors(board, sum(VECTORS), 2),
    )
    return board.case(f"SVM classifier b{rows}", rows_of(board, rows), y[::-1], y[0])


def vector_regressor(rows: int) -> Case:
    """Return a regressor."""
    board, count = Board("vector_regressor"), sum(VECTORS)
    y = board.add(
        "SVMRegressor", "x", domain=ML, n_supports=count, rho=[0.1], **vectors(board, count, 1)
    )
    return board.case(f"SVM regressor b{rows}", rows_of(board, rows), [y])
