"""``onnxwright inspect``: what stands in a model's file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from ....files import read_model
from ....graphs.builder.provenance import digest_holds
from ....runtime.runner import TensorInfo
from ...model.inspection import Inspection, inspect
from ...reports.cells import cell
from ..terminal import format_option, print_json, print_table

DIGEST = {None: "none stored", True: "holds", False: "DIFFERS: the weights were changed since"}
"""What is said of the digest of the weights in the model's metadata."""


@click.command(name="inspect")
@click.argument("model", type=click.Path(path_type=Path))
@format_option
def command(model: Path, output_format: str) -> None:
    """Show MODEL's inputs, outputs, opsets, parameters, operators and metadata.

    "On NumPy" says what computes an operator there: a kernel of our own, the function body that
    ONNX or the model gives, the reference kernel of the onnx package (fallback), or none.
    """
    proto = read_model(model)
    found, digest = inspect(proto), DIGEST[digest_holds(proto, {})]
    if output_format == "json":
        told = {"schema_version": 1, "model": str(model), "weights_digest": digest}
        print_json({**told, **_as_json(found)})
        return
    print_table(_facts(model, found, digest))
    print_table(_tensors(found))
    print_table(_operators(found))


def _as_json(found: Inspection) -> dict[str, Any]:
    return asdict(found) | {
        "inputs": [_tensor(info) for info in found.inputs],
        "outputs": [_tensor(info) for info in found.outputs],
    }


def _tensor(info: TensorInfo) -> dict[str, Any]:
    shape = None if info.shape is None else list(info.shape)
    return {"name": info.name, "dtype": info.dtype.name, "shape": shape}


def _facts(model: Path, found: Inspection, digest: str) -> Table:
    table = Table("fact", "value", title=cell(str(model)))
    table.add_row("IR version", str(found.ir_version))
    opsets = ", ".join(f"{name} {version}" for name, version in found.opsets.items())
    table.add_row("opsets", cell(opsets))
    table.add_row("producer", cell(found.producer) or "-")
    table.add_row("parameters", f"{found.parameters:,} in {found.parameter_bytes:,} bytes")
    table.add_row("weights' digest", digest)
    table.add_row("nodes", str(found.nodes))
    if found.functions:
        table.add_row("functions", cell(_shortened(", ".join(found.functions))))
    for key, value in found.metadata.items():
        table.add_row(cell(f"metadata {key}"), cell(_shortened(value)))
    return table


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _tensors(found: Inspection) -> Table:
    table = Table("", "name", "dtype", "shape")
    for kind, infos in (("input", found.inputs), ("output", found.outputs)):
        for info in infos:
            dims = (
                None if info.shape is None else ["?" if d is None else str(d) for d in info.shape]
            )
            shape = "unknown" if dims is None else " x ".join(dims) or "scalar"
            table.add_row(kind, cell(info.name), info.dtype.name, cell(shape))
    return table


def _operators(found: Inspection) -> Table:
    table = Table("operator", "nodes", "on NumPy")
    for operator, count in found.operators.items():
        table.add_row(cell(operator), str(count), found.kernels.get(operator, "-"))
    return table
