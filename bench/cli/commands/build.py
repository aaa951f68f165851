"""``onnxwright build``: a network file and a weights file become a model."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from ....files import check_outputs, read_model
from ....graphs import Network
from ....graphs.errors import SpecError
from ....graphs.spec import read_network
from ....graphs.weights import load_weights
from ....graphs.weights.arrays import Array
from ....kinds import MODEL, NETWORK, recognised
from ...errors import BenchError
from ...model.inspection import Inspection, inspect
from .. import completion
from ..checked import Check, check_network, check_options, stop_unless_passed
from ..nonfinite import nonfinite_option
from ..options import output_option, threshold_option
from ..terminal import format_option, print_json, print_table

MIB = 1 << 20
DIGEST_KEY = "onnxwright.weights_file_sha256"
"""The metadata entry for the digest of the weights file as a whole."""


@click.command(name="build")
@click.argument("network", type=click.Path(path_type=Path))
@click.option(
    "--weights",
    "-w",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A .npz, .safetensors, .pt, .pth or .h5 file; give it again for more files.",
)
@output_option("The model's file.")
@click.option("--entry", metavar="NAME", help="The part of a PyTorch checkpoint, such as ema.")
@click.option("--opset", type=int, metavar="N", help="Operator set, in place of the file's.")
@click.option(
    "--dtype",
    metavar="DTYPE",
    help="float16, bfloat16, float32 or float64, in place of the file's.",
)
@click.option(
    "--target",
    metavar="TARGET",
    shell_complete=completion.targets,
    help="What the model has to run on (cuda, web, ...), in place of the file's.",
)
@threshold_option
@nonfinite_option
@check_options
@format_option
def command(
    network: Path,
    weights: tuple[Path, ...],
    output: Path,
    entry: str | None,
    opset: int | None,
    dtype: str | None,
    target: str | None,
    external_threshold: int,
    output_format: str,
    **checking: Any,
) -> None:
    """Build the model that the TOML file NETWORK describes.

    The notation of NETWORK is described in onnxwright/pages/network-file.md. With --check or
    --expect the model is run first, on the float64 reference and on NumPy (or --on): it is written
    only if it gives what the framework gave, else the exit code is 1.
    """
    check = Check(**checking)
    check_outputs([output], [network, *weights, *check.files()])
    _check_kinds(network, weights)
    changed = {"opset": opset, "dtype": dtype, "target": target}
    overrides = {name: value for name, value in changed.items() if value is not None}
    net = _network(network, weights, entry, overrides)
    for place, file in enumerate(weights):
        key = DIGEST_KEY if len(weights) == 1 else f"{DIGEST_KEY}.{place}"
        net.metadata.setdefault(key, sha256(file))
    write(net, output, external_threshold, check, output_format)


def write(
    net: Network, output: Path, external_threshold: int, check: Check, output_format: str
) -> None:
    """Check the network as asked, write it, and say what was written."""
    translation = check_network(net, check)
    stop_unless_passed(translation, output, output_format)
    net.save(output, external_threshold=external_threshold * MIB)
    found = inspect(read_model(output, embedded=False))
    if output_format == "json":
        more = {} if translation is None else {"translation": translation.to_json()}
        print_json(as_json(output, found) | more)
    else:
        print_table(as_table(output, found))


def _check_kinds(network: Path, weights: Sequence[Path]) -> None:
    """Refuse files that are given in each other's place, by what they are."""
    kind = MODEL if network.suffix.lower() == ".onnx" else recognised(network)
    if kind is not None and kind is not NETWORK:
        place = f"write onnxwright build NETWORK.toml -w {network}"
        raise BenchError(
            f"{network} is {kind.what}, not a network file",
            place if kind.weights else "give the .toml file that describes the network",
        )
    for file in weights:
        if recognised(file) is NETWORK:
            raise BenchError(
                f"{file} is a network file, not a weights file",
                f"write onnxwright build {file} -w WEIGHTS",
            )


def _network(
    file: Path, weights: Sequence[Path], entry: str | None, overrides: Mapping[str, Any]
) -> Network:
    try:
        return read_network(file, join_weights(weights, entry), **overrides)
    except SpecError as error:
        if weights or "there is no array" not in error.problem:
            raise
        raise BenchError(
            f"{file} takes its arrays from a weights file, and none is given",
            "add --weights FILE",
        ) from error


def join_weights(files: Sequence[Path], entry: str | None = None) -> dict[str, Array]:
    """Return the arrays of all files by name.

    Raises
    ------
    BenchError
        Two files have an array of the same name.
    WeightError
        A file cannot be read.
    """
    arrays: dict[str, Array] = {}
    for file in files:
        loaded = load_weights(file, entry)
        twice = sorted(arrays.keys() & loaded.keys())
        if twice:
            raise BenchError(
                f"weights file {file}: array {twice[0]!r} is in an earlier file too",
                "give each array once",
            )
        arrays |= loaded
    return arrays


def sha256(file: Path) -> str:
    """Return the hexadecimal digest of a file, which goes into the model's metadata."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def as_json(model: Path, found: Inspection) -> dict[str, Any]:
    """Return the facts for a program."""
    return {
        "schema_version": 1,
        "model": str(model),
        "model_bytes": model.stat().st_size,
        "parameters": found.parameters,
        "parameter_bytes": found.parameter_bytes,
        "nodes": found.nodes,
        "opset": found.opsets.get("ai.onnx"),
        "ir_version": found.ir_version,
        "inputs": [info.name for info in found.inputs],
        "outputs": [info.name for info in found.outputs],
        "metadata": found.metadata,
    }


def as_table(model: Path, found: Inspection) -> Table:
    """Return the facts for a person."""
    facts = as_json(model, found)
    table = Table("fact", "value", title=escape(f"built {model}"))
    table.add_row("file", f"{facts['model_bytes']:,} bytes")
    table.add_row("parameters", f"{found.parameters:,} in {found.parameter_bytes:,} bytes")
    table.add_row("opset, IR", f"{facts['opset']}, {found.ir_version}")
    table.add_row("nodes", str(found.nodes))
    for kind in ("inputs", "outputs"):
        table.add_row(kind, escape(", ".join(facts[kind])))
    return table
