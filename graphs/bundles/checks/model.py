"""The model of a bundle: whether it can be read, and whether the target runs it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import onnx

from ....files import FileError, read_model
from ...targets import Severity, lint
from ..errors import BundleError
from ..signature import Signature, read_signature
from ..subject import HANDLED
from .problem import Problem
from .tree import Tree


@dataclass(frozen=True)
class Found:
    """A model that could be read."""

    where: str
    model: onnx.ModelProto
    signature: Signature


def find_model(tree: Tree, where: str) -> Found | Problem:
    """Read the model at a path of the tree; its external data are checked, not read."""
    if where not in tree.files:
        return Problem(
            where,
            "there is no such file",
            "the server does not load the model",
            "put the model there, or bundle it again",
        )
    try:
        model = read_model(tree.path(where), embedded=False)
        return Found(where, model, read_signature(model))
    except (FileError, BundleError) as error:
        return Problem(where, error.problem, "the server does not load the model", error.remedy)


def judged(found: Found, judges: Sequence[str]) -> Iterator[Problem]:
    """Yield what the target does not run or runs wrongly; see `lint`."""
    findings = [f for f in lint(found.model, judges[0]) if not f.op and f.rule not in HANDLED]
    findings += [f for f in lint(found.model, judges[-1]) if f.op]
    for finding in findings:
        if finding.severity.rank >= Severity.UNSUPPORTED.rank:
            about = f"{finding.op} '{finding.node}'" if finding.op else finding.node
            yield Problem(
                found.where, f"{about}: {finding.reason}", f"{finding.severity}", finding.remedy
            )
