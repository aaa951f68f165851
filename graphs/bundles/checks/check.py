"""``bundle --check``: which rules a folder is held against, and what they find."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import BundleError
from ..folder import read_marker
from .kserve import check_kserve
from .mlserver import check_mlserver
from .openvino_server import check_openvino
from .problem import Problem
from .ray_serve import check_ray
from .tree import Tree, shown_problems
from .triton import check_repository
from .web import check_page

CHECKS: dict[str, Callable[[Tree], Iterator[Problem]]] = {
    "triton": check_repository,
    "kserve": check_kserve,
    "mlserver": check_mlserver,
    "ray-serve": check_ray,
    "openvino-server": check_openvino,
    "web": check_page,
}
"""What holds a tree against the rules of a target, by the target's name."""


SIGNS = {
    "*/config.pbtxt": "triton",
    "models/*/config.pbtxt": "kserve",
    "model-settings.json": "mlserver",
    "index.html": "web",
    "app.py": "ray-serve",
    "*/*/*.onnx": "openvino-server",
    "config.json": "openvino-server",
}
"""Files by which a tree without a marker is known, the surest first."""


@dataclass(frozen=True)
class Checked:
    """What was found."""

    folder: Path
    target: str
    problems: tuple[Problem, ...]


def check(folder: str | os.PathLike[str], target: str | None = None) -> Checked:
    """Hold a folder against the rules of its target; nothing in it is run or followed.

    Parameters
    ----------
    folder
        A bundle, also one that was made by hand.
    target
        What it is for; told by what lies in it when None.

    Raises
    ------
    BundleError
        It is no folder, or what it is for cannot be told.
    """
    tree = Tree(Path(folder))
    chosen = recognised(tree) if target is None else target
    if chosen not in CHECKS:
        raise BundleError(f"there is no check for {chosen!r}", f"use one of {', '.join(CHECKS)}")
    problems = (*shown_problems(tree), *CHECKS[chosen](tree))
    return Checked(Path(folder), chosen, problems)


def recognised(tree: Tree) -> str:
    """Return the target that a tree is for, by its marker or what lies in it.

    Raises
    ------
    BundleError
        It cannot be told.
    """
    marker = read_marker(tree.root) or {}
    target = marker.get("target")
    if isinstance(target, str) and target in CHECKS:
        return target
    for sign, meant in SIGNS.items():
        if any(
            fnmatchcase(name, sign) and name.count("/") == sign.count("/") for name in tree.files
        ):
            return meant
    raise BundleError(
        f"what {tree.root} is for cannot be told by what lies in it",
        f"say it: --for {'|'.join(CHECKS)}",
    )
