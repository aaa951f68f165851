"""``onnxwright draft``: a network file from the arrays of a weights file."""

from pathlib import Path

import click

from ....files import atomic_write, check_outputs
from ....graphs.checkpoints.load import read_weights
from ....graphs.checkpoints.recognise import summaries
from ....graphs.errors import WeightError
from ....graphs.spec.draft import Draft, draft_network
from ..options import output_option
from ..terminal import format_option, print_json


@click.command(name="draft")
@click.argument("weights", type=click.Path(path_type=Path))
@output_option("The network file, .toml.")
@click.option("--entry", metavar="NAME", help="The part of a checkpoint to take, such as ema.")
@click.option("--force", is_flag=True, help="Write over a network file that is there already.")
@format_option
def command(
    weights: Path, output: Path, entry: str | None, force: bool, output_format: str
) -> None:
    """Draft a network file from the arrays in WEIGHTS.

    WEIGHTS is a file of PyTorch's (.pt, .pth, .bin), or a .safetensors or .npz with the names of a
    PyTorch state dict. What arrays cannot tell (activations, strides, pooling, where a head is
    attached) is marked CHOOSE, with the choices. See docs/checkpoints.md.
    """
    check_outputs([output], [weights])
    if output.exists() and not force:
        raise WeightError(
            f"{output} is there already, perhaps with choices that were made in it",
            "give another -o, or --force to write over it",
        )
    loaded = read_weights(weights, entry)
    draft = draft_network(loaded.arrays, weights.name)
    with atomic_write(output) as stream:
        stream.write(draft.text.encode())
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
