"""``--env`` and ``--ort``: in which environments the runtimes of ``bench`` run."""

import sys
from collections.abc import Mapping, Sequence

from rich.console import Console

from ..errors import BenchError
from ..measure.releases import environments_folder, is_release, parse_releases
from ..plan.settings import split_pair
from .terminal import tell


def parse_environments(texts: Sequence[str]) -> dict[str, str]:
    """Return the interpreters that ``--env`` names, by environment."""
    example = "openvino=/path/to/bin/python"
    pairs = [split_pair(text, "--env", example) for text in texts]
    for name, _ in pairs:
        if [each for each, _ in pairs].count(name) > 1:
            raise BenchError(f"--env {name} is given twice", "give each environment its own name")
    return dict(pairs)


def with_releases(
    environments: Mapping[str, str], texts: Sequence[str], console: Console, dry_run: bool
) -> dict[str, str]:
    """Return the environments and those of ``--ort``, which are made where they are not there.

    Nothing is made in a dry run: this program's own interpreter stands for those to be made.

    Raises
    ------
    BenchError
        A release is none, has the name of an environment, or cannot be installed.
    """
    if not texts:
        return dict(environments)
    from ..measure.pip_environments import ensure

    releases = parse_releases(texts)
    for release in releases:
        if release in environments:
            raise BenchError(
                f"--env {release} and --ort {release} are both given", "give one of them"
            )
    if dry_run:
        tell(console, f"the environments of --ort would be in {environments_folder()}")
        return {**environments, **dict.fromkeys(releases, sys.executable)}
    made = [ensure(release, lambda line: tell(console, line)) for release in releases]
    return {**environments, **{each.release: str(each.python) for each in made}}


def spread(
    on: Sequence[str], environments: Sequence[str], releases: Sequence[str]
) -> tuple[str, ...]:
    """Return the runtimes, with ``cpu`` in each environment of ``--ort``.

    Without ``--on`` that is ``cpu`` in each environment whose name is no runtime's, if there are
    any.

    >>> spread(["numpy", "cpu"], ["1.20", "1.32"], ["1.20", "1.32"])
    ('numpy', 'cpu@1.20', 'cpu@1.32')
    >>> spread([], ["old", "new", "openvino"], [])
    ('cpu@old', 'cpu@new')
    """
    from ...runtime.providers import SPECS

    if releases and on and "cpu" not in on:
        raise BenchError(
            f"--ort measures cpu, which is not one of {', '.join(on)}",
            "add --on cpu or leave out --on; the package onnxruntime has no other provider, so "
            "name environments with others by --env",
        )
    if not on:
        return tuple(f"cpu@{name}" for name in environments if name not in SPECS)
    each = [f"cpu@{release}" for release in releases] or ["cpu"]
    return tuple(name for one in on for name in (each if one == "cpu" else [one]))


def first_of(against: str | None, on: Sequence[str]) -> tuple[str, ...] | None:
    """Return the runtimes with those of the environment `against` first; None where it is none.

    >>> first_of("new", ["cpu@old", "cpu@new"]), first_of("net.onnx", ["cpu@old"])
    (('cpu@new', 'cpu@old'), None)
    """
    named = [one for one in on if against and one.partition("@")[2] == against]
    if not named and against and is_release(against):
        raise BenchError(
            f"--against {against}: no runtime of {', '.join(on)} runs on that release",
            "add it to --ort, or name one that is there",
        )
    return (*named, *(one for one in on if one not in named)) if named else None
