"""A single node with its inputs, and what each runtime makes of it."""

import importlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

import onnxwright.runtime.interpreter.kernels  # noqa: F401 (registers the kernels)
from onnxwright.runtime.interpreter.registry import NodeInfo, find, find_specializer

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """One node: its operator, opset, attributes, and inputs in order (None where absent)."""

    op: str
    opset: int
    attributes: dict[str, Any]
    inputs: list[Array | None]

    def __str__(self) -> str:
        shapes = {name: list(array.shape) for name, array in self.feeds().items()}
        lens = self.feeds().get("sequence_lens")
        return f"{self.op}-{self.opset} {self.attributes} {shapes} lens={lens}"

    @property
    def node(self) -> NodeInfo:
        """What a kernel may ask about the node."""
        return NodeInfo(self.op, "", "n", self.opset, self.outputs, self.attributes)

    @property
    def outputs(self) -> tuple[str, ...]:
        """All outputs that the operator has."""
        return tuple(value.name for value in onnx.defs.get_schema(self.op, self.opset).outputs)

    def feeds(self) -> dict[str, Array]:
        """Return the inputs that are given, by the schema's names."""
        names = [value.name for value in onnx.defs.get_schema(self.op, self.opset).inputs]
        return {n: a for n, a in zip(names, self.inputs, strict=False) if a is not None}

    def astype(self, dtype: str) -> "Case":
        """Return the case with its floats in another dtype."""
        arrays = [a if a is None or a.dtype.kind != "f" else a.astype(dtype) for a in self.inputs]
        return replace(self, inputs=arrays)

    def model(self) -> onnx.ModelProto:
        """Return the node as a model with every input a graph input."""
        schema = onnx.defs.get_schema(self.op, self.opset)
        given = self.feeds()
        names = [v.name if v.name in given else "" for v in schema.inputs[: len(self.inputs)]]
        node = helper.make_node(self.op, names, list(self.outputs), **self.attributes)
        values = [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for n, a in given.items()
        ]
        results = [helper.make_empty_tensor_value_info(n) for n in self.outputs]
        graph = helper.make_graph([node], "case", values, results)
        imports = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)


def plain(case: Case) -> list[Array]:
    """Run the kernel itself."""
    kernel = find("", case.op, case.opset)
    assert kernel is not None
    extra = {"node": case.node} if case.op == "MaxPool" else {}
    return _listed(kernel(*case.inputs, **case.attributes, **extra))


def prepared(case: Case) -> list[Array]:
    """Run the kernel that is made for constant weights: all inputs but the first."""
    specialize = find_specializer("", case.op, case.opset)
    assert specialize is not None
    kernel = specialize(case.node, [None, *case.inputs[1:]])
    assert kernel is not None
    return _listed(kernel(*case.inputs))


def onnxruntime(case: Case) -> list[Array]:
    """Run onnxruntime's CPU provider."""
    ort: Any = importlib.import_module("onnxruntime")

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    model = case.model().SerializeToString()
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return _listed(tuple(session.run(None, case.feeds())))


def reference(case: Case) -> list[Array]:
    """Run onnx's own evaluator."""
    return _listed(tuple(ReferenceEvaluator(case.model()).run(None, case.feeds())))


def _listed(result: Any) -> list[Array]:
    arrays = result if isinstance(result, tuple) else (result,)
    return [np.asarray(array) for array in arrays]
