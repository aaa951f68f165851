"""What the compiler reads from a node besides its inputs."""

from collections.abc import Sequence

from onnx import AttributeProto, NodeProto, OperatorSetIdProto

from ..errors import ModelError
from .attributes import GRAPHS, value_of
from .registry import NodeInfo
from .scope import Scope


def clean(domain: str) -> str:
    """Return the default operator set's domain as "", the form that it has everywhere here."""
    return "" if domain == "ai.onnx" else domain


def opset_versions(imports: Sequence[OperatorSetIdProto]) -> dict[str, int]:
    """Return domain to version."""
    return {clean(entry.domain): entry.version for entry in imports}


def label(node: NodeProto) -> str:
    """Return the node's name, else the first value that it gives, else its operator."""
    return node.name or next((name for name in node.output if name), node.op_type)


def node_info(node: NodeProto, attributes: dict[str, AttributeProto], scope: Scope) -> NodeInfo:
    """Describe a node for its kernel.

    Raises
    ------
    ModelError
        The operator is ONNX's own, and the model imports no version of ONNX's operators.
    """
    domain = clean(node.domain)
    if domain == "" and "" not in scope.opsets:
        raise ModelError(
            f"{scope.place} imports no opset for the operators of ONNX itself",
            "the file is broken: its opset_import lacks the domain ''",
        )
    values = {
        name: value_of(attribute, scope.context.float_dtype)
        for name, attribute in attributes.items()
        if attribute.type not in GRAPHS
    }
    opset = scope.opsets.get(domain, 1)
    outputs = tuple(node.output)
    dtype = scope.context.float_dtype
    return NodeInfo(node.op_type, domain, label(node), opset, outputs, values, dtype)
