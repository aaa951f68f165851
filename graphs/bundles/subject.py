"""The model that a bundle is made of: read, held against the target, its states laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx

from ...files import model_files, read_model
from ..targets import Finding, Severity, lint
from .batching import batching_problem
from .errors import BundleError
from .folder import Content
from .layout import rewrite_states, worth_rewriting
from .options import Options, model_name
from .signature import Signature, read_signature

HANDLED = frozenset({"triton-fixed-batch", "triton-state-order"})
"""Rules about what a bundle's configuration settles, or its rewritten states."""


@dataclass(frozen=True)
class Subject:
    """A model that the target runs."""

    name: str
    version: int
    source: Path
    model: onnx.ModelProto
    signature: Signature
    external: dict[str, Path]
    """Files of external data, by their paths beside the model."""
    unbatched: str | None
    """Why no requests can be put into one run; None where they can."""
    renamed: dict[str, str]
    """What the states are called here, by their names in the source; empty where as there."""
    notes: tuple[str, ...]
    """What whoever serves the model should know."""

    def content(self) -> Content:
        """Return the model's file: the source itself, or what was made of it."""
        if not self.renamed:
            return self.source
        content: bytes = self.model.SerializeToString(deterministic=True)
        return content

    def files(self, folder: str, name: str = "model.onnx") -> dict[str, Content]:
        """Return the model and its external data, below `folder`.

        Raises
        ------
        BundleError
            A file of external data is called as the model is to be.
        """
        if name in self.external:
            raise BundleError(
                f"the external data of {self.source} are called {name}, as the model is here",
                "export the model with external data of another name",
            )
        made: dict[str, Content] = {f"{folder}{name}": self.content()}
        return made | {f"{folder}{path}": file for path, file in self.external.items()}


def read_subject(
    source: Path, options: Options, judges: Sequence[str], *, arranged: bool = False
) -> Subject:
    """Read the model, refuse what the target does not run, and lay its states out.

    Parameters
    ----------
    source
        The model's file.
    options
        What was chosen.
    judges
        Targets of lint: what the first says of the model as a whole, the last of its nodes.
    arranged
        The server batches states, and pairs those that it keeps by the order of their names.

    Raises
    ------
    BundleError
        The target does not run it.
    FileError
        It cannot be read.
    """
    model = read_model(source, embedded=False)
    notes = _judged(model, source, judges)
    signature, renamed = read_signature(model), dict[str, str]()
    paired = options.states == "server"
    if arranged and worth_rewriting(signature, paired_by_name=paired):
        signature, renamed = rewrite_states(model, signature)
    return Subject(
        name=model_name(options, source),
        version=1 if options.version is None else options.version,
        source=source,
        model=model,
        signature=signature,
        external={
            path.relative_to(source.parent).as_posix(): path
            for path in list(model_files(source))[1:]
        },
        unbatched=batching_problem(signature),
        renamed=renamed,
        notes=notes,
    )


def _judged(model: onnx.ModelProto, source: Path, judges: Sequence[str]) -> tuple[str, ...]:
    """Refuse what does not run or runs wrongly; return what falls back or is slow, as notes."""
    found = [f for f in lint(model, judges[0]) if not f.op and f.rule not in HANDLED]
    found += [f for f in lint(model, judges[-1]) if f.op]
    worst = max(found, key=lambda finding: finding.severity.rank, default=None)
    if worst is not None and worst.severity.rank >= Severity.UNSUPPORTED.rank:
        about = f"{worst.op} '{worst.node}'" if worst.op else worst.node
        raise BundleError(
            f"{source} does not run there: {about} is {worst.severity}: {worst.reason}",
            f"{worst.remedy}; onnxwright lint --target {judges[-1]} lists all",
        )
    fallen = [f for f in found if f.severity == Severity.FALLBACK]
    return tuple(map(_note, fallen[:3]))


def _note(finding: Finding) -> str:
    return f"{finding.op} '{finding.node}' falls back to the CPU: {finding.reason}"
