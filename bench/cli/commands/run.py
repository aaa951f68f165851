"""``onnxwright run``: one run of a model on one runtime."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.table import Table

from ....files import check_outputs, model_files, read_model
from ....runtime import load
from ...errors import BenchError
from ...model.arrays import Value, input_files, joined, read_inputs, write_arrays
from ...model.attempts import run_chosen
from ...model.inputs import parse_dims, typed
from ...reports.cells import cell
from ..options import (
    input_options,
    limit_options,
    limits,
    load_options,
    on_option,
    options_on,
    session_options,
)
from ..terminal import format_option, print_json, print_table, stderr_console, tell


@click.command(name="run")
@click.argument("model", type=click.Path(path_type=Path), required=False)
@on_option
@session_options
@limit_options
@input_options
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Write the outputs to this file.",
)
@format_option
def command(
    model: Path | None,
    on: str,
    threads: int | None,
    exact_int8: bool,
    optimization: str | None,
    strict: bool,
    provider_options: tuple[str, ...],
    memory_limit: str | None,
    max_steps: int | None,
    no_map: bool,
    inputs: tuple[str, ...],
    dims: tuple[str, ...],
    seed: int | None,
    output: Path | None,
    output_format: str,
) -> None:
    """Run MODEL once and write its outputs to a file, or print a summary of them.

    Inputs that are not given are an error, unless --seed asks for random ones. A served model
    (--on URL) needs no MODEL; where one is given, it must have the same inputs and outputs.
    """
    if output is not None and output.suffix != ".npz":
        raise BenchError(f"-o {output} is no .npz file", f"write -o {output.stem}.npz")
    check_outputs([output], chain(model_files(model), input_files(inputs)))
    feeds = read_inputs(inputs)
    sizes = parse_dims(dims)
    options = load_options(threads, exact_int8, optimization, strict, provider_options)
    runner = load(model, on, **options_on(on, options), **limits(memory_limit, max_steps, no_map))
    if seed is not None and model is None:
        raise BenchError("random inputs need the model", "give MODEL too, or all inputs")
    if seed is not None and model is not None:
        proto = read_model(model, embedded=False)
        chosen = run_chosen(proto, runner.inputs, feeds, runner.run, dims=sizes, seed=seed)
        outputs = chosen.result
        if chosen.note:
            tell(stderr_console(), chosen.note)
    else:
        outputs = runner.run(feeds | typed(runner.inputs, feeds))
    if output is not None:
        write_arrays(output, outputs)
        click.echo(f"wrote {len(outputs)} arrays to {output}", err=True)
    elif output_format == "table":
        print_table(_table(outputs))
    if output_format == "json":
        rows = [_summary(name, array) for name, array in outputs.items()]
        print_json({"schema_version": 1, "on": runner.on, "outputs": rows})


def _summary(name: str, array: Value) -> dict[str, Any]:
    """Describe an array, or a sequence's elements in a row.

    The statistics are over its finite values, None where there are none.
    """
    array = joined(array)
    row: dict[str, Any] = {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}
    numeric = array.dtype.kind in "biufV"
    values = array.astype(np.float64) if numeric else np.empty(0)
    finite = values[np.isfinite(values)]
    for label, reduce in (("min", np.min), ("mean", np.mean), ("max", np.max)):
        row[label] = float(reduce(finite)) if finite.size else None
    row["not_finite"] = int(values.size - finite.size)
    return row


def _table(outputs: Mapping[str, Value]) -> Table:
    table = Table("output", "dtype", "shape", "min", "mean", "max", "not finite")
    for name, array in outputs.items():
        row = _summary(name, array)
        numbers = ("-" if row[key] is None else f"{row[key]:.6g}" for key in ("min", "mean", "max"))
        shape = " x ".join(map(str, row["shape"])) or "scalar"
        table.add_row(cell(name), row["dtype"], shape, *numbers, str(row["not_finite"]))
    return table
