"""Write the table of one onnxruntime provider's kernels, as the installed build registers them.

    python -m tools.evidence.kernel_tables CPUExecutionProvider > TABLE.txt
    python -m tools.evidence.kernel_tables WebGpuExecutionProvider --plugin onnxruntime_ep_webgpu

One line holds one or more kernels: operator (with its domain unless it is ONNX's own), the opset
version since which and until which it serves ("*" for open-ended), and the tensor types that each
type parameter of the operator's schema may have. Non-tensor types are left out.

CUDA's kernels are listed only where the CUDA provider's library can be loaded; no kernel is run.
"""

import argparse
import importlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

OPEN = 2**31 - 1
Row = tuple[str, int, int, tuple[tuple[str, tuple[str, ...]], ...]]


def registered(provider: str, plugin: str | None) -> list[Any]:
    """Return the provider's kernel definitions; `plugin` names the module of a plugin provider."""
    if plugin is None:
        return [kernel for kernel in state.get_all_opkernel_def() if kernel.provider == provider]
    library = importlib.import_module(plugin).get_library_path()
    onnxruntime.register_execution_provider_library(plugin, library)
    return list(state.get_registered_ep_kernel_defs(provider))


def tensor_types(names: Iterable[str]) -> tuple[str, ...]:
    """Return ``("float",)`` for ``["tensor(float)", "seq(tensor(float))"]``, sorted."""
    return tuple(sorted(name[7:-1] for name in names if name.startswith("tensor(")))


def row(kernel: Any) -> Row:
    """Return what the table keeps of one kernel definition."""
    name = f"{kernel.domain}:{kernel.op_name}" if kernel.domain else kernel.op_name
    since, until = kernel.version_range
    constraints = sorted(
        (key, tensor_types(types)) for key, types in kernel.type_constraints.items()
    )
    return name, since, until, tuple((key, types) for key, types in constraints if types)


def merged(rows: Iterable[Row]) -> Iterator[Row]:
    """Join kernels that differ in the types of one parameter, or have the same type in all."""
    for key, group in itertools.groupby(sorted(set(rows)), key=lambda row: row[:3]):
        alternatives = [row[3] for row in group]
        parameters = sorted({name for types in alternatives for name, _ in types})
        changing = [
            p for p in parameters if len({dict(types).get(p) for types in alternatives}) > 1
        ]
        if len(changing) == 1:
            union = sorted({t for types in alternatives for t in dict(types).get(changing[0], ())})
            fixed = dict(alternatives[0]) | {changing[0]: tuple(union)}
            yield (*key, tuple(sorted(fixed.items())))
        else:
            yield from ((*key, types) for types in alternatives)


def line(entry: Row) -> str:
    """Return the table's line for one entry."""
    name, since, until, types = entry
    text = " ".join(f"{key}={','.join(names)}" for key, names in types)
    return f"{name} {since} {'*' if until == OPEN else until} {text}".rstrip()


def main() -> None:
    """Print the table with a first line that says what it was read from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("provider")
    parser.add_argument("--plugin", help="the Python module of a plugin provider")
    arguments = parser.parse_args()
    kernels = registered(arguments.provider, arguments.plugin)
    if not kernels:
        sys.exit(f"{arguments.provider}: this build of onnxruntime registers no kernel for it")
    print(f"# {arguments.provider} of onnxruntime {onnxruntime.__version__}")
    for entry in merged(row(kernel) for kernel in kernels):
        print(line(entry))


if __name__ == "__main__":
    main()
