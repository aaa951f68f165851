"""The options of ``onnxwright serve``, the headings they stand under in its help, and examples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ...runtime.server.settings import Limits, SequenceLimits
from .options import Finite, limit_options, on_option, session_options
from .terminal import format_option

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LIMITS, _SEQUENCES = Limits(), SequenceLimits()

SECTIONS = {
    "What is served": ("--on", "--repository", "--instances", "--states"),
    "Where": ("--host", "--port", "--grpc-port"),
    "Who may ask": ("--tls-cert", "--tls-key", "--token-file", "--token-env"),
    "Joining requests": ("--max-batch", "--max-delay"),
    "What a request may take": ("--max-request", "--timeout", "--queue"),
    "States that are kept here": ("--max-sequences", "--sequence-timeout"),
    "How the model is loaded": (
        "--threads",
        "--exact-int8",
        "--optimization",
        "--strict",
        "--provider-option",
        "--memory-limit",
        "--max-steps",
        "--no-map",
    ),
    "Other": ("--format", "--help"),
}
EXAMPLES = {
    "a model on onnxruntime, over HTTP and gRPC": (
        "onnxwright serve tagger.onnx --on cpu --grpc-port 8001"
    ),
    "requests of one shape share a run, up to 8 rows, waiting 2 ms at most": (
        "onnxwright serve tagger.onnx --on cpu --max-batch 8 --max-delay 2"
    ),
    "a streaming model whose states stay at the server": (
        "onnxwright serve stream.onnx --states server"
    ),
    "every NAME/VERSION/model.onnx of a folder": "onnxwright serve --repository models",
    "for other machines, encrypted, for those who know the token": (
        "onnxwright serve net.onnx --host 0.0.0.0 --tls-cert c.pem --tls-key k.pem --token-env T"
    ),
}

OPTIONS = (
    click.option(
        "--repository",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Serve every NAME/VERSION/model.onnx of a folder too.",
    ),
    on_option,
    session_options,
    limit_options,
    click.option(
        "--instances",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Runs of one model at the same time, each with the model loaded anew.",
    ),
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at."),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help="HTTP port; 0 for any that is free.",
    ),
    click.option(
        "--grpc-port",
        type=click.IntRange(0, 65535),
        help="gRPC port; 0 for any that is free.  [default: no gRPC]",
    ),
    click.option(
        "--tls-cert", type=click.Path(path_type=Path), help="Certificate chain, a PEM file."
    ),
    click.option("--tls-key", type=click.Path(path_type=Path), help="Its private key, a PEM file."),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        help="Answer only those who show the bearer token in this file.",
    ),
    click.option("--token-env", metavar="NAME", help="The same, of a variable's token."),
    click.option(
        "--max-batch",
        type=click.IntRange(1, 65536),
        default=1,
        show_default=True,
        help="Join requests of one shape into runs of at most so many rows.",
    ),
    click.option(
        "--max-delay",
        type=Finite(0, 10_000),
        default=0.0,
        show_default=True,
        help="Milliseconds that a request waits for others to join it.",
    ),
    click.option(
        "--states",
        type=click.Choice(["client", "server"]),
        default="client",
        show_default=True,
        help="Who keeps the states of a streaming model between requests.",
    ),
    click.option(
        "--max-sequences",
        type=click.IntRange(1, 1_000_000),
        default=_SEQUENCES.most,
        show_default=True,
        help="Sequences under way at once; more are refused (503).",
    ),
    click.option(
        "--sequence-timeout",
        type=Finite(0.01, 1e6),
        default=_SEQUENCES.idle_s,
        show_default=True,
        help="Seconds without a request after which a sequence is forgotten.",
    ),
    click.option(
        "--max-request", default="64M", show_default=True, help="Size of the largest request."
    ),
    click.option(
        "--timeout",
        type=Finite(0.01, 1e5),
        default=_LIMITS.timeout_s,
        show_default=True,
        help="Seconds for one request, from its first byte to its answer.",
    ),
    click.option(
        "--queue",
        type=click.IntRange(1, 1_000_000),
        default=_LIMITS.queue,
        show_default=True,
        help="Requests that may wait for one model; more are refused (503).",
    ),
    format_option,
)


def serve_options(command: _Command) -> _Command:
    """Add all options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
