"""``onnxwright inspect``: what stands in a model's file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from ....files import read_model
from ....graphs.builder.provenance import digest_holds
from ....kinds import weights_kind
from ....runtime.runner import TensorInfo
from ...model.inspection import Inspection, inspect
from ...model.weights import WeightsFacts, weights_facts
from ...reports.cells import cell
from ...reports.weights import weights_tables
from ..terminal import format_option, print_json, print_table

DIGEST = {None: "none stored", True: "holds", False: "DIFFERS: the weights were changed since"}
"""What is said of the digest of the weights in the model's metadata."""


@click.command(name="inspect")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--entry", metavar="NAME", help="The part of a PyTorch checkpoint, such as ema.")
@format_option
def command(model: Path, entry: str | None, output_format: str) -> None:
    """Show MODEL's inputs, outputs, opsets, parameters, operators and metadata.

    MODEL may be a weights file too (.pt, .safetensors, .npz, .h5, ...): then its arrays are shown,
    what is wrong in them, and the layers that are recognised.

    "On NumPy" says what computes an operator there: a kernel of our own, the function body that
    ONNX or the model gives, the reference kernel of the onnx package (fallback), or none.
    """
    if weights_kind(model) is not None:
        _show_weights(model, weights_facts(model, entry), output_format)
        return
    proto = read_model(model)
    found, digest = inspect(proto), DIGEST[digest_holds(proto, {})]
    if output_format == "json":
        told = {"schema_version": 1, "model": str(model), "weights_digest": digest}
        print_json({**told, **_as_json(found)})
        return
    print_table(_facts(model, found, digest))
    print_table(_tensors(found))
    print_table(_operators(found))


def _show_weights(path: Path, found: WeightsFacts, output_format: str) -> None:
    if output_format == "json":
        print_json({"schema_version": 1, "weights": str(path), **found.as_json()})
        return
    for table in weights_tables(path, found):
        print_table(table)


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
