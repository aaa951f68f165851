"""A worker process as its parent sees it: a request on stdin, JSON lines on stdout."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ...runtime.ort import native
from ..codec import decode, encode
from ..results.elements import Status
from .wire import Failure


class Asked(Protocol):
    """A request of any kind."""

    @property
    def threads(self) -> int | None:
        """Threads of the process, None for the runtime's own choice."""
        ...


Kind = TypeVar("Kind", bound=Asked)
Say = Callable[[str], None]
"""Announce a stage."""

KINDS: dict[type[Exception], Status] = {
    ImportError: "not installed",
    MemoryError: "out of memory",
    native.AbsentError: "missing provider",
    native.NotStartedError: "missing provider",
}
LONGEST = 600
"""Characters of a message."""


def answer(kind: type[Kind], measure: Callable[[Kind, Say], Any]) -> None:
    """Answer the request on stdin; what libraries print to stdout goes to stderr."""
    reply = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    request = decode(kind, json.load(sys.stdin))
    for name in ("OMP", "OPENBLAS", "MKL") if request.threads else ():
        os.environ[f"{name}_NUM_THREADS"] = str(request.threads)
    try:
        found = measure(request, lambda stage: print(json.dumps({"stage": stage}), file=reply))
        last = {"result": encode(found)}
    except Exception as error:
        last = {"error": encode(describe(error))}
    print(json.dumps(last), file=reply, flush=True)
    os._exit(0)  # some providers crash while they are unloaded, after everything is measured


def describe(error: Exception) -> Failure:
    """Return an exception's kind, for the row, and its first lines."""
    text = " ".join(str(error).split()) or type(error).__name__
    families = (kind for family, kind in KINDS.items() if isinstance(error, family))
    return Failure(next(families, "error"), text[:LONGEST])
