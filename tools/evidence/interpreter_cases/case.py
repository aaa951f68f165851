"""A case, and a small drawing board for the models of cases."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
DOMAINS = (("", 17), ("ai.onnx.ml", 3), ("com.microsoft", 1))


@dataclass(frozen=True)
class Case:
    """A model and its feeds."""

    name: str
    model: onnx.ModelProto
    feeds: dict[str, Array]


class Board:
    """Nodes and weights of one graph, drawn from the inputs on; what is random comes from `seed`.

    Values are names. Weights keep the size of what flows through the net (He et al. 2015).
    """

    def __init__(self, seed: str) -> None:
        self.rng = np.random.default_rng(zlib.crc32(seed.encode()))
        self.seed = seed
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Return an initializer."""
        name = f"{self.seed}.w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def weight(self, *shape: int, terms: int | None = None) -> str:
        """Return random weights; `terms` of them are added up, by default all of a row."""
        scale = np.sqrt(2 / (terms or max(1, int(np.prod(shape[1:])))))
        return self.constant(scale * self.rng.standard_normal(shape))

    def bias(self, count: int) -> str:
        """Return a bias of small random numbers."""
        return self.constant(0.1 * self.rng.standard_normal(count))

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Return the only output of a new node."""
        return self.many(op, *inputs, count=1, **attributes)[0]

    def many(self, op: str, *inputs: str, count: int, **attributes: Any) -> list[str]:
        """Return the outputs of a new node."""
        outputs = [f"{self.seed}.{op}{len(self.nodes)}.{n}" for n in range(count)]
        self.nodes.append(helper.make_node(op, inputs, outputs, **attributes))
        return outputs

    def graph(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[str], labels: str = ""
    ) -> Any:
        """Return the graph; every output is float32 but `labels`, which is int64."""
        results = [
            helper.make_tensor_value_info(name, INT64 if name == labels else FLOAT, None)
            for name in outputs
        ]
        return helper.make_graph(self.nodes, "g", inputs, results, self.weights)

    def case(
        self,
        name: str,
        feeds: dict[str, Array],
        outputs: Sequence[str],
        labels: str = "",
        **opsets: int,
    ) -> Case:
        """Return the case of a whole model, its inputs typed as `feeds`, the batch left open."""
        inputs = [
            helper.make_tensor_value_info(key, tensor_type(value), shape_of(value))
            for key, value in feeds.items()
        ]
        wanted = dict(DOMAINS) | {key.replace("_", "."): n for key, n in opsets.items()}
        used = {node.domain for node in self.nodes} | {""}
        ids = [helper.make_opsetid(domain, wanted[domain]) for domain in sorted(used)]
        model = helper.make_model(
            self.graph(inputs, outputs, labels), opset_imports=ids, ir_version=9
        )
        return Case(name, onnx.shape_inference.infer_shapes(model), feeds)


def shape_of(value: Array) -> list[int | str]:
    """Return an input's shape: exporters leave the first axis open."""
    return ["batch", *value.shape[1:]] if value.ndim else []


def tensor_type(value: Array) -> int:
    """Return the type of an array as ONNX numbers it."""
    return int(helper.np_dtype_to_tensor_dtype(value.dtype))
