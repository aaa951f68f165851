"""TreeEnsemble of version 5, and the operators that take maps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnxwright import runtime

from .classical_cases import DOMAIN, MODES, RANDOM, check_same, forest, model_of, run_on, voting

X = (RANDOM.integers(-4, 4, (50, 4)) / 2).astype(np.float32)
GAPS = np.where(RANDOM.random(X.shape) < 0.2, np.float32(np.nan), X)
TENSORS = ("nodes_splits", "nodes_modes", "leaf_weights", "membership_values")


def parted(old: Mapping[str, Any], targets: int = 1) -> dict[str, Any]:
    """The attributes of an old ensemble, each of whose leaves votes once, as version 5 has them."""
    keys = list(zip(old["nodes_treeids"], old["nodes_nodeids"], strict=True))
    last = [mode == "LEAF" for mode in old["nodes_modes"]]
    inner = {
        key: n for n, key in enumerate(k for k, leaf in zip(keys, last, strict=True) if not leaf)
    }
    leaves = {key: n for n, key in enumerate(k for k, leaf in zip(keys, last, strict=True) if leaf)}
    kept = [place for place, leaf in enumerate(last) if not leaf]
    found: dict[str, Any] = {
        "tree_roots": [inner[k] for n, k in enumerate(keys) if not n or keys[n - 1][0] != k[0]],
        "nodes_featureids": [old["nodes_featureids"][n] for n in kept],
        "nodes_splits": np.array([old["nodes_values"][n] for n in kept], np.float32),
        "nodes_modes": np.array([MODES.index(old["nodes_modes"][n]) for n in kept], np.uint8),
        "nodes_missing_value_tracks_true": [
            old["nodes_missing_value_tracks_true"][n] for n in kept
        ],
        "leaf_targetids": RANDOM.integers(0, targets, len(leaves)).tolist(),
        "leaf_weights": RANDOM.uniform(-1, 1, len(leaves)).astype(np.float32),
        "n_targets": targets,
    }
    for way in ("true", "false"):
        ends = [(keys[n][0], old[f"nodes_{way}nodeids"][n]) for n in kept]
        found[f"nodes_{way}leafs"] = [int(end in leaves) for end in ends]
        found[f"nodes_{way}nodeids"] = [leaves.get(end, inner.get(end)) for end in ends]
    return found


def ensemble(attributes: Mapping[str, Any], rows: Any = X) -> onnx.ModelProto:
    given = {
        name: numpy_helper.from_array(value) if name in TENSORS else value
        for name, value in attributes.items()
    }
    return model_of("TreeEnsemble", [rows], given, 5)


def deep(trees: int, depth: int, modes: Any = MODES[:1]) -> dict[str, Any]:
    """A forest without trees of one leaf, which version 5 writes otherwise."""
    rows = forest(trees, depth, modes)
    single = {t for t in set(rows["nodes_treeids"]) if rows["nodes_treeids"].count(t) == 1}
    kept = [n for n, tree in enumerate(rows["nodes_treeids"]) if tree not in single]
    return {name: [column[n] for n in kept] for name, column in rows.items()}


MIXED, PLAIN = deep(12, 5, MODES), deep(20, 6)
GOOD: dict[str, tuple[dict[str, Any], Any]] = {
    "plain": (parted(PLAIN), X),
    "every mode, missing values": (parted(MIXED), GAPS),
    "three targets": (parted(MIXED, 3), GAPS),
    **{
        f"aggregate {how}": (parted(MIXED) | {"aggregate_function": how}, GAPS) for how in (0, 2, 3)
    },
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_an_ensemble_gives_what_onnxruntime_gives(name: str, on: str) -> None:
    attributes, rows = GOOD[name]
    model = ensemble(attributes, rows)
    (got,) = run_on(on, model, [rows])
    check_same(got, run_on("onnxruntime", model, [rows])[0])


def test_transforms_are_numbered_as_the_schema_says() -> None:
    """onnxruntime 1.32 takes 1 for LOGISTIC and 2 for SOFTMAX."""
    given = parted(PLAIN, 3)
    raw, shares, each = (
        run_on("numpy", ensemble(given | {"post_transform": how}), [X])[0] for how in (0, 1, 2)
    )
    powers = np.exp(raw)
    np.testing.assert_allclose(shares, powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(each, 1 / (1 + 1 / powers), rtol=1e-5)


def test_the_old_schema_says_the_same() -> None:
    old = voting(PLAIN, "target", [0], -1)
    new = parted(PLAIN) | {"leaf_weights": np.array(old["target_weights"], np.float32)}
    expected = run_on("numpy", model_of("TreeEnsembleRegressor", [X], old, 3), [X])
    np.testing.assert_array_equal(run_on("numpy", ensemble(new), [X])[0], expected[0])


ONE = {
    "tree_roots": [0],
    "nodes_featureids": [0],
    "nodes_splits": np.zeros(1, np.float32),
    "nodes_modes": np.zeros(1, np.uint8),
    "nodes_trueleafs": [1],
    "nodes_truenodeids": [0],
    "nodes_falseleafs": [1],
    "nodes_falsenodeids": [1],
    "leaf_targetids": [0, 0],
    "leaf_weights": np.array([1, 0], np.float32),
}


def test_a_tree_may_be_one_leaf() -> None:
    model = ensemble(ONE | {"nodes_falsenodeids": [0]})
    np.testing.assert_array_equal(run_on("numpy", model, [X])[0], np.ones((50, 1)))


@pytest.mark.parametrize("tracks", [0, 1])
def test_a_node_may_ask_for_one_of_a_set(tracks: int) -> None:
    sets = {
        "nodes_modes": np.full(1, 6, np.uint8),
        "membership_values": np.array([1, -1, -2, np.nan], np.float32),
        "nodes_missing_value_tracks_true": [tracks],
        "n_targets": 1,
    }
    whole = np.trunc(GAPS)  # onnxruntime cuts fractions off before it asks
    expected = np.isin(whole[:, :1], (1, -1, -2)) | (np.isnan(whole[:, :1]) & bool(tracks))
    model = ensemble(ONE | sets)
    for on in ("numpy", "onnxruntime"):
        np.testing.assert_array_equal(run_on(on, model, [whole])[0], expected)


def test_nothing_is_in_an_empty_set() -> None:
    sets = {
        "nodes_modes": np.full(1, 6, np.uint8),
        "membership_values": np.array([np.nan], np.float32),
    }
    np.testing.assert_array_equal(run_on("numpy", ensemble(ONE | sets), [GAPS])[0], 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"nodes_splits": np.zeros(2, np.float32)}, "must be equally long.*nodes_splits 2"),
        ({"leaf_targetids": [0]}, "must be equally long.*leaf_targetids 1"),
        ({"nodes_truenodeids": [2]}, "nodes_truenodeids has 2, but there are 2"),
        ({"nodes_falseleafs": [0]}, "nodes_falsenodeids has 1, but there are 1"),
        ({"nodes_falseleafs": [0], "nodes_falsenodeids": [0]}, "nodes of a tree form a cycle"),
        ({"tree_roots": [-1]}, "tree_roots has -1, but there are 1"),
        ({"nodes_modes": np.full(1, 7, np.uint8)}, "nodes_modes has 7, but there are 7"),
        ({"nodes_modes": np.full(1, 6, np.uint8)}, "0 sets in membership_values for 1 nodes"),
        ({"nodes_featureids": [-1]}, "a feature below 0"),
        ({"nodes_featureids": [4]}, "asks for feature 4 of 4"),
        ({"aggregate_function": 4}, "aggregate_function 4 is none of 0 to 3"),
        ({"post_transform": -1}, "post_transform -1 is none of 0 to 4"),
        ({"n_targets": 0}, "votes for target 0, but there are 0"),
    ],
)
def test_a_broken_ensemble_is_one_clear_error(change: dict[str, Any], told: str) -> None:
    with pytest.raises(runtime.NodeError, match=told):
        run_on("numpy", ensemble(ONE | change), [X])


TEXT, WHOLE, REAL = TensorProto.STRING, TensorProto.INT64, TensorProto.FLOAT


def mapped(op: str, keys: int, values: int, attributes: Mapping[str, Any]) -> onnx.ModelProto:
    kind = helper.make_map_type_proto(keys, helper.make_tensor_type_proto(values, []))
    node = helper.make_node(op, ["x0"], ["y"], domain=DOMAIN, **attributes)
    graph = helper.make_graph(
        [node], "g", [helper.make_value_info("x0", kind)], [onnx.ValueInfoProto(name="y")]
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


SPARSE = {"map_form": "SPARSE", "max_map": 7}


@pytest.mark.parametrize(
    ("op", "keys", "values", "attributes", "given", "expected"),
    [
        (
            "DictVectorizer",
            TEXT,
            REAL,
            {"string_vocabulary": ["a", "b"]},
            {"b": 1.5, "z": 3.0},
            [0, 1.5],
        ),
        ("DictVectorizer", WHOLE, REAL, {"int64_vocabulary": [3, 1]}, {1: 1.5}, [0, 1.5]),
        ("DictVectorizer", TEXT, WHOLE, {"string_vocabulary": ["a", "b"]}, {"b": 15}, [0, 15]),
        ("CastMap", WHOLE, REAL, {}, {5: 1.5, 2: 2.5}, [2.5, 1.5]),
        ("CastMap", WHOLE, REAL, SPARSE, {5: 1.5, 2: 2.5}, [0, 0, 2.5, 0, 0, 1.5, 0]),
        ("CastMap", WHOLE, REAL, {"cast_to": "TO_INT64"}, {5: 1.5, 2: -2.5}, [-2, 1]),
        ("CastMap", WHOLE, REAL, {"cast_to": "TO_STRING"}, {5: 1.5}, ["1.500000"]),
        ("CastMap", WHOLE, TEXT, {}, {5: "1.5", 2: "7"}, [7, 1.5]),
        ("CastMap", WHOLE, TEXT, SPARSE | {"cast_to": "TO_STRING"}, {5: "a"}, [*[""] * 5, "a", ""]),
    ],
)
def test_maps(
    op: str, keys: int, values: int, attributes: dict[str, Any], given: Any, expected: Any
) -> None:
    model = mapped(op, keys, values, attributes)
    (got,) = run_on("numpy", model, [given])
    np.testing.assert_array_equal(got, [expected])
    np.testing.assert_array_equal(run_on("numpy:float64", model, [given])[0], [expected])
    if values == REAL:  # its Python interface takes no maps of texts or whole numbers
        np.testing.assert_array_equal(run_on("onnxruntime", model, [given])[0], got)


@pytest.mark.parametrize(
    ("given", "attributes", "told"),
    [
        ({9: 1.0}, SPARSE, "keys from 9 to 9, but max_map is 7"),
        ({-1: 1.0}, SPARSE, "keys from -1 to -1, but max_map is 7"),
        ({1: 1.0}, {"map_form": "SPARSE", "max_map": 1 << 50}, "but the memory limit is"),
        ({1: 1.0}, {"cast_to": "TO_BOOL"}, "no cast_to 'TO_BOOL'"),
        ({1: 1.0}, {"map_form": "ODD"}, "no map_form 'ODD'"),
        ({1: "x"}, {}, "could not convert string to float"),
        ({1: 1.0, "a": 2.0}, {}, "a map whose keys or values are not of one type"),
        ({1: X}, {}, "a map whose keys or values are not of one type"),
        (X, {}, "X must be a map, got ndarray"),
    ],
)
def test_a_broken_map_is_one_clear_error(given: Any, attributes: dict[str, Any], told: str) -> None:
    with pytest.raises(runtime.RunnerError, match=told):
        run_on("numpy", mapped("CastMap", WHOLE, REAL, attributes), [given])
