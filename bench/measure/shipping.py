"""A worker's request with its files, so that another machine can run it."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...external import external_tensors, locate
from ...files import read_model
from ..codec import encode
from .conditions import between, snapshot
from .launch import WorkerLimits, launch

INPUTS = ("model", "empty_model", "feeds")
Files = dict[str, bytes]


def input_files(request: Mapping[str, Any]) -> dict[str, dict[str, Path]]:
    """Return for each input of a request its files by relative name, the named one first.

    A model with external data has more than one: they keep their places relative to it.
    """
    found: dict[str, dict[str, Path]] = {}
    for key in INPUTS:
        if request.get(key):
            path = Path(request[key])
            found[key] = {path.name: path}
            if key == "model":
                for tensor in external_tensors(read_model(path, embedded=False)):
                    held = locate(tensor, path.parent).path
                    found[key][str(held.relative_to(path.parent))] = held
    return found


def run_shipped(
    python: str, request: Mapping[str, Any], limits: WorkerLimits, inputs: Mapping[str, Files]
) -> tuple[dict[str, Any], Files]:
    """Run a request on this machine with the files shipped along; return the outcome and files.

    `python` is "" for the interpreter that runs this. The files that come back are ``outputs``
    and ``profile``, where the request asks for them. The outcome has this machine's
    ``conditions``.
    """
    with tempfile.TemporaryDirectory(prefix="onnxwright-node-") as name:
        folder, local = Path(name), dict(request)
        for key, files in inputs.items():
            for relative, content in files.items():
                target = folder / key / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            local[key] = str(folder / key / next(iter(files)))
        wanted = [key for key in ("outputs", "profile_to") if request.get(key)]
        local |= {key: str(folder / key) + (".npz" if key == "outputs" else "") for key in wanted}
        before = snapshot()
        outcome = launch(python or sys.executable, local, limits)
        outcome["conditions"] = encode(between(before, snapshot()))
        return outcome, _produced(outcome, local)


def unpack(outcome: dict[str, Any], produced: Files, request: Mapping[str, Any]) -> dict[str, Any]:
    """Put the files that came back where the request wanted them; return the outcome."""
    if "outputs" in produced:
        Path(request["outputs"]).write_bytes(produced["outputs"])
    if "profile" in produced:
        path = Path(request["profile_to"] + ".json")
        path.write_bytes(produced["profile"])
        outcome["result"]["profile"]["file"] = str(path)
    return outcome


def _produced(outcome: Mapping[str, Any], local: Mapping[str, Any]) -> Files:
    files = {}
    if outcome["status"] == "ok":
        if local.get("outputs"):
            files["outputs"] = Path(local["outputs"]).read_bytes()
        if outcome["result"].get("profile"):
            files["profile"] = Path(outcome["result"]["profile"]["file"]).read_bytes()
    return files
