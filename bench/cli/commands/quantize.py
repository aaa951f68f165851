"""``onnxwright quantize``: weights of fewer bits, what that costs, and what stayed as it was."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import click
import onnx

from ....files import atomic_write, check_outputs, model_files, read_model
from ....graphs.quantization.tools import METHODS
from ....runtime.interpreter.signature import signature
from ....runtime.ort.saturation import int8_saturates
from ...errors import BenchError
from ...model.arrays import input_files, read_inputs
from ...model.inputs import fill_inputs, parse_dims
from ...reports.printable import printable
from ...reports.quantized import answer, as_json, layers_table, lines
from ...verify.quantizing import Arrays, quantize_measured
from ..options import input_options, output_option
from ..terminal import format_option, print_json, print_table

PROCESSORS = ("any", "this-machine", "x86", "x86-vnni", "arm")
SATURATING = {"any": True, "x86": True, "x86-vnni": False, "arm": False}
"""Whether products of 8 by 8 bits may saturate there, so that weights get 7."""
Mode = Literal["dynamic", "static", "weight-only"]


@click.command(name="quantize")
@click.argument("model", type=click.Path(path_type=Path))
@output_option("The quantized model's file.")
@click.option(
    "--mode",
    type=click.Choice(["dynamic", "static", "weight-only"]),
    default="dynamic",
    show_default=True,
    help="Scales of activations: taken at run time, from calibration data, or none.",
)
@click.option(
    "--for",
    "processor",
    type=click.Choice(PROCESSORS),
    default="any",
    show_default=True,
    help="Where it will run: x86 without VNNI gets 7-bit weights, for its products saturate.",
)
@click.option(
    "--bits",
    type=click.Choice(["8", "4"]),
    default="8",
    show_default=True,
    help="Bits of a weight, with --mode weight-only.",
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
@click.option(
    "--calibration-method",
    "method",
    type=click.Choice(list(METHODS)),
    default="minmax",
    show_default=True,
    help="How static ranges are chosen from what the activations were.",
)
@click.option(
    "--per-channel/--per-array",
    default=None,
    help="A scale for each output channel, or one for all.  [default: per channel where that is "
    "nearer by a fifth]",
)
@click.option(
    "--reduce-range/--full-range",
    default=None,
    help="7-bit or 8-bit weights.  [default: what --for asks for]",
)
@input_options
@format_option
def command(
    model: Path,
    output: Path,
    mode: Mode,
    processor: str,
    bits: str,
    calibration: tuple[Path, ...],
    method: str,
    per_channel: bool | None,
    reduce_range: bool | None,
    inputs: tuple[str, ...],
    dims: tuple[str, ...],
    seed: int | None,
    output_format: str,
) -> None:
    r"""Store the weights of MODEL in 8 or fewer bits, and measure what that costs.

    Scales per channel and per array are both tried where neither is asked for; those per channel,
    which cost time, are kept where their outputs are nearer to MODEL's by a fifth: on the inputs
    given, else the first calibration batch, else random ones. Batch normalisations behind
    convolutions are folded into their weights. Large GRU and RNN layers, which have no 8-bit
    operator, become a Scan of 8-bit products. A layer that stays as it was is no failure; the
    reason is told.

    \b
    Examples:
      onnxwright quantize net.onnx -o net.int8.onnx --input x=images.npy
      onnxwright quantize net.onnx -o net.int8.onnx --for this-machine
      onnxwright quantize net.onnx -o net.int8.onnx --mode static -c batch.npz
    """
    check_outputs([output], chain(model_files(model), calibration, input_files(inputs)))
    _check_options(mode, calibration, bits, per_channel, reduce_range)
    batches = [read_inputs([str(file)]) for file in calibration]
    given = read_inputs(inputs) or (batches[0] if batches else {})
    source = read_model(model)
    reduced = _saturates(processor) if reduce_range is None else reduce_range
    ways = [per_channel] if per_channel is not None else [False, True]
    choices = quantize_measured(
        source,
        _feeds(source, given, parse_dims(dims), seed),
        [False] if mode == "weight-only" else ways,
        made_up=not given,
        mode=mode,
        calibration=batches,
        method=method,
        reduce_range=reduced and mode != "weight-only",
        bits=int(bits),
    )
    made = choices[0].made
    with atomic_write(output) as stream:
        stream.write(made.model.SerializeToString(deterministic=True))
    if output_format == "json":
        print_json(as_json(model, output, mode, reduced, choices))
    else:
        click.echo(answer(model, output, choices[0]))
        print_table(layers_table(choices[0]))
        click.echo("\n".join(lines(choices, reduced, mode)))
    for node in made.left:
        what = f"left as it was: {node.op} '{node.name}': {node.reason}"
        click.echo(printable(what), err=True)


def _feeds(
    source: onnx.ModelProto, given: Arrays, sizes: dict[str, int], seed: int | None
) -> Arrays | None:
    """Return inputs to measure with: those given, the others at random; None if that fails."""
    needed, _, _ = signature(source, None)
    try:
        return fill_inputs(source, needed, given, dims=sizes, seed=seed or 0)
    except BenchError:
        if given or sizes:
            raise
        return None


def _saturates(processor: str) -> bool:
    """Say whether the processor may saturate; this machine's is tried."""
    if processor == "this-machine":
        return bool(int8_saturates())
    return SATURATING[processor]


def _check_options(
    mode: str,
    files: Sequence[Path],
    bits: str,
    per_channel: bool | None,
    reduce_range: bool | None,
) -> None:
    """Refuse static quantization without data, and options that nothing would read."""
    if mode == "static" and not files:
        raise BenchError(
            "--mode static takes the scales of activations from calibration data, and there is "
            "none",
            "give --calibration FILE.npz with the model's inputs, once a batch; or --mode dynamic",
        )
    if mode != "static" and files:
        raise BenchError(
            f"--mode {mode} uses no calibration data",
            "leave out --calibration, or give --mode static; errors are measured on --input",
        )
    if mode != "weight-only" and bits != "8":
        raise BenchError(f"--mode {mode} has 8 bits only", "give --mode weight-only for 4 bits")
    given: dict[str, Any] = {"--per-channel": per_channel, "--reduce-range": reduce_range}
    for option, value in given.items():
        if mode == "weight-only" and value is not None:
            raise BenchError(
                f"--mode weight-only has a scale for each block of weights, so {option} means "
                "nothing",
                f"leave {option} out",
            )
