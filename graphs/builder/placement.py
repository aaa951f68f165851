"""Holding what a network emits against the rules of its target: node by node, then as a model."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto

from ..errors import GraphError
from ..targets import Finding, Severity, Target, lint
from ..targets.lint import judge
from ..targets.node import ValueFacts
from ..targets.walk import dtype_name, facts_of
from ..values import Value
from .protobuf import make_attribute

REFUSED = Severity.UNSUPPORTED.rank
"""From this rank on a finding stops the build: the target refuses the node or computes it wrong."""


class Placement:
    """What is known about the values of a network, for the rules of its target to ask.

    Without a target nothing is refused.
    """

    def __init__(self, target: Target | None, opset: int) -> None:
        self.target = target
        self.opset = opset
        self._makers: dict[str, str] = {}
        self._facts: dict[str, ValueFacts] = {}

    def take(
        self, inputs: Iterable[Value | None], constants: Container[str], fed: Container[str]
    ) -> None:
        """Note what is known about the values that a node is to read.

        `constants` and `fed` hold the names of the network's initializers and inputs.
        """
        for value in inputs:
            if value is not None:
                self._facts[value.name] = ValueFacts(
                    value.name,
                    dtype_name(onnx.helper.np_dtype_to_tensor_dtype(value.dtype)),
                    tuple(dim if isinstance(dim, int) else None for dim in value.dims),
                    constant=value.name in constants,
                    fed=value.name in fed,
                    maker=self._makers.get(value.name, ""),
                )

    def add(self, node: NodeProto, layer: str) -> None:
        """Note a node that is emitted, after checking that the target runs it.

        Raises
        ------
        GraphError
            The target refuses the node or computes it wrong.
        """
        for finding in self._stops(node):
            assert self.target is not None
            raise GraphError(
                f"'{layer}': {finding.op} is {finding.severity} on {self.target.name}: "
                f"{finding.reason}",
                finding.remedy,
            )
        self._makers.update(dict.fromkeys(node.output, node.op_type))

    def runs(self, node: NodeProto) -> bool:
        """Say whether the target runs the node and gives the right numbers."""
        return not self._stops(node)

    def _stops(self, node: NodeProto) -> list[Finding]:
        if self.target is None:
            return []
        facts = facts_of(node, "", {"": self.opset}, "main graph", self._facts)
        return _stopping(judge(facts, self.target))


def planned(op_type: str, x: Value, attributes: Mapping[str, Any]) -> NodeProto:
    """Return a node that is yet to be emitted, to ask the target about."""
    node = NodeProto(op_type=op_type, name="planned", input=[x.name], output=["y"])
    node.attribute.extend(make_attribute(key, value) for key, value in attributes.items())
    return node


def check_model(model: ModelProto, weights: Mapping[str, NDArray[Any]], target: Target) -> None:
    """Refuse a finished model that the target refuses or computes wrong.

    `weights` are those that are not in the model yet. Most faults are found when a node is
    emitted; rules about names, states and graph inputs can be held against the whole alone.

    Raises
    ------
    GraphError
        The target does not run the model as it is.
    """
    whole = ModelProto()
    whole.CopyFrom(model)
    for name, array in weights.items():
        whole.graph.initializer.add(
            name=name,
            data_type=onnx.helper.np_dtype_to_tensor_dtype(array.dtype),
            dims=array.shape,
            data_location=onnx.TensorProto.EXTERNAL,
        )
    for finding in _stopping(lint(whole, target)):
        raise GraphError(
            f"network '{model.graph.name}': {finding.op or 'the model'} ({finding.node}) is "
            f"{finding.severity} on {target.name}: {finding.reason}",
            finding.remedy,
        )


def _stopping(found: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity.rank >= REFUSED]
