"""Instruction sets that decide how fast, and on x86 how right, a model's arithmetic is."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import onnx

from ...walking import walk_graphs
from .formulas import INTEGER

INT8 = INTEGER | {"QLinearAdd", "QuantizeLinear"}
"""Operators that onnxruntime computes with 8-bit numbers."""


VECTORS = ("avx2", "fma", "avx512f", "asimd", "sve", "i8mm")
"""Sets that all float and integer products profit from."""


@dataclass(frozen=True)
class Feature:
    """A kind of arithmetic in a model, and the instruction sets that have it."""

    arithmetic: str
    sets: tuple[str, ...]
    """Flags as Linux lists them in ``/proc/cpuinfo``; each of them suffices."""
    why: str
    here: bool | None
    """Whether this processor has one; None where the system does not tell."""


_KINDS = {
    "8-bit integers": (
        ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp"),
        "without them x86 processors saturate 8-bit products: see --exact-int8",
    ),
    "bfloat16": (
        ("avx512_bf16", "amx_bf16", "bf16"),
        "without them products are computed in float32",
    ),
    "float16": (
        ("avx512_fp16", "fphp"),
        "without them the CPU converts to float32 around every operator",
    ),
}


def features(model: onnx.ModelProto, flags: Collection[str] | None) -> tuple[Feature, ...]:
    """Return what matters for `model` on a processor with `flags`, None where they are unknown."""
    return tuple(
        Feature(kind, *_KINDS[kind], None if flags is None else bool({*flags} & {*_KINDS[kind][0]}))
        for kind in _kinds(model)
    )


def processor_flags() -> frozenset[str] | None:
    """Return the instruction sets that Linux lists for the first core, None elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    return frozenset(next(lines, "").partition(":")[2].split()) or None


def matrix_sets(flags: Collection[str] | None) -> tuple[str, ...] | None:
    """Return those of a processor's flags that matrix products depend on, None where unknown.

    >>> matrix_sets({"fpu", "avx2", "avx512_vnni"}), matrix_sets(None)
    (('avx2', 'avx512_vnni'), None)
    """
    if flags is None:
        return None
    every = [*VECTORS, *(name for sets, _ in _KINDS.values() for name in sets)]
    return tuple(name for name in dict.fromkeys(every) if name in flags)


def _kinds(model: onnx.ModelProto) -> list[str]:
    graphs = list(walk_graphs(model))
    operators = {node.op_type for graph in graphs for node in graph.node}
    types = {
        tensor.data_type
        for graph in graphs
        if isinstance(graph, onnx.GraphProto)
        for tensor in graph.initializer
    }
    types |= {value.type.tensor_type.elem_type for value in model.graph.input}
    found = {
        "8-bit integers": bool(operators & INT8),
        "bfloat16": onnx.TensorProto.BFLOAT16 in types,
        "float16": onnx.TensorProto.FLOAT16 in types,
    }
    return [kind for kind, there in found.items() if there]
