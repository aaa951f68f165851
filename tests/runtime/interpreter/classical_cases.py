"""Nodes of ``ai.onnx.ml``, and what both runtimes make of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from onnxwright import runtime

RANDOM = np.random.default_rng(14)
DOMAIN = "ai.onnx.ml"
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")


def model_of(
    op: str, inputs: Sequence[Any], attributes: Mapping[str, Any], version: int, outputs: int = 1
) -> onnx.ModelProto:
    names = [f"x{place}" for place in range(len(inputs))]
    ends = [f"y{place}" for place in range(outputs)]
    values = [
        helper.make_tensor_value_info(name, _kind(x), [None] * x.ndim)
        for name, x in zip(names, inputs, strict=True)
    ]
    node = helper.make_node(op, names, ends, domain=DOMAIN, name="it", **attributes)
    graph = helper.make_graph([node], "one", values, [onnx.ValueInfoProto(name=n) for n in ends])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(DOMAIN, version)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def _kind(x: Any) -> int:
    return TensorProto.STRING if x.dtype == object else helper.np_dtype_to_tensor_dtype(x.dtype)


def run_on(on: str, model: onnx.ModelProto, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs on a runtime, or on onnxruntime itself."""
    feeds = {f"x{place}": x for place, x in enumerate(inputs)}
    if on != "onnxruntime":
        return [*runtime.load(model, on=on).run(feeds).values()]
    ort = pytest.importorskip("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    found: list[Any] = session.run(None, feeds)
    return found


def check_same(got: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Compare arrays, with tolerance where they are floats, or sequences of maps."""
    if isinstance(expected, list):
        np.testing.assert_equal([list(one) for one in got], [list(one) for one in expected])
        ours, theirs = ([list(one.values()) for one in side] for side in (got, expected))
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    elif expected.dtype.kind == "f":
        np.testing.assert_equal(got.shape, expected.shape)
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)
    else:
        np.testing.assert_array_equal(got, expected)


def grown(depth: int, tree: int, number: Iterator[int], modes: Sequence[str]) -> list[list[Any]]:
    """Return the rows (tree, node, feature, mode, value, yes, no, tracks) of a random tree."""
    node = next(number)
    value = float(np.float32(RANDOM.integers(-3, 3) / 2))
    if depth == 0 or RANDOM.random() < 0.2:
        return [[tree, node, 0, "LEAF", 0.0, 0, 0, 0]]
    yes = grown(depth - 1, tree, number, modes)
    no = grown(depth - 1, tree, number, modes)
    mode, feature = str(RANDOM.choice(modes)), int(RANDOM.integers(4))
    row = [tree, node, feature, mode, value, yes[0][1], no[0][1], int(RANDOM.integers(2))]
    return [row, *yes, *no]


def forest(trees: int, depth: int, modes: Sequence[str] = MODES[:1]) -> dict[str, Any]:
    """Return the attributes of the nodes of a random tree ensemble."""
    rows = [
        row for tree in range(trees) for row in grown(depth, 3 * tree, iter(range(10**6)), modes)
    ]
    names = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")
    every = (*names, "missing_value_tracks_true")
    columns = zip(*rows, strict=True)
    return {f"nodes_{name}": list(column) for name, column in zip(every, columns, strict=True)}


def voting(nodes: Mapping[str, Any], kind: str, targets: Sequence[int], low: float) -> Any:
    """Return the nodes and one vote of every leaf for each of the targets."""
    leaves = [place for place, mode in enumerate(nodes["nodes_modes"]) if mode == "LEAF"]
    votes = [(place, target) for place in leaves for target in targets]
    return {
        **nodes,
        **({"n_targets": 1} if kind == "target" else {}),
        f"{kind}_treeids": [nodes["nodes_treeids"][place] for place, _ in votes],
        f"{kind}_nodeids": [nodes["nodes_nodeids"][place] for place, _ in votes],
        f"{kind}_ids": [target for _, target in votes],
        f"{kind}_weights": RANDOM.uniform(low, 1, len(votes)).astype(np.float32).tolist(),
    }
