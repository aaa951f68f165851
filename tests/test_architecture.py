"""ARCHITECTURE.md is true: its folders are there, and imports go the way of its arrows."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.test_structure import imported_modules

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"^```mermaid\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
PACKAGES = ("graphs", "runtime", "bench")


def arrows(picture: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^ *(\w+) --> (\w+)$", picture, flags=re.MULTILINE))


def imports_of(folder: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """Yield each file, its room and a room that it imports, `depth` names below the root."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        inside = path.relative_to(ROOT)
        package = ".".join(["onnxwright", *inside.parent.parts])
        room = inside.with_suffix("").parts[depth]
        for module in imported_modules(path, package):
            parts = module.split(".")
            if parts[: depth + 1] == ["onnxwright", *inside.parts[:depth]]:
                yield str(inside), room, (parts[depth + 1 :] or [""])[0]


def reachable(drawn: set[tuple[str, str]], start: str) -> set[str]:
    @cache
    def beyond(room: str) -> frozenset[str]:
        following = {end for begin, end in drawn if begin == room}
        return frozenset(following.union(*map(beyond, following)))

    return set(beyond(start))


@pytest.mark.parametrize(("picture", "folders", "depth"), [(0, PACKAGES, 0), (1, ("bench",), 1)])
def test_imports_go_the_way_of_the_arrows(
    picture: int, folders: tuple[str, ...], depth: int
) -> None:
    drawn = arrows(PICTURES[picture])
    rooms = {room for pair in drawn for room in pair}
    crossings = [
        f"{path} imports {there}"
        for folder in folders
        for path, here, there in imports_of(folder, depth)
        if there in rooms and there != here and there not in reachable(drawn, here)
    ]
    np.testing.assert_equal(crossings, [])


@pytest.mark.parametrize("picture", [0, 1])
def test_no_arrow_leads_back(picture: int) -> None:
    drawn = arrows(PICTURES[picture])
    for room in {begin for begin, _ in drawn}:
        assert room not in reachable(drawn, room)  # a cycle would not even end


def test_every_room_of_bench_is_in_the_picture() -> None:
    drawn = {room for pair in arrows(PICTURES[1]) for room in pair}
    there = {path.stem for path in (ROOT / "bench").iterdir() if not path.name.startswith("_")}
    np.testing.assert_equal(sorted(drawn), sorted(there))


def test_every_folder_and_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:graphs|runtime|bench|tests|tools|onnxwright)/[\w./]*)", PAGE)
    missing = [name for name in named if not (ROOT / name).exists()]
    np.testing.assert_equal((missing, bool(named)), ([], True))
