"""Which kernels a provider of onnxruntime has: tables read from released builds.

A table's line is ``[domain:]operator since until parameter=type,type ...``; its first line says
what it was read from. ``tools/evidence/kernel_tables.py`` writes it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from onnx.defs import OpSchema

from .node import NodeFacts, schema_of

OPEN = "*"


@dataclass(frozen=True)
class Kernel:
    """One line of a table."""

    since: int
    until: int | None
    """The last opset version that it serves; None for an open end."""
    types: dict[str, frozenset[str]]
    """The element types that each type parameter of the schema may have."""

    def serves(self, version: int) -> bool:
        """Say whether the kernel is taken for an operator whose schema dates from `version`.

        An open-ended kernel is taken only for the very version at which it starts, for a newer
        schema may mean something else (onnxruntime's ``KernelRegistry::VerifyKernelDef``).
        """
        if self.until is None:
            return self.since == version
        return self.since <= version <= self.until


@dataclass(frozen=True)
class KernelTable:
    """The kernels of one provider."""

    source: str
    kernels: dict[str, tuple[Kernel, ...]]

    def miss(self, node: NodeFacts) -> str | None:
        """Return why no kernel takes the node, or None where one does or none can be told."""
        key = f"{node.domain}:{node.op}" if node.domain else node.op
        kernels = self.kernels.get(key, ())
        if not kernels:
            return f"there is no {node.op} kernel"
        schema = schema_of(node.op, node.opset, node.domain)
        if schema is None:
            return None
        serving = [kernel for kernel in kernels if kernel.serves(schema.since_version)]
        if not serving:
            return (
                f"there is no kernel for {node.op} of opset {node.opset} (the operator's version "
                f"{schema.since_version}); the newest is for version {kernels[-1].since}"
            )
        if any(_fits(kernel, node, schema) for kernel in serving):
            return None
        given = ", ".join(f"{name} {value.dtype}" for name, value in node.inputs.items())
        return f"no {node.op} kernel takes these types: {given}"


@cache
def load_table(name: str) -> KernelTable:
    """Read the table `name` that the package ships."""
    text = (files(__package__) / "data" / "kernels" / f"{name}.txt").read_text()
    head, *lines = text.splitlines()
    kernels: dict[str, tuple[Kernel, ...]] = {}
    for line in lines:
        op, since, until, *types = line.split(" ")
        parsed = Kernel(
            int(since), None if until == OPEN else int(until), dict(map(_constraint, types))
        )
        kernels[op] = (*kernels.get(op, ()), parsed)
    return KernelTable(f"kernel table, {head.removeprefix('# ')}", kernels)


def _constraint(text: str) -> tuple[str, frozenset[str]]:
    parameter, _, types = text.partition("=")
    return parameter, frozenset(types.split(","))


def _fits(kernel: Kernel, node: NodeFacts, schema: OpSchema) -> bool:
    """Say whether no input is known to have a type that the kernel does not take."""
    for formal in schema.inputs:
        value = node.inputs.get(formal.name)
        # A parameter is named by its label in the schema ("T") or by the input's own name.
        allowed = kernel.types.get(formal.type_str, kernel.types.get(formal.name))
        if value is None or value.dtype is None or allowed is None:
            continue
        if value.dtype not in allowed:
            return False
    return True
