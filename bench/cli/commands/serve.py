"""``onnxwright serve``: models over the Open Inference Protocol from this machine."""

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from ....runtime import load
from ....runtime.protocol.hosts import is_here
from ....runtime.protocol.tokens import read_token
from ....runtime.server.folder import Found, folder_models, named_models
from ....runtime.server.model import Spec
from ....runtime.server.settings import Addresses, Batching, Limits, Listening, SequenceLimits
from ...errors import BenchError
from ...plan.settings import parse_bytes
from ..joining import check_joining
from ..options import limits, load_options
from ..sectioned import SectionedCommand
from ..serve_options import EXAMPLES, SECTIONS, serve_options
from ..terminal import stderr_console, tell


@click.command("serve", cls=SectionedCommand, sections=SECTIONS, examples=EXAMPLES)
@click.argument("models", nargs=-1, metavar="[[NAME=]MODEL]...")
@serve_options
def command(
    models: tuple[str, ...], repository: Path | None, output_format: str, **options: Any
) -> None:
    """Serve MODELs over the Open Inference Protocol v2 until Ctrl+C or SIGTERM.

    Other programs then run them at http://HOST:PORT/v2/models/NAME, as `onnxwright run --on` does.
    """
    from ....runtime.server.serving import serve_here

    def ready(addresses: Addresses) -> None:
        say = _as_json if output_format == "json" else _as_text
        click.echo(say(found, addresses))
        sys.stdout.flush()

    _check_installed()
    listening = _listening(options)
    for line in _open_to_others(listening):
        tell(stderr_console(), line, warning=True)
    found = _found(models, repository)
    serve_here(_specs(found, options), listening, _limits(options), ready)


def _open_to_others(listening: Listening) -> Iterator[str]:
    """Yield what others can do where the server listens beyond this machine."""
    if is_here(listening.host):
        return
    if listening.token is None:
        yield (
            "everybody who reaches this port may ask: --token-file or --token-env asks them a token"
        )
    elif listening.certificate is None:
        yield "the token comes unencrypted: --tls-cert and --tls-key keep it from others"


def _as_text(found: Sequence[Found], addresses: Addresses) -> str:
    """Return the one line that says where the models are."""
    where = f"{addresses.http}/v2/models/"
    names = ", ".join(dict.fromkeys(quote(each.name) for each in found))
    one = where + names if len(found) == 1 else f"{where}NAME for {names}"
    more = "" if addresses.grpc is None else f" and {addresses.grpc}/NAME"
    return f"serving at {one}{more} (Ctrl+C stops)"


def _as_json(found: Sequence[Found], addresses: Addresses) -> str:
    """Return the same for a program, in one line too."""
    models = [
        {
            "name": each.name,
            "version": each.version,
            "url": f"{addresses.http}/v2/models/{quote(each.name)}/versions/{each.version}",
        }
        for each in found
    ]
    return json.dumps({"schema_version": 1, **asdict(addresses), "models": models})


def _check_installed() -> None:
    if importlib.util.find_spec("uvicorn") is None:
        raise BenchError(
            "serving needs uvicorn, which is not there", "pip install 'onnxwright[serve]'"
        )


def _found(models: tuple[str, ...], repository: Path | None) -> list[Found]:
    found = [*named_models(models), *(folder_models(repository) if repository else ())]
    if not found:
        raise BenchError("there is nothing to serve", "give MODEL.onnx, or --repository DIR")
    return found


def _listening(options: Mapping[str, Any]) -> Listening:
    certificate, key = options["tls_cert"], options["tls_key"]
    if (certificate is None) != (key is None):
        raise BenchError("TLS needs a certificate and its key", "give --tls-cert and --tls-key")
    token = read_token(options["token_file"], options["token_env"])
    return Listening(
        options["host"], options["port"], options["grpc_port"], certificate, key, token
    )


def _limits(options: Mapping[str, Any]) -> Limits:
    largest = parse_bytes(options["max_request"], "--max-request")
    return Limits(
        request_bytes=largest,
        json_bytes=min(largest, Limits().json_bytes),
        timeout_s=options["timeout"],
        queue=options["queue"],
    )


def _specs(found: Sequence[Found], options: Mapping[str, Any]) -> list[Spec]:
    """Load every model as often as it may run at the same time."""
    names = ("threads", "exact_int8", "optimization", "strict", "provider_options")
    loading = load_options(**{name: options[name] for name in names})
    loading |= limits(options["memory_limit"], options["max_steps"], options["no_map"])
    batching = Batching(options["max_batch"], options["max_delay"] / 1000)
    kept = SequenceLimits(options["max_sequences"], options["sequence_timeout"])
    sequences = kept if options["states"] == "server" else None
    specs = []
    for each in found:
        runners = tuple(
            load(each.path, on=options["on"], **loading) for _ in range(options["instances"])
        )
        if batching.most > 1:
            check_joining(each.name, each.path, runners[0])
        specs.append(Spec(each.name, each.version, runners, batching, sequences))
    return specs
