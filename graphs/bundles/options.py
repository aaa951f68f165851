"""What a user may choose about a bundle; what the model tells is not asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from .errors import BundleError

States = Literal["client", "server"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""Names that are a folder everywhere, a part of a URL, and no option."""


COUNTS = ("version", "instances", "threads", "max_sequences", "sequence_timeout", "warm_up")
"""Fields that are whole numbers from 1 on."""
MOST = 1 << 31
"""No number of an option is as large."""


@dataclass(frozen=True)
class Options:
    """The choices; None where the target's own default is to hold."""

    name: str | None = None
    """What the model is called at the server; the file's name without its suffix when None."""
    version: int | None = None
    """The model's version, from 1 on."""
    states: States | None = None
    """Who carries a streamed model's states from chunk to chunk; the client when None."""
    accelerator: str | None = None
    """``cpu``, or what the target has beside it."""
    instances: int | None = None
    """How many copies of the model run beside each other."""
    threads: int | None = None
    """Threads in one operator."""
    max_batch: int | None = None
    """Rows that the server puts into one run at most; 0: it batches nothing."""
    max_delay: float | None = None
    """Milliseconds that a request may wait for others to batch with."""
    max_sequences: int | None = None
    """Streams whose states the server keeps at one time."""
    sequence_timeout: int | None = None
    """Seconds after which a stream without requests is forgotten."""
    warm_up: int | None = None
    """Runs before the server says that it is ready."""
    dims: Mapping[str, int] = field(default_factory=dict)
    """Sizes of named dims in the runs that warm up."""
    storage_uri: str | None = None
    """Where KServe fetches the repository from."""
    onnxruntime_web: Path | None = None
    """The folder of the npm package onnxruntime-web."""

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be meant.

        Raises
        ------
        BundleError
            One is too small, or none.
        """
        numbers = {name: getattr(self, name) for name in (*COUNTS, "max_batch", "max_delay")}
        numbers |= {f"dims[{name!r}]": size for name, size in self.dims.items()}
        for name, number in numbers.items():
            least = 0 if name in ("max_batch", "max_delay") else 1
            kind = (int, float) if name == "max_delay" else int
            sound = isinstance(number, kind) and not isinstance(number, bool)
            if number is not None and not (sound and least <= number < MOST):
                raise BundleError(
                    f"{name} is {number!r:.40}", f"give a number from {least} to {MOST - 1}"
                )
        if self.states not in (None, "client", "server"):
            raise BundleError(f"states is {self.states!r:.40}", "give 'client' or 'server'")

    def given(self) -> list[str]:
        """Return the names of what was chosen."""
        return [item.name for item in fields(self) if getattr(self, item.name) not in (None, {})]


def option_name(name: str) -> str:
    """Return how the command line calls a field.

    >>> option_name("max_batch"), option_name("dims")
    ('--max-batch', '--dim')
    """
    special = {"dims": "--dim", "version": "--model-version"}
    return special.get(name, "--" + name.replace("_", "-"))


def model_name(options: Options, source: Path) -> str:
    """Return what the model is to be called.

    Raises
    ------
    BundleError
        The name cannot be a folder's and a part of a URL.
    """
    name = source.stem if options.name is None else options.name
    if not NAME.fullmatch(name):
        raise BundleError(
            f"a served model cannot be called {name!r}",
            "give --name with letters, digits, '_', '.' and '-', a letter or digit first",
        )
    return name
