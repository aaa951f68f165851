"""``onnxwright convert``: a model that Keras has saved becomes an ONNX model."""

from pathlib import Path
from typing import Any

import click

from ....files import check_outputs
from ....graphs.keras import from_keras_file
from ....graphs.keras.convert import Masks
from .. import completion
from ..checked import Check, check_options
from ..nonfinite import nonfinite_option
from ..options import output_option, threshold_option
from ..terminal import format_option
from .build import DIGEST_KEY, sha256, write


@click.command(name="convert")
@click.argument("saved", type=click.Path(path_type=Path))
@output_option("The model's file.")
@click.option("--name", metavar="NAME", help="The model's name, in place of the one in the file.")
@click.option("--opset", type=int, metavar="N", help="Operator set.  [default: 17]")
@click.option(
    "--dtype",
    metavar="DTYPE",
    help="float16, bfloat16, float32 or float64.  [default: that of the file]",
)
@click.option(
    "--target",
    metavar="TARGET",
    shell_complete=completion.targets,
    help="What the model has to run on: cuda, web, ...",
)
@click.option(
    "--masks",
    type=click.Choice(["any", "end"]),
    default="any",
    show_default=True,
    help="Which steps may be masked: any, or promised to be the last ones of each row.",
)
@threshold_option
@nonfinite_option
@check_options
@format_option
def command(
    saved: Path,
    output: Path,
    name: str | None,
    opset: int | None,
    dtype: str | None,
    target: str | None,
    masks: Masks,
    external_threshold: int,
    output_format: str,
    **checking: Any,
) -> None:
    """Convert a .keras file, or a .h5 file of model.save, without Keras.

    Batch and time stay dynamic; inputs and outputs have Keras's names and shapes. A layer that is
    not known is named, and nothing is written. With --check or --expect the model is run first, on
    the float64 reference and on NumPy (or --on): it is written only if it gives what Keras gave,
    else the exit code is 1. See onnxwright/pages/checkpoints.md.
    """
    check = Check(**checking)
    check_outputs([output], [saved, *check.files()])
    net = from_keras_file(saved, name=name, opset=opset, dtype=dtype, target=target, masks=masks)
    net.metadata.setdefault(DIGEST_KEY, sha256(saved))
    write(net, output, external_threshold, check, output_format)
