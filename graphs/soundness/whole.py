"""The model as a whole: what it imports, which readers know it, dims that were baked in."""

from collections import Counter
from collections.abc import Iterator

import onnx
from onnx import ModelProto

from ...dims import fixed_dim, read_dim
from ...walking import walk_graphs
from ..targets.target import TARGETS, choose
from ..targets.walk import MAIN
from .context import Place


def check_whole(model: ModelProto) -> Iterator[Place]:
    """Find what is wrong with a model besides its nodes."""
    yield from _imports(model)
    yield from _readers(model)
    yield from _batch(model)


def _domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def _imports(model: ModelProto) -> Iterator[Place]:
    counts = Counter(_domain(entry.domain) for entry in model.opset_import)
    own = {function.domain for function in model.functions}
    used = {_domain(node.domain) for graph in walk_graphs(model) for node in graph.node}
    for domain in sorted(used - counts.keys() - own):
        detail = f"nodes use the domain {domain or 'ai.onnx'!r}, which is not imported"
        yield Place("opset", domain or "ai.onnx", "model", detail)
    for domain, count in counts.items():
        if count > 1:
            detail = f"the domain {domain or 'ai.onnx'!r} is imported {count} times"
            yield Place("opset", domain or "ai.onnx", "model", detail)
    newest = onnx.defs.onnx_opset_version()
    version = _opset(model)
    if version is not None and not 1 <= version <= newest:
        detail = f"opset {version} is not one of 1 to {newest}, which the installed onnx knows"
        yield Place("opset", "ai.onnx", "model", detail)


def _opset(model: ModelProto) -> int | None:
    return next((e.version for e in model.opset_import if not _domain(e.domain)), None)


def _readers(model: ModelProto) -> Iterator[Place]:
    targets = [choose(name) for name in TARGETS]
    opset, ir = (max(getattr(t, n) for t in targets) for n in ("newest_opset", "newest_ir"))
    version = _opset(model)
    if version is not None and version > opset:
        yield Place("newest-reader", "ai.onnx", "model", f"opset {version}; {opset} is read")
    if model.ir_version > ir:
        yield Place("newest-reader", "", "model", f"IR version {model.ir_version}; {ir} is read")


def _batch(model: ModelProto) -> Iterator[Place]:
    """Find inputs of one example at a time, where other dims of theirs are open."""
    given = {tensor.name for tensor in model.graph.initializer}
    for info in model.graph.input:
        dims = info.type.tensor_type.shape.dim
        if info.name in given or len(dims) < 2 or fixed_dim(dims[0]) != 1:
            continue
        if not any(isinstance(read_dim(dim), str) for dim in dims):
            detail = f"the first dim of {info.name!r} is 1"
            yield Place("fixed-batch", info.name, MAIN, detail)
