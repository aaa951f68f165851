"""Tree ensembles against onnxruntime, which shares no code with the kernels."""

from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import runtime

from .classical_cases import MODES, RANDOM, check_same, forest, model_of, run_on, voting

X = (RANDOM.integers(-4, 4, (50, 4)) / 2).astype(np.float32)
GAPS = np.where(RANDOM.random(X.shape) < 0.2, np.float32(np.nan), X)
MIXED = forest(12, 5, MODES)
PLAIN = forest(20, 6)
TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")

REGRESSORS: dict[str, tuple[dict[str, Any], Any]] = {
    "plain": (voting(PLAIN, "target", [0], -1), X),
    "rows of float64": (voting(PLAIN, "target", [0], -1), X.astype(np.float64)),
    "every mode": (voting(MIXED, "target", [0], -1), X),
    "missing values": (voting(MIXED, "target", [0], -1), GAPS),
    "a leaf alone": (voting(forest(3, 0), "target", [0], -1), X),
    "three targets": (voting(MIXED, "target", [0, 2], -1) | {"n_targets": 3}, GAPS),
    "a base": (voting(PLAIN, "target", [0], -1) | {"base_values": [2.5]}, X),
    **{
        f"{how} of {count}": (
            voting(MIXED, "target", range(count), -1)
            | {"n_targets": count, "aggregate_function": how, "base_values": [0.5] * count},
            GAPS,
        )
        for how in ("AVERAGE", "MIN", "MAX")
        for count in (1, 2)
    },
    **{
        how: (voting(PLAIN, "target", [0, 1], -1) | {"n_targets": 2, "post_transform": how}, X)
        for how in TRANSFORMS
    },
}
CLASSIFIERS: dict[str, dict[str, Any]] = {
    **{
        f"three classes, {how}": voting(MIXED, "class", [0, 1, 2], -1)
        | {"classlabels_int64s": [7, 8, 9], "post_transform": how}
        for how in TRANSFORMS
    },
    **{
        f"two classes, {how}, from {low}": voting(PLAIN, "class", [0], low)
        | {"classlabels_strings": ["no", "yes"], "post_transform": how}
        for how in ("NONE", "SOFTMAX")
        for low in (0, -1)
    },
    "two classes, LOGISTIC": voting(PLAIN, "class", [0], -1)
    | {"classlabels_strings": ["no", "yes"], "post_transform": "LOGISTIC", "base_values": [0.3]},
    "a class without votes": voting(PLAIN, "class", [1, 2], -1)
    | {"classlabels_int64s": [7, 8, 9], "base_values": [-9.0, 0.0, 0.25]},
    "only negative votes": voting(PLAIN, "class", [2], -1)
    | {"classlabels_int64s": [7, 8, 9], "post_transform": "NONE"},
}


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_regressor_gives_what_onnxruntime_gives(name: str, on: str) -> None:
    attributes, rows = REGRESSORS[name]
    model = model_of("TreeEnsembleRegressor", [rows], attributes, 3)
    (expected,) = run_on("onnxruntime", model, [rows])
    (got,) = run_on(on, model, [rows])
    check_same(got, expected)
    np.testing.assert_equal(got.dtype, np.float64 if on.endswith("64") else np.float32)


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
def test_a_classifier_gives_what_onnxruntime_gives(name: str, on: str) -> None:
    model = model_of("TreeEnsembleClassifier", [GAPS], CLASSIFIERS[name], 1, outputs=2)
    expected = run_on("onnxruntime", model, [GAPS])
    for got, wanted in zip(run_on(on, model, [GAPS]), expected, strict=True):
        check_same(got, wanted)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float64])
def test_rows_may_be_of_other_types(kind: Any) -> None:
    attributes, rows = CLASSIFIERS["three classes, NONE"], np.trunc(X).astype(kind)
    model = model_of("TreeEnsembleClassifier", [rows], attributes, 1, outputs=2)
    expected = run_on("onnxruntime", model, [rows])
    for got, wanted in zip(run_on("numpy", model, [rows]), expected, strict=True):
        check_same(got, wanted)
        np.testing.assert_equal(got.dtype, wanted.dtype)


def test_weights_may_be_tensors() -> None:
    attributes = voting(PLAIN, "target", [0], -1)
    expected = run_on("numpy", model_of("TreeEnsembleRegressor", [X], attributes, 3), [X])
    for name in ("nodes_values", "target_weights"):
        array = np.array(attributes.pop(name), np.float64)
        attributes[f"{name}_as_tensor"] = onnx.numpy_helper.from_array(array)
    rows = X.astype(np.float64)
    model = model_of("TreeEnsembleRegressor", [rows], attributes, 3)
    check_same(run_on("numpy", model, [rows])[0], expected[0])
    check_same(run_on("onnxruntime", model, [rows])[0], expected[0])


def test_of_two_classes_that_leaves_name_the_higher_score_wins() -> None:
    """onnxruntime gives 1 wherever the second one's score is above 0, whatever the labels."""
    attributes = voting(PLAIN, "class", [0, 1], 0) | {"classlabels_int64s": [5, 6]}
    model = model_of("TreeEnsembleClassifier", [X], attributes, 3, outputs=2)
    labels, scores = run_on("numpy", model, [X])
    np.testing.assert_array_equal(labels, np.array([5, 6])[scores.argmax(axis=1)])
    theirs = run_on("onnxruntime", model, [X])
    np.testing.assert_allclose(scores, theirs[1], rtol=1e-6)


def test_one_targets_score_is_transformed_too() -> None:
    """onnxruntime leaves it as it is, except for PROBIT."""
    attributes = voting(PLAIN, "target", [0], -1)
    raw = run_on("numpy", model_of("TreeEnsembleRegressor", [X], attributes, 3), [X])[0]
    attributes["post_transform"] = "LOGISTIC"
    got = run_on("numpy", model_of("TreeEnsembleRegressor", [X], attributes, 3), [X])[0]
    np.testing.assert_allclose(got, 1 / (1 + np.exp(-raw)), rtol=1e-6)


def test_many_rows_are_the_same_as_one_by_one() -> None:
    rows = RANDOM.standard_normal((3000, 4)).astype(np.float32)
    attributes = voting(forest(30, 9), "target", [0, 1], -1) | {"n_targets": 2}
    runner = runtime.load(model_of("TreeEnsembleRegressor", [rows], attributes, 3), on="numpy")
    (whole,) = runner.run({"x0": rows}).values()
    parts = [runner.run({"x0": rows[start : start + 7]})["y0"] for start in range(0, 3000, 7)]
    np.testing.assert_allclose(whole, np.concatenate(parts), rtol=1e-6, atol=1e-6)


SMALL = voting(
    {
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [0, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_values": [0.0, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
    },
    "target",
    [0],
    0,
)
HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "lengths": ({"nodes_values": [0.0]}, "must be equally long.*nodes_values 1"),
    "votes' lengths": ({"target_ids": [0]}, "must be equally long.*target_ids 1"),
    "tracks": ({"nodes_missing_value_tracks_true": [1]}, "has 1 entries, not 3"),
    "a node that is not there": (
        {"nodes_truenodeids": [9, 0, 0]},
        "nodes_truenodeids: tree 0 has no node 9",
    ),
    "a leaf that is not there": (
        {"target_nodeids": [1, -7]},
        "target_nodeids: tree 0 has no node -7",
    ),
    "a node twice": ({"nodes_nodeids": [0, 1, 1]}, "tree 0 has two nodes 1"),
    "its own child": ({"nodes_truenodeids": [0, 0, 0]}, "nodes of a tree form a cycle"),
    "a cycle": (
        {
            "nodes_modes": ["BRANCH_LEQ", "BRANCH_LEQ", "LEAF"],
            "nodes_truenodeids": [1, 0, 0],
            "nodes_falsenodeids": [2, 2, 0],
        },
        "nodes of a tree form a cycle",
    ),
    "a mode": ({"nodes_modes": ["BRANCH_X", "LEAF", "LEAF"]}, "no node mode 'BRANCH_X'"),
    "a feature": ({"nodes_featureids": [4, 0, 0]}, "asks for feature 4 of 4"),
    "a feature below 0": ({"nodes_featureids": [-1, 0, 0]}, "a feature below 0"),
    "a target": ({"target_ids": [0, 5]}, "votes for target 5, but there are 1"),
    "targets": ({"n_targets": 1 << 50}, "but the memory limit is"),
    "a base": ({"base_values": [1.0, 2.0]}, "2 base_values for 1 targets"),
    "an aggregate": ({"aggregate_function": "MEDIAN"}, "no aggregate_function 'MEDIAN'"),
    "a transform": ({"post_transform": "CUBE"}, "no post_transform 'CUBE'"),
    "no nodes": ({name: [] for name in SMALL}, "a tree ensemble without nodes"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_ensemble_is_one_clear_error(name: str) -> None:
    change, told = HOSTILE[name]
    given = {key: value for key, value in (SMALL | change).items() if value != []}
    model = model_of("TreeEnsembleRegressor", [X], given, 3)
    with pytest.raises(runtime.NodeError, match=told):
        run_on("numpy", model, [X])


def test_nodes_may_share_a_child() -> None:
    """As set memberships are written: a chain of comparisons with one answer."""
    change = {
        "nodes_treeids": [0] * 4,
        "nodes_nodeids": [0, 1, 2, 3],
        "nodes_featureids": [0] * 4,
        "nodes_modes": ["BRANCH_EQ", "BRANCH_EQ", "LEAF", "LEAF"],
        "nodes_values": [1.0, -1.0, 0.0, 0.0],
        "nodes_truenodeids": [2, 2, 0, 0],
        "nodes_falsenodeids": [1, 3, 0, 0],
        "target_nodeids": [2, 3],
        "target_weights": [1.0, 0.0],
    }
    model = model_of("TreeEnsembleRegressor", [X], SMALL | change, 3)
    expected = np.isin(X[:, :1], (1, -1)).astype(np.float32)
    for on in ("numpy", "onnxruntime"):
        np.testing.assert_array_equal(run_on(on, model, [X])[0], expected)


def test_a_tie_goes_to_the_first_class() -> None:
    """15 of 30 trees say yes: the sum of what float32 has for 1/30 is a little above half."""
    trees = range(30)
    attributes = {
        "nodes_treeids": [*trees],
        "nodes_nodeids": [0] * 30,
        "nodes_featureids": [0] * 30,
        "nodes_modes": ["LEAF"] * 30,
        "nodes_values": [0.0] * 30,
        "nodes_truenodeids": [0] * 30,
        "nodes_falsenodeids": [0] * 30,
        "class_treeids": [*trees],
        "class_nodeids": [0] * 30,
        "class_ids": [0] * 30,
        "class_weights": [1 / 30 if tree % 2 else 0.0 for tree in trees],
        "classlabels_int64s": [0, 1],
    }
    model = model_of("TreeEnsembleClassifier", [X], attributes, 3, outputs=2)
    for on in ("numpy", "numpy:float64"):
        labels, scores = run_on(on, model, [X])
        np.testing.assert_array_equal(labels, 0)
        np.testing.assert_allclose(scores, 0.5, rtol=1e-6)
