"""What a target is to the rest, and what it makes of a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .errors import BundleError
from .folder import Content
from .options import Options, option_name
from .subject import Subject


@dataclass(frozen=True)
class Made:
    """The files of a bundle, and how it is served."""

    files: Mapping[str, Content]
    start: str
    """The one command, to be given in the bundle's folder."""
    url: str
    """Where the model can be asked then."""
    batch: int = 0
    """Rows of different requests that one run takes; 0: the server batches nothing."""
    more: tuple[str, ...] = ()
    """Further lines of the README."""


@dataclass(frozen=True)
class Target:
    """Where a bundle is to run."""

    name: str
    title: str
    takes: frozenset[str]
    """Fields of the options that it can follow, beside the name and the version."""
    accelerators: Mapping[str, str]
    """What ``accelerator`` may be, the default first, and who of lint judges the nodes for it."""
    judge: str
    """Who of lint judges the model as a whole."""
    pack: Callable[[Subject, Options], Made]
    keeps_states: bool = False
    """Whether the server can carry the states of a stream."""
    arranges_states: bool = False
    """Whether states must be batch-first, and named so that their sorted order pairs them."""
    remedies: Mapping[str, str] = field(default_factory=dict)
    """What to do in place of an option that it does not follow, by field."""

    def check(self, options: Options) -> None:
        """Refuse options that the target does not follow.

        Raises
        ------
        BundleError
            One is given.
        """
        for name in options.given():
            if name not in self.takes | {"name", "version", "states", "accelerator"}:
                raise BundleError(
                    f"{option_name(name)} says nothing to {self.title}",
                    self.remedies.get(name, "leave it out"),
                )
        if options.states == "server" and not self.keeps_states:
            raise BundleError(
                f"--states server: {self.title} keeps no states between requests",
                "leave it out: the client sends each chunk's states with the next; or bundle "
                "--for triton, whose server keeps them",
            )
        if options.accelerator is not None and options.accelerator not in self.accelerators:
            raise BundleError(
                f"--accelerator {options.accelerator}: {self.title} has no such one",
                f"use one of {', '.join(self.accelerators)}",
            )

    def judges(self, options: Options) -> tuple[str, str]:
        """Return the targets of lint: for the model as a whole, and for its nodes."""
        chosen = options.accelerator or next(iter(self.accelerators))
        return self.judge, self.accelerators[chosen]
