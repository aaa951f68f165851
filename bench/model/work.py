"""What one run of a model takes, node by node, at sizes that are given or usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import onnx

from ...runtime.interpreter.signature import signature
from .counts import count
from .free_dims import Usual, choose_sizes, keys, sizes_given
from .shapes import infer_shapes

SINGLE = Usual(batch=1, time=16, other=16)
"""The sizes that `bench` measures at, where nothing else is asked for."""


@dataclass(frozen=True)
class NodeWork:
    """One node of the main graph; None where its operator or a shape is not known."""

    node: str
    op: str
    output: str
    """The name of its first output."""
    shape: tuple[int, ...] | None
    """Of its first output."""
    operations: int | None
    bytes: int | None


@dataclass(frozen=True)
class Work:
    """What one run takes."""

    sizes: Mapping[str, int]
    """The sizes of the free dims."""
    operations: int
    bytes: int
    uncounted: tuple[str, ...]
    """Operators whose work is not in `operations`, which is a lower bound then."""
    nodes: tuple[NodeWork, ...]


def measure_work(model: onnx.ModelProto, dims: Mapping[str, int]) -> Work:
    """Count the operations and bytes of a run with the free dims at `dims`, or at usual sizes.

    Raises
    ------
    BenchError
        `dims` names no free dim of the inputs.
    """
    inputs = signature(model, None)[0]
    sizes = choose_sizes(inputs, sizes_given(inputs, {}, dims), SINGLE)
    shapes = {
        info.name: tuple(sizes[key] if isinstance(key, str) else key for key in keys(info))
        for info in inputs
        if info.shape is not None
    }
    counted, known = count(model, shapes), infer_shapes(model, shapes)
    nodes = [_node(*pair, known) for pair in zip(model.graph.node, counted.nodes, strict=True)]
    return Work(sizes, counted.flops, counted.bytes, counted.uncounted, tuple(nodes))


def _node(node: onnx.NodeProto, counted: Any, known: Mapping[str, tuple[int, ...]]) -> NodeWork:
    output = next(iter(node.output), "")
    op = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    return NodeWork(node.name, op, output, known.get(output), counted.flops, counted.bytes)


def by_operator(work: Work) -> dict[str, tuple[int | None, int | None]]:
    """Return the operations and bytes of each operator's nodes together, None where one lacks.

    >>> nodes = (NodeWork("a", "Add", "y", None, 2, 8), NodeWork("b", "Add", "z", None, 3, 8))
    >>> by_operator(Work({}, 5, 16, (), nodes))
    {'Add': (5, 16)}
    """
    found: dict[str, list[NodeWork]] = {}
    for node in work.nodes:
        found.setdefault(node.op, []).append(node)
    return {
        op: (_total(node.operations for node in nodes), _total(node.bytes for node in nodes))
        for op, nodes in found.items()
    }


def _total(numbers: Any) -> int | None:
    known = list(numbers)
    return None if None in known else sum(known)
