"""``onnxwright verify``: a runtime's outputs against the float64 reference."""

import sys
from pathlib import Path

import click

from ...files import read_model
from ...runtime.interpreter.signature import signature
from ..arrays import read_inputs
from ..inputs import fill_inputs, parse_dims
from ..options import input_options, load_options, runtime_options
from ..reports.verification import as_json, as_lines, as_table
from ..terminal import format_option, print_json, print_table
from ..verification import Limits, verify


@click.command(name="verify")
@click.argument("model", type=click.Path(path_type=Path))
@runtime_options
@input_options
@click.option("--atol", type=click.FloatRange(min=0), help="Absolute tolerance [float32: 1e-4].")
@click.option("--rtol", type=click.FloatRange(min=0), help="Relative tolerance [float32: 1e-5].")
@click.option(
    "--tap-memory",
    type=click.IntRange(min=1),
    default=512,
    show_default=True,
    help="MiB for the intermediate values looked at in one run.",
)
@click.option("--no-search", is_flag=True, help="Do not look for the first divergent node.")
@format_option
def command(
    model: Path,
    on: str,
    threads: int | None,
    optimization: str | None,
    strict: bool,
    provider_options: tuple[str, ...],
    inputs: tuple[str, ...],
    dims: tuple[str, ...],
    seed: int | None,
    atol: float | None,
    rtol: float | None,
    tap_memory: int,
    no_search: bool,
    output_format: str,
) -> None:
    """Compare MODEL's outputs on a runtime with the float64 NumPy reference.

    Inputs that are not given are random, the same for the same --seed (0 if left out). Exits with
    1 when an output disagrees, and names the first node that does.
    """
    options = load_options(threads, optimization, strict, provider_options)
    given = read_inputs(inputs)
    proto = read_model(model, embedded=False)
    needed, _, _ = signature(proto, None)
    feeds = fill_inputs(proto, needed, given, dims=parse_dims(dims), seed=seed or 0)
    limits = Limits(atol, rtol, tap_memory * 2**20)
    result = verify(model, on, feeds, limits, search=not no_search, **options)
    if output_format == "json":
        print_json(as_json(result))
    else:
        print_table(as_table(result))
        for line in as_lines(result):
            click.echo(line)
    if not result.passed:
        sys.exit(1)
