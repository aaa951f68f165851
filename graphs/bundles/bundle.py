"""A model and all that a server needs to run it, as one folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...files import model_files
from ...texts import did_you_mean
from .errors import BundleError
from .folder import MARKER, check_folder, write_folder
from .kserve import KSERVE
from .made import Target
from .mlserver import MLSERVER
from .openvino_server import OPENVINO_SERVER
from .options import Options
from .ray_serve import RAY_SERVE
from .readme import readme
from .subject import read_subject
from .triton import TRITON
from .web import WEB

TARGETS: Mapping[str, Target] = {
    target.name: target for target in (TRITON, KSERVE, MLSERVER, RAY_SERVE, OPENVINO_SERVER, WEB)
}
"""By name; adding a target is adding a file and a name here."""


@dataclass(frozen=True)
class Bundle:
    """A folder that was written."""

    folder: Path
    target: str
    name: str
    files: tuple[str, ...]
    start: str
    """The command that serves it, to be given in the folder."""
    notes: tuple[str, ...]


def bundle(
    model: str | os.PathLike[str],
    target: str,
    folder: str | os.PathLike[str],
    options: Options | None = None,
    *,
    replace: bool = False,
) -> Bundle:
    """Write the folder that a server needs to run a model: all of it or nothing.

    Names, dims, element types and states come from the model. States that the server could not
    batch or pair are laid out anew, by a Transpose at the graph's edge.

    Parameters
    ----------
    model
        The model's file; its external data travel along.
    target
        ``"triton"``, ``"kserve"``, ``"mlserver"``, ``"ray-serve"``, ``"openvino-server"`` or
        ``"web"``.
    folder
        The folder to make, which must not be there yet.
    options
        What may be chosen; see :class:`Options`.
    replace
        Take the place of a bundle that is there, if nobody has changed its files.

    Raises
    ------
    BundleError
        The target is not known, does not run the model or does not follow an option, or the folder
        is there already.
    FileError
        The model cannot be read, or the folder not written.
    """
    chosen, source, place = choose(target), Path(model), Path(folder)
    options = options or Options()
    chosen.check(options)
    reads = list(model_files(source))
    check_folder(place, reads, replace=replace)
    judges = chosen.judges(options)
    subject = read_subject(source, options, judges, arranged=chosen.arranges_states)
    made = chosen.pack(subject, options)
    files = {**made.files, "README.md": readme(subject, made, chosen, options).encode()}
    write_folder(place, files, {"target": chosen.name, "name": subject.name}, replace=replace)
    notes = subject.notes
    if subject.unbatched and chosen.takes & {"max_batch"}:
        notes = (*notes, f"requests are not batched: {subject.unbatched}")
    return Bundle(place, chosen.name, subject.name, (*files, MARKER), made.start, notes)


def choose(target: str) -> Target:
    """Return the target of that name.

    Raises
    ------
    BundleError
        There is none.
    """
    if target not in TARGETS:
        raise BundleError(
            f"bundles are not made for {target!r}",
            f"{did_you_mean(target, TARGETS)}use one of {', '.join(TARGETS)}",
        )
    return TARGETS[target]
