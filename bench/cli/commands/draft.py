"""``onnxwright draft``: a network file from the arrays of a weights file."""

from pathlib import Path

import click

from ....files import atomic_write, check_outputs
from ....graphs.checkpoints.load import KERAS, read_weights
from ....graphs.checkpoints.recognise import summaries
from ....graphs.errors import WeightError
from ....graphs.keras.archive import has_architecture
from ....graphs.spec.draft import Draft, draft_network
from ..options import output_option
from ..terminal import format_option, print_json


@click.command(name="draft")
@click.argument("weights", type=click.Path(path_type=Path))
@output_option("The network file, .toml.")
@click.option("--entry", metavar="NAME", help="The part of a checkpoint to take, such as ema.")
@click.option(
    "--lengths", is_flag=True, help="Sequences are packed: recurrent layers take their lengths."
)
@click.option("--force", is_flag=True, help="Write over a network file that is there already.")
@format_option
def command(
    weights: Path,
    output: Path,
    entry: str | None,
    lengths: bool,
    force: bool,
    output_format: str,
) -> None:
    """Draft a network file from the arrays in WEIGHTS.

    WEIGHTS is a file of PyTorch's (.pt, .pth, .bin) or of Keras's (.weights.h5), or a .safetensors
    or .npz with names as these have them. What arrays cannot tell (activations, strides, pooling,
    where a head is attached) is marked CHOOSE, with the choices. See
    onnxwright/pages/checkpoints.md.
    """
    check_outputs([output], [weights])
    if output.exists() and not force:
        raise WeightError(
            f"{output} is there already, perhaps with choices that were made in it",
            "give another -o, or --force to write over it",
        )
    loaded = read_weights(weights, entry)
    draft = draft_network(loaded.arrays, weights.name, lengths=lengths)
    with atomic_write(output) as stream:
        stream.write(draft.text.encode())
    if loaded.format == KERAS.name and has_architecture(weights):
        told = f"onnxwright convert {weights} -o net.onnx makes a model of it at once"
        click.echo(f"{weights} holds its architecture: {told}", err=True)
    if output_format == "json":
        print_json(_as_json(weights, output, loaded.entry, draft))
        return
    taken = f" (its part {loaded.entry!r})" if loaded.entry else ""
    click.echo(f"{output}: {len(draft.parts)} layers from {weights}{taken}")
    click.echo(f"{draft.marks} lines are marked CHOOSE, {draft.to_fill_in} have to be filled in;")
    click.echo(f"then: onnxwright build {output} -w {weights} -o net.onnx --check io.npz")


def _as_json(weights: Path, output: Path, entry: str, draft: Draft) -> dict[str, object]:
    return {
        "schema_version": 1,
        "network": str(output),
        "weights": str(weights),
        "entry": entry,
        "layers": [{"name": name, "is": told} for name, told in summaries(draft.parts)],
        "marks": draft.marks,
        "to_fill_in": draft.to_fill_in,
    }
