"""A worker's request with its files, so that another machine can run it."""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...external import external_tensors, locate
from ...files import read_model
from .conditions import observed
from .launch import Ending, WorkerLimits, launch
from .wire import Answer, Request

INPUTS = ("model", "empty_model", "feeds")
Files = dict[str, bytes]


def input_files(request: Request) -> dict[str, dict[str, Path]]:
    """Return for each input of a request its files by relative name, the named one first.

    A model with external data has more than one: they keep their places relative to it.
    """
    found: dict[str, dict[str, Path]] = {}
    for key in INPUTS:
        if given := getattr(request, key):
            path = Path(given)
            found[key] = {path.name: path}
            if key == "model":
                for tensor in external_tensors(read_model(path, embedded=False)):
                    held = locate(tensor, path.parent).path
                    found[key][str(held.relative_to(path.parent))] = held
    return found


def run_shipped(
    python: str, request: Request, limits: WorkerLimits, inputs: Mapping[str, Files]
) -> tuple[Ending[Answer], Files]:
    """Run a request on this machine with the files shipped along; return its ending and files.

    `python` is "" for the interpreter that runs this. The files that come back are ``outputs``
    and ``profile``, where the request asks for them. The ending has this machine's conditions.
    """
    with tempfile.TemporaryDirectory(prefix="onnxwright-node-") as name:
        folder = Path(name)
        written = {key: _write(folder / key, files) for key, files in inputs.items()}
        local = replace(
            request,
            model=written["model"],
            feeds=written["feeds"],
            empty_model=written.get("empty_model"),
            outputs=request.outputs and str(folder / "outputs.npz"),
            profile_to=request.profile_to and str(folder / "profile"),
        )
        ending, around = observed(lambda: launch(python or sys.executable, local, limits))
        return replace(ending, conditions=around), _produced(ending.result, local)


def unpack(ending: Ending[Answer], produced: Files, request: Request) -> Ending[Answer]:
    """Put the files that came back where the request wanted them; return the ending."""
    if request.outputs and "outputs" in produced:
        Path(request.outputs).write_bytes(produced["outputs"])
    answer = ending.result
    if answer and answer.profile and request.profile_to and "profile" in produced:
        path = Path(request.profile_to + ".json")
        path.write_bytes(produced["profile"])
        profile = replace(answer.profile, file=str(path))
        return replace(ending, result=replace(answer, profile=profile))
    return ending


def _write(folder: Path, files: Files) -> str:
    """Write an input's files into `folder`; return the path of the first, which is named."""
    for relative, content in files.items():
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return str(folder / next(iter(files)))


def _produced(answer: Answer | None, local: Request) -> Files:
    files = {}
    if answer and local.outputs:
        files["outputs"] = Path(local.outputs).read_bytes()
    if answer and answer.profile:
        files["profile"] = Path(answer.profile.file).read_bytes()
    return files
