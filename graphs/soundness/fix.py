"""Repairs that have one right answer, and change nothing that the model computes."""

from collections.abc import Callable

import onnx
from onnx import ModelProto

from ...walking import walk_graphs
from ..builder.provenance import renew_digest
from .graph import dead_nodes, unused_initializers

DOMAINS = {"com.microsoft": 1, "ai.onnx.ml": 3}
"""Domains that need no more than an import, and the version that is read nearly everywhere."""


def fix(model: ModelProto) -> list[str]:
    """Mend the model in place; return what was done, a sentence each."""
    done = [sentence for repair in REPAIRS if (sentence := repair(model))]
    if done:
        renew_digest(model)
    return done


def _drop_dead_nodes(model: ModelProto) -> str:
    dead = dead_nodes(model.graph)
    for node in dead:
        model.graph.node.remove(node)
    return _counted("removed {} that no output depends on", len(dead), "node")


def _drop_unused_initializers(model: ModelProto) -> str:
    unused = set(unused_initializers(model.graph))
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in unused]
    count = len(model.graph.initializer) - len(kept)
    if count:
        copies = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in kept]
        del model.graph.initializer[:]
        model.graph.initializer.extend(copies)
    return _counted("removed {} that nobody reads", count, "array")


def _import_domains(model: ModelProto) -> str:
    imported = {entry.domain for entry in model.opset_import}
    used = {node.domain for graph in walk_graphs(model) for node in graph.node}
    missing = sorted((used & DOMAINS.keys()) - imported)
    for domain in missing:
        model.opset_import.add(domain=domain, version=DOMAINS[domain])
    return f"imported {', '.join(missing)}" if missing else ""


def _number_names(model: ModelProto) -> str:
    """Give the second and further nodes of one name a number."""
    renamed = 0
    for graph in walk_graphs(model):
        taken = {node.name for node in graph.node}
        seen: set[str] = set()
        for node in graph.node:
            if node.name and node.name in seen:
                number = 2
                while f"{node.name}_{number}" in taken:
                    number += 1
                node.name = f"{node.name}_{number}"
                taken.add(node.name)
                renamed += 1
            seen.add(node.name)
    return _counted("renamed {} whose name another had", renamed, "node")


def _counted(sentence: str, count: int, noun: str) -> str:
    return sentence.format(f"{count} {noun}{'s' * (count > 1)}") if count else ""


REPAIRS: tuple[Callable[[ModelProto], str], ...] = (
    _drop_dead_nodes,
    _drop_unused_initializers,
    _import_domains,
    _number_names,
)
