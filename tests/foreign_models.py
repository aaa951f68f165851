"""Small models in the manner of other makers: dims, states, operators as exporters write them."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

FLOAT = TensorProto.FLOAT


def _model(graph: onnx.GraphProto, **domains: int) -> onnx.ModelProto:
    opsets = [helper.make_opsetid("", 17)]
    opsets += [helper.make_opsetid(name.replace("_", "."), v) for name, v in domains.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def value(name: str, shape: list[Any], dtype: int = FLOAT) -> onnx.ValueInfoProto:
    """Return a value; of -1 it makes a size, as other frameworks' exporters do."""
    return helper.make_tensor_value_info(name, dtype, shape)


def constant(name: str, array: np.ndarray[Any, Any]) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(array))


def classifier() -> onnx.ModelProto:
    """Return an image net as PaddlePaddle exports it: -1 and ?, its weights in Constant nodes."""
    random = np.random.default_rng(0)
    nodes = [
        constant("w", random.normal(size=(4, 3, 3, 3)).astype("float32")),
        constant("v", random.normal(size=(4, 2)).astype("float32")),
        constant("half", np.array(0.5, "float32")),
        helper.make_node("Conv", ["x", "w"], ["c"], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "v"], ["m"]),
        helper.make_node("Mul", ["m", "half"], ["y"]),
    ]
    ends = [value("x", [-1, 3, "?", "?"])], [value("y", [-1, 2])]
    return _model(helper.make_graph(nodes, "paddle", *ends))


def voice(least: int = 40) -> onnx.ModelProto:
    """Return a voice net: unnamed dims, a state [2, batch, 8], at least `least` samples."""
    w = np.ones((8, 1, least), "float32") / least
    nodes = [
        helper.make_node("Unsqueeze", ["input", "one"], ["u"]),
        helper.make_node("Conv", ["u", "w"], ["c"]),
        helper.make_node("ReduceMax", ["c"], ["m"], axes=[2], keepdims=0),
        helper.make_node("Add", ["state", "m"], ["stateN"]),
        helper.make_node("ReduceMean", ["stateN"], ["output"], axes=[0, 2], keepdims=0),
    ]
    ends = (
        [value("input", [None, None]), value("state", [2, None, 8]), value("sr", [], 7)],
        [value("output", [None]), value("stateN", [None, None, None])],
    )
    given = {"one": np.array([1]), "w": w}
    initial = [onnx.numpy_helper.from_array(array, name) for name, array in given.items()]
    return _model(helper.make_graph(nodes, "voice", *ends, initializer=initial))


def foreign_operator(domain: str = "com.microsoft", op: str = "Inverse") -> onnx.ModelProto:
    """Return a model of an operator that onnxruntime has and the NumPy runtime has not."""
    node = helper.make_node(op, ["x"], ["y"], domain=domain)
    ends = [value("x", [None, 3, 3])], [value("y", [None, 3, 3])]
    return _model(helper.make_graph([node], "foreign", *ends), com_microsoft=1)


def tree() -> onnx.ModelProto:
    """Return one decision as skl2onnx writes a classifier: a tree ensemble and a ZipMap."""
    tree = helper.make_node(
        "TreeEnsembleClassifier", ["X"], ["label", "scores"], domain="ai.onnx.ml",
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[1, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
        nodes_missing_value_tracks_true=[0, 0, 0], nodes_hitrates=[1.0, 1.0, 1.0],
        class_treeids=[0, 0], class_nodeids=[1, 2], class_ids=[0, 0],
        class_weights=[0.25, 0.875], classlabels_int64s=[0, 1],
        post_transform="NONE",
    )  # fmt: skip
    zipped = helper.make_node(
        "ZipMap", ["scores"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]
    )
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(
            TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, [])
        )
    )
    outputs = [value("label", [None], TensorProto.INT64)]
    outputs.append(helper.make_value_info("probabilities", maps))
    graph = helper.make_graph([tree, zipped], "sklearn", [value("X", [None, 2])], outputs)
    return _model(graph, ai_onnx_ml=1)
