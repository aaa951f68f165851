"""The options of ``onnxwright bundle``, the headings they stand under in its help, and examples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ...graphs.bundles import TARGETS
from .options import Finite

_Command = TypeVar("_Command", bound=Callable[..., Any])
_COUNT = click.IntRange(min=1)

SECTIONS = {
    "What is made": ("--for", "--output", "--replace", "--name", "--model-version"),
    "What is checked": ("--check",),
    "States of streamed models": ("--states", "--max-sequences", "--sequence-timeout"),
    "How it runs": ("--accelerator", "--instances", "--threads", "--warm-up", "--dim"),
    "Joining requests": ("--max-batch", "--max-delay"),
    "Of one target": ("--storage-uri", "--onnxruntime-web"),
    "Other": ("--format", "--help"),
}
EXAMPLES = {
    "a repository for Triton": "onnxwright bundle tagger.onnx --for triton -o repository",
    "a streaming model whose states stay at the server": (
        "onnxwright bundle ear.onnx --for triton --states server -o repository"
    ),
    "on GPUs, warmed up by chunks of 100 steps": (
        "onnxwright bundle tagger.onnx --for triton --accelerator cuda --warm-up 3 --dim time=100 "
        "-o repository"
    ),
    "the same under KServe": (
        "onnxwright bundle tagger.onnx --for kserve --storage-uri pvc://claim/models -o service"
    ),
    "a page that runs the model in the browser": (
        "onnxwright bundle net.onnx --for web --onnxruntime-web node_modules/onnxruntime-web "
        "-o page"
    ),
    "what a server would do with a folder": "onnxwright bundle --check repository",
}

OPTIONS = (
    click.option("--for", "target", metavar="TARGET", help=f"One of {', '.join(TARGETS)}."),
    click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The folder to make; it appears whole or not at all.",
    ),
    click.option("--replace", is_flag=True, help="Take the place of a bundle that is there."),
    click.option("--name", help="The model's name at the server.  [default: the file's]"),
    click.option("--model-version", "version", type=_COUNT, help="Its version.  [default: 1]"),
    click.option(
        "--check",
        "checked",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Hold a bundle against the rules of its target, also one made by hand.",
    ),
    click.option(
        "--states",
        type=click.Choice(["client", "server"]),
        help="Who carries the states from chunk to chunk.  [default: client]",
    ),
    click.option("--max-sequences", type=_COUNT, help="Streams at a time.  [default: 64]"),
    click.option(
        "--sequence-timeout",
        type=_COUNT,
        metavar="SECONDS",
        help="When a silent stream is forgotten.  [default: 60]",
    ),
    click.option(
        "--accelerator",
        metavar="NAME",
        help="cpu, or cuda, tensorrt, openvino, gpu, webgpu where the target has it.",
    ),
    click.option("--instances", type=_COUNT, help="Copies of the model that run at a time."),
    click.option("--threads", type=click.IntRange(1, 1024), help="Threads in one operator."),
    click.option("--warm-up", type=_COUNT, metavar="RUNS", help="Runs before it is ready."),
    click.option(
        "--dim",
        "dims",
        multiple=True,
        metavar="NAME=SIZE",
        help="Size of a named dim in the runs that warm up, or on the page.",
    ),
    click.option(
        "--max-batch",
        type=click.IntRange(min=0),
        help="Rows of waiting requests in one run; 0: none.  [default: 64 on Triton, else none]",
    ),
    click.option(
        "--max-delay",
        type=Finite(0),
        metavar="MS",
        help="How long a request may wait for others.  [default: not at all]",
    ),
    click.option(
        "--storage-uri",
        metavar="URI",
        help="Where KServe fetches the repository from: pvc://CLAIM/models, s3://..., ...",
    ),
    click.option(
        "--onnxruntime-web",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The npm package for a page: node_modules/onnxruntime-web.",
    ),
)


def bundle_options(command: _Command) -> _Command:
    """Add the options of the command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
