"""``onnxwright extract``: the weights of a model's layers under a framework's names."""

from pathlib import Path

import click
import safetensors.numpy

from ....files import atomic_write, check_outputs, model_files
from ....graphs import read
from ....graphs.extract import LAYOUTS, extract
from ....graphs.weights.arrays import Array
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
    help="Whose names and order of gates the arrays get: torch by default.",
)
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="Write the network file too that MODEL was built from, and the arrays as it names them.",
)
@format_option
def command(
    model: Path, output: Path, layout: str | None, network: Path | None, output_format: str
) -> None:
    """Write the weights of MODEL's layers as a framework has them.

    Read are Gemm, MatMul, Conv, BatchNormalization, LayerNormalization, RNN, LSTM, GRU and tables
    of embeddings, also recurrent layers that were written as a Scan or as steps. A model that
    onnxwright wrote tells its whole network: --network writes it as a network file, from which
    onnxwright build makes the model again, for another target or opset if you like.
    """
    check_outputs([output, *([network] if network else [])], list(model_files(model)))
    if network and layout:
        raise BenchError(
            "--network names the arrays itself, --layout as a framework does",
            "give one of the two",
        )
    if output.suffix not in (".safetensors", ".npz"):
        raise BenchError(
            f"{output} is to be a weights file, and its suffix {output.suffix!r} tells none",
            "call it FILE.safetensors or FILE.npz",
        )
    layers = read(model)
    if not layers and not network:
        raise BenchError(
            f"no layer with weights is found in {model}",
            "what was folded or quantized is not found; see onnxwright inspect for its operators",
        )
    text, arrays = layers.network_file() if network else ("", extract(layers, layout or "torch"))
    write_weights(output, arrays)
    if network:
        with atomic_write(network) as stream:
            stream.write(text.encode())
    named = str(network) if network else layout or "torch"
    if output_format == "json":
        found = {name: type(weights).__name__ for name, weights in layers.items()}
        facts = {"layout": None if network else named, "network": network and named}
        told = {"layers": found, "arrays": list(arrays)}
        print_json({"schema_version": 1, "weights": str(output), **facts, **told})
        return
    click.echo(f"{output}: {len(arrays)} arrays of {len(layers)} layers, as {named} has them")


def write_weights(output: Path, arrays: dict[str, Array]) -> None:
    """Write a weights file, in the format that its suffix tells."""
    if output.suffix == ".npz":
        write_arrays(output, arrays, raw=True)
    else:
        with atomic_write(output) as stream:
            stream.write(safetensors.numpy.save(arrays))
