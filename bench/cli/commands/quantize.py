"""``onnxwright quantize``: 8-bit weights by onnxruntime's tools, and what they left as it was."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import click
from rich.table import Table

from ....files import atomic_write, check_outputs, model_files, read_model
from ....graphs.quantization.run import Quantization, quantize
from ...errors import BenchError
from ...model.arrays import read_inputs
from ...reports.cells import cell
from ...reports.printable import printable
from ..options import output_option
from ..terminal import format_option, print_json, print_table


@click.command(name="quantize")
@click.argument("model", type=click.Path(path_type=Path))
@output_option("The quantized model's file.")
@click.option(
    "--mode",
    type=click.Choice(["dynamic", "static"]),
    default="dynamic",
    show_default=True,
    help="Scales of activations: taken at run time, or from calibration data.",
)
@click.option(
    "--calibration",
    "-c",
    "calibration",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="One .npz with the model's inputs per batch; give it again for more batches.",
)
@click.option("--per-channel", is_flag=True, help="One scale per output channel.")
@click.option("--reduce-range", is_flag=True, help="7-bit weights, for x86 without VNNI.")
@format_option
def command(
    model: Path,
    output: Path,
    mode: Literal["dynamic", "static"],
    calibration: tuple[Path, ...],
    per_channel: bool,
    reduce_range: bool,
    output_format: str,
) -> None:
    """Store the weights of MODEL as 8-bit integers and say which layers stayed as they were.

    A layer that stays is no failure: GRU and RNN have no 8-bit form, and LSTM has one in dynamic
    mode only. What it costs in accuracy is for ``onnxwright verify`` to say.
    """
    check_outputs([output], chain(model_files(model), calibration))
    _check_calibration(mode, calibration)
    batches = [read_inputs([str(file)]) for file in calibration]
    made = quantize(
        read_model(model),
        mode,
        calibration=batches,
        per_channel=per_channel,
        reduce_range=reduce_range,
    )
    with atomic_write(output) as stream:
        stream.write(made.model.SerializeToString(deterministic=True))
    if output_format == "json":
        print_json(as_json(model, output, mode, made))
    else:
        print_table(as_table(output, made))
    for node in made.left:
        what = f"left as it was: {node.op} '{node.name}': {node.reason}"
        click.echo(printable(what), err=True)


def _check_calibration(mode: str, files: Sequence[Path]) -> None:
    """Refuse static quantization without data, and data that nothing would read."""
    if mode == "static" and not files:
        raise BenchError(
            "--mode static takes the scales of activations from calibration data, and there is "
            "none",
            "give --calibration FILE.npz with the model's inputs, once a batch; or --mode dynamic",
        )
    if mode == "dynamic" and files:
        raise BenchError(
            "--mode dynamic takes scales at run time, and uses no calibration data",
            "leave out --calibration, or give --mode static",
        )


def as_json(source: Path, output: Path, mode: str, made: Quantization) -> dict[str, Any]:
    """Return what was done for a program."""
    return {
        "schema_version": 1,
        "source": str(source),
        "model": str(output),
        "mode": mode,
        "source_bytes": source.stat().st_size,
        "model_bytes": output.stat().st_size,
        "nodes": [vars(node) for node in made.nodes],
    }


def as_table(output: Path, made: Quantization) -> Table:
    """Return what was done for a person."""
    size = output.stat().st_size
    table = Table(title=cell(f"{output}: {size:,} bytes"))
    for heading in ("layer", "operator", "where", "8-bit", "why not"):
        table.add_column(heading)
    for node in made.nodes:
        done = "yes" if node.quantized else "no"
        table.add_row(cell(node.name), cell(node.op), cell(node.where), done, cell(node.reason))
    return table
