"""Models with one mistake each, and the rule that must find it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnx.parser
from onnx import ModelProto, helper, numpy_helper

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
UNITS, FEATURES = 4, 3


def recurrent(
    op: str = "LSTM",
    change: dict[str, tuple[int, ...]] | None = None,
    constants: dict[str, Any] | None = None,
    **attributes: Any,
) -> ModelProto:
    """Return one recurrent node; `change` gives arrays other shapes, `constants` adds arrays."""
    rows = GATES[op] * UNITS
    shapes: dict[str, tuple[int, ...]] = {
        "W": (1, rows, FEATURES),
        "R": (1, rows, UNITS),
        "B": (1, 2 * rows),
    } | (change or {})
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    arrays |= constants or {}
    names = ["W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    inputs = ["x", *(name if name in arrays else "" for name in names)]
    while not inputs[-1]:
        inputs.pop()
    attributes = {"hidden_size": UNITS} | attributes
    node = helper.make_node(op, inputs, ["y"], op.lower(), **attributes)
    x = helper.make_tensor_value_info("x", 1, [5, 2, FEATURES])
    y = helper.make_tensor_value_info("y", 1, ["t", "d", "b", "h"])
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph([node], "broken", [x], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def text(body: str, opset: int = 17, **arrays: Any) -> ModelProto:
    """Return the model of a graph in ONNX's text form, with arrays as initializers."""
    model = onnx.parser.parse_model(HEAD.replace("17", str(opset)) + body)
    for name, array in arrays.items():
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    return model


def named(model: ModelProto, **changes: str) -> ModelProto:
    """Return the model with its first node's fields changed."""
    for field, value in changes.items():
        setattr(model.graph.node[0], field, value)
    return model


X = "g (float[n, 3, 8, 8] x) => (float[n, c, h, w] y)"
V = "g (float[n, 4] x) => (float[n, m] y)"
W = np.zeros((2, 3, 3, 3), np.float32)
I64 = np.int64


def nbits(**changes: Any) -> ModelProto:
    """Return one MatMulNBits, its attributes or arrays changed."""
    given: dict[str, Any] = {"K": 32, "N": 4, "bits": 4, "block_size": 16}
    given |= {"B": (4, 2, 8), "s": (4, 2)} | changes
    arrays = {"B": np.zeros(given.pop("B"), np.uint8), "s": np.ones(given.pop("s"), np.float32)}
    node = helper.make_node("MatMulNBits", ["x", "B", "s"], ["y"], domain="com.microsoft", **given)
    x = helper.make_tensor_value_info("x", 1, ["n", 32])
    y = helper.make_tensor_value_info("y", 1, ["n", 4])
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph([node], "g", [x], [y], tensors)
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


RECURRENT: dict[str, tuple[str, Callable[[], ModelProto]]] = {
    "W of too few rows": ("recurrent-weights", lambda: recurrent(change={"W": (1, 15, 3)})),
    "W of other features": ("recurrent-weights", lambda: recurrent(change={"W": (1, 16, 2)})),
    "W of two directions": ("recurrent-weights", lambda: recurrent(change={"W": (2, 16, 3)})),
    "R that is no square": ("recurrent-weights", lambda: recurrent(change={"R": (1, 16, 3)})),
    "R of rank 2": ("recurrent-weights", lambda: recurrent(change={"R": (16, 4)})),
    "B of one half": ("recurrent-weights", lambda: recurrent("GRU", change={"B": (1, 12)})),
    "P of two peepholes": ("recurrent-weights", lambda: recurrent(change={"P": (1, 8)})),
    "hidden_size of another net": ("recurrent-weights", lambda: recurrent(hidden_size=5)),
    "hidden_size 0": ("recurrent-options", lambda: recurrent("RNN", hidden_size=0)),
    "a direction misspelled": ("recurrent-direction", lambda: recurrent(direction="foward")),
    "one activation of three": (
        "recurrent-activations",
        lambda: recurrent(activations=["Sigmoid"]),
    ),
    "an activation misspelled": (
        "recurrent-activations",
        lambda: recurrent("GRU", activations=["Sigmoid", "Tahn"]),
    ),
    "activations for one direction of two": (
        "recurrent-activations",
        lambda: recurrent(
            "RNN",
            change={"W": (2, 4, 3), "R": (2, 4, 4), "B": (2, 8)},
            direction="bidirectional",
            activations=["Tanh"],
        ),
    ),
    "more alphas than activations": (
        "recurrent-activations",
        lambda: recurrent("RNN", activations=["Elu"], activation_alpha=[1.0, 2.0]),
    ),
    "a state of another batch": (
        "recurrent-states",
        lambda: recurrent(change={"initial_h": (1, 3, 4)}),
    ),
    "lengths beyond the steps": (
        "recurrent-states",
        lambda: recurrent(constants={"sequence_lens": np.array([5, 6], np.int32)}),
    ),
    "a length below 0": (
        "recurrent-states",
        lambda: recurrent(constants={"sequence_lens": np.array([-1, 2], np.int32)}),
    ),
    "lengths for another batch": (
        "recurrent-states",
        lambda: recurrent(constants={"sequence_lens": np.array([1, 2, 3], np.int32)}),
    ),
    "a clip below 0": ("recurrent-options", lambda: recurrent(clip=-1.0)),
    "a third layout": ("recurrent-options", lambda: recurrent(layout=2)),
}

OTHERS: dict[str, tuple[str, Callable[[], ModelProto]]] = {
    "negative pads": ("window", lambda: text(X + "{ y = Conv <pads = [-1,0,0,0]> (x, w) }", w=W)),
    "pads for one axis": ("window", lambda: text(X + "{ y = Conv <pads = [1,1]> (x, w) }", w=W)),
    "a stride of 0": (
        "window",
        lambda: text(X + "{ y = MaxPool <kernel_shape = [2,2], strides = [0,1]> (x) }"),
    ),
    "a kernel of 0": ("window", lambda: text(X + "{ y = AveragePool <kernel_shape = [0,2]> (x) }")),
    "a dilation of 0": (
        "window",
        lambda: text(X + "{ y = Conv <dilations = [0,1]> (x, w) }", w=W),
    ),
    "no groups": ("window", lambda: text(X + "{ y = Conv <group = 0> (x, w) }", w=W)),
    "another kernel than the weights'": (
        "window",
        lambda: text(X + "{ y = Conv <kernel_shape = [2,2]> (x, w) }", w=W),
    ),
    "an axis beyond the rank": ("axis", lambda: text(V + "{ y = Softmax <axis = 2> (x) }")),
    "a negative axis beyond the rank": (
        "axis",
        lambda: text(V + "{ y = Concat <axis = -3> (x, x) }"),
    ),
    "an axis twice": ("axis", lambda: text(V + "{ y = ReduceMean <axes = [0, -2]> (x) }")),
    "a permutation with a gap": ("axis", lambda: text(V + "{ y = Transpose <perm = [0, 0]> (x) }")),
    "a permutation too short": ("axis", lambda: text(V + "{ y = Transpose <perm = [0]> (x) }")),
    "squeezing an axis that is not there": (
        "axis",
        lambda: text(V + "{ y = Squeeze (x, a) }", a=np.array([5])),
    ),
    "an index beyond the axis": (
        "index",
        lambda: text(V + "{ y = Gather <axis = 1> (x, i) }", i=np.array([4])),
    ),
    "an index far below 0": (
        "index",
        lambda: text(V + "{ y = Gather <axis = 1> (x, i) }", i=np.array([-5])),
    ),
    "an element index beyond the axis": (
        "index",
        lambda: text(V + "{ y = GatherElements <axis = 1> (x, i) }", i=np.array([[7]])),
    ),
    "a pair of indices beyond": (
        "index",
        lambda: text("g (float[2, 4] x) => (float[m] y) { y = GatherND (x, i) }", i=[[1, 4]]),
    ),
    "an update beyond": (
        "index",
        lambda: text(
            "g (float[2, 4] x) => (float[2, 4] y) { y = ScatterND (x, i, u) }",
            i=np.array([[2, 0]]),
            u=np.zeros(1, np.float32),
        ),
    ),
    "two sizes to be inferred": (
        "size",
        lambda: text(V + "{ y = Reshape (x, s) }", s=np.array([-1, -1])),
    ),
    "elements that do not fit": (
        "size",
        lambda: text("g (float[2, 4] x) => (float[a, b] y) { y = Reshape (x, s) }", s=[3, 3]),
    ),
    "a negative repeat": ("size", lambda: text(V + "{ y = Tile (x, s) }", s=np.array([1, -2]))),
    "a shape below 0": ("size", lambda: text(V + "{ y = Expand (x, s) }", s=np.array([1, -4]))),
    "parts that do not add up": (
        "size",
        lambda: text(
            "g (float[n, 4] x) => (float[n, a] y, float[n, b] z){ y, z = Split <axis = 1> (x, s) }",
            s=np.array([3, 3]),
        ),
    ),
    "the best -1": (
        "size",
        lambda: text(
            "g (float[n, 4] x) => (float[n, k] y) { y, i = TopK (x, k) }", k=np.array([-1])
        ),
    ),
    "pads that take all": (
        "size",
        lambda: text(V + "{ y = Pad (x, p) }", p=np.array([0, -3, 0, -3])),
    ),
    "a range that stands still": (
        "size",
        lambda: text("g (int64 x) => (int64[m] y) { y = Range (a, x, d) }", a=I64(0), d=I64(0)),
    ),
    "more elements than can be counted": (
        "size",
        lambda: text(
            "g (float[n] x) => (float[n] y) { z = ConstantOfShape (s) k = Size (z)"
            "c = Cast <to = 1> (k) y = Add (x, c) }",
            s=np.array([2**40, 2**40]),
        ),
    ),
    "a block size of 0": ("blocks", lambda: nbits(block_size=0)),
    "a block size that is no power of 2": ("blocks", lambda: nbits(block_size=24)),
    "packed weights too short": ("blocks", lambda: nbits(B=(4, 1, 8))),
    "scales too few": ("blocks", lambda: nbits(s=(4, 1))),
    "no columns": ("blocks", lambda: nbits(N=0)),
    "a negative block size": (
        "blocks",
        lambda: text(
            "g (float[4, 4] x) => (uint8[4, 4] y)"
            "{ y = QuantizeLinear <block_size = -2, axis = 1> (x, s, z) }",
            21,
            s=np.ones((4, 2), np.float32),
            z=np.zeros((4, 2), np.uint8),
        ),
    ),
    "scales for other channels": (
        "blocks",
        lambda: text(
            "g (float[4, 4] x) => (uint8[4, 4] y) { y = QuantizeLinear (x, s, z) }",
            s=np.ones(3, np.float32),
            z=np.zeros(3, np.uint8),
        ),
    ),
    "a scale of 0": (
        "scale",
        lambda: text(
            "g (float[n] x) => (uint8[n] y) { y = QuantizeLinear (x, s, z) }",
            s=np.float32(0),
            z=np.uint8(0),
        ),
    ),
    "a scale that is NaN": (
        "scale",
        lambda: text(
            "g (uint8[n] x) => (float[n] y) { y = DequantizeLinear (x, s, z) }",
            s=np.float32("nan"),
            z=np.uint8(0),
        ),
    ),
    "a variance below 0": (
        "constants",
        lambda: text(
            X + "{ y = BatchNormalization (x, a, a, a, v) }",
            a=np.ones(3, np.float32),
            v=np.array([1, -1, 1], np.float32),
        ),
    ),
    "an epsilon of 0": (
        "constants",
        lambda: text(
            V + "{ y = LayerNormalization <epsilon = 0.0> (x, s) }", s=np.ones(4, np.float32)
        ),
    ),
    "an operator misspelled": (
        "unknown-operator",
        lambda: named(text(V + "{ y = Relu (x) }"), op_type="ReLU"),
    ),
    "an operator of a later opset": ("unknown-operator", lambda: text(V + "{ y = Gelu (x) }")),
    "an operator withdrawn": (
        "deprecated-operator",
        lambda: text(V + "{ y = Upsample (x, s) }", s=np.ones(2, np.float32)),
    ),
    "an attribute misspelled": ("attribute", lambda: text(V + "{ y = Softmax <axes = 1> (x) }")),
    "an attribute missing": ("attribute", lambda: text(V + "{ y = Concat (x, x) }")),
    "an attribute of another type": ("attribute", lambda: text(V + "{ y = Elu <alpha = 1> (x) }")),
    "an input too many": ("inputs", lambda: text(V + "{ y = Relu (x, x) }")),
    "an input missing": ("inputs", lambda: text(V + "{ y = Add (x) }")),
    "a type that is not taken": (
        "input-type",
        lambda: text("g (string[n] x) => (string[n] y) { y = Relu (x) }"),
    ),
    "two types where one is needed": (
        "input-type",
        lambda: text("g (float[n] x, double[n] z) => (float[n] y) { y = Add (x, z) }"),
    ),
    "a value that nothing makes": ("undefined-value", lambda: text(V + "{ y = Add (x, q) }")),
    "a value read before it is made": (
        "undefined-value",
        lambda: text(V + "{ y = Relu (z) z = Relu (x) }"),
    ),
    "a node that reads itself": ("undefined-value", lambda: text(V + "{ y = Add (x, y) }")),
    "an output that nothing makes": (
        "undefined-value",
        lambda: text("g (float[n] x) => (float[n] y, float[n] z) { y = Relu (x) }"),
    ),
    "a value made twice": ("defined-twice", lambda: text(V + "{ y = Relu (x) y = Tanh (x) }")),
    "a branch that gives two values": (
        "body",
        lambda: text(
            "g (bool c, float[n] x) => (float[n] y) { y = If (c) <"
            "then_branch = t () => (float[n] a, float[n] b) { a = Relu (x) b = Tanh (x) },"
            "else_branch = e () => (float[n] d) { d = Relu (x) }> }"
        ),
    ),
    "more inputs to scan than there are": (
        "body",
        lambda: text(
            "g (float[t, n] x) => (float[t, n] y) { y = Scan <num_scan_inputs = 3,"
            "body = b (float[n] a) => (float[n] c) { c = Relu (a) }> (x) }"
        ),
    ),
    "a domain that is not imported": ("opset", lambda: named(nbits(), domain="org.nowhere")),
    "an opset of the future": ("opset", lambda: text(V + "{ y = Relu (x) }", 999)),
    "sizes that contradict": (
        "contradiction",
        lambda: text(
            "g (float[2, 3] x) => (float[2, 5] y) { y = MatMul (x, w) }",
            w=np.zeros((4, 5), np.float32),
        ),
    ),
}

NOTES: dict[str, tuple[str, Callable[[], ModelProto]]] = {
    "a shape for one size": (
        "baked-dims",
        lambda: text(V + "{ y = Reshape (x, s) }", s=np.array([2, 2])),
    ),
    "a node for nobody": ("dead-node", lambda: text(V + "{ y = Relu (x) z = Tanh (x) }")),
    "an array for nobody": (
        "unused-initializer",
        lambda: text(V + "{ y = Relu (x) }", w=np.zeros(2, np.float32)),
    ),
    "an input for nobody": (
        "unused-input",
        lambda: text("g (float[n] x, float[n] z) => (float[n] y) { y = Relu (x) }"),
    ),
    "an output that is always the same": (
        "constant-output",
        lambda: text(
            "g (float[n] x) => (float[n] y, float[2] z) { y = Relu (x) z = Identity (w) }",
            w=np.zeros(2, np.float32),
        ),
    ),
    "one example at a time": (
        "fixed-batch",
        lambda: text("g (float[1, 4] x) => (float[1, 4] y) { y = Relu (x) }"),
    ),
    "two nodes of one name": (
        "node-name-twice",
        lambda: text(V + "{ [same] z = Relu (x) [same] y = Tanh (z) }"),
    ),
    "an opset that no runtime reads": (
        "newest-reader",
        lambda: _later(text(V + "{ y = Relu (x) }")),
    ),
}


def _later(model: ModelProto) -> ModelProto:
    model.ir_version = 99
    return model
