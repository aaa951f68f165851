"""``onnxwright extract``: the weights of a model's layers under a framework's names."""

from pathlib import Path

import click
import safetensors.numpy

from ....files import atomic_write, check_outputs, model_files
from ....graphs import read
from ....graphs.extract import LAYOUTS, extract
from ...errors import BenchError
from ...model.arrays import write_arrays
from ..options import output_option
from ..terminal import format_option, print_json


@click.command(name="extract")
@click.argument("model", type=click.Path(path_type=Path))
@output_option("The weights file, .safetensors or .npz.")
@click.option(
    "--layout",
    type=click.Choice(list(LAYOUTS)),
    default="torch",
    show_default=True,
    help="Whose names and order of gates the arrays get.",
)
@format_option
def command(model: Path, output: Path, layout: str, output_format: str) -> None:
    """Write the weights of MODEL's layers as a framework has them.

    Read are Gemm, MatMul, Conv, BatchNormalization, RNN, LSTM and GRU, also recurrent layers that
    were written as a Scan or as steps. Tables of embeddings are not layers of MODEL, and stay out.
    """
    check_outputs([output], list(model_files(model)))
    if output.suffix not in (".safetensors", ".npz"):
        raise BenchError(
            f"{output} is to be a weights file, and its suffix {output.suffix!r} tells none",
            "call it FILE.safetensors or FILE.npz",
        )
    layers = read(model)
    if not layers:
        raise BenchError(
            f"no layer with weights is found in {model}",
            "what was folded or quantized is not found; see onnxwright inspect for its operators",
        )
    arrays = extract(layers, layout)
    if output.suffix == ".npz":
        write_arrays(output, arrays, raw=True)
    else:
        with atomic_write(output) as stream:
            stream.write(safetensors.numpy.save(arrays))
    if output_format == "json":
        found = {name: type(weights).__name__ for name, weights in layers.items()}
        facts = {"layout": layout, "layers": found, "arrays": list(arrays)}
        print_json({"schema_version": 1, "weights": str(output), **facts})
        return
    click.echo(f"{output}: {len(arrays)} arrays of {len(layers)} layers, as {layout} has them")
