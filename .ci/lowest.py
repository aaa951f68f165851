"""Print the lowest versions that pyproject.toml allows, as constraints for pip, one a line.

``lowest.py EXTRA...`` takes the dependencies that every installation has and those of the extras.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def requirements(project: dict[str, Any], extras: list[str]) -> Iterator[str]:
    """Give each requirement, and those of the extras that an extra names."""
    for requirement in project["dependencies"]:
        yield requirement
    for extra in extras:
        for requirement in project["optional-dependencies"][extra]:
            own = re.fullmatch(rf"{project['name']}\[(.+)\]", requirement)
            yield from (
                requirements(project | {"dependencies": []}, own[1].split(","))
                if own
                else [requirement]
            )


def lowest(requirement: str) -> str:
    """Return ``name==version`` for ``name[extra]>=version``."""
    bound = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(?:>=|==)([\d.]+)", requirement)
    if bound is None:
        sys.exit(f"{requirement}: has no lower bound\nWrite it as name>=version in pyproject.toml.")
    return f"{bound[1]}=={bound[2]}"


def main() -> None:
    """Print the constraints of the extras on the command line."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    print("\n".join(lowest(requirement) for requirement in requirements(project, sys.argv[1:])))


if __name__ == "__main__":
    main()
