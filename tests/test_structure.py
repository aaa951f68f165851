"""The seams of the project: who may import whom, and that every package is shipped."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {"graphs": {"graphs"}, "runtime": {"runtime"}, "bench": {"graphs", "runtime", "bench"}}


LONGEST = 250
"""Lines of a file of the product: beyond them it holds more than one thing."""


def imported_modules(path: Path, package: str) -> Iterator[str]:
    """Yield the absolute name of every module that the file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            prefix = ".".join(base) + "." if node.level else ""
            module = f"{prefix}{node.module or ''}".rstrip(".")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_imports_go_one_way(folder: str) -> None:
    crossings = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        package = ".".join(["onnxwright", *path.relative_to(ROOT).parent.parts])
        for module in imported_modules(path, package):
            parts = module.split(".")
            if (
                parts[0] == "onnxwright"
                and len(parts) > 1
                and parts[1] in ALLOWED.keys() - ALLOWED[folder]
            ):
                crossings.append(f"{path.relative_to(ROOT)} imports {module}")
    np.testing.assert_equal(crossings, [])


def test_every_package_is_shipped() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = {"onnxwright"}
    for folder in ALLOWED:
        packages |= {
            ".".join(["onnxwright", *init.relative_to(ROOT).parent.parts])
            for init in (ROOT / folder).rglob("__init__.py")
        }
    np.testing.assert_equal(sorted(settings["tool"]["setuptools"]["packages"]), sorted(packages))


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_the_links_point_at_the_folders(folder: str) -> None:
    np.testing.assert_equal((ROOT / "onnxwright" / folder).resolve(), ROOT / folder)


def test_no_file_of_the_product_is_too_long_to_be_one_thing() -> None:
    files = [path for folder in ALLOWED for path in (ROOT / folder).rglob("*.py")]
    files += (ROOT / "onnxwright").glob("*.py")
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    long = [f"{path.relative_to(ROOT)}: {n}" for path, n in lengths.items() if n > LONGEST]
    np.testing.assert_equal((long, len(files) > 300), ([], True))


CITED = re.compile(r"[\w/-]+\.md\b")
PAGES = Path("onnxwright/pages")
WRITTEN = {"README.md", "report.md"}
"""Files that commands write, which their code and help name."""


def test_the_code_names_only_pages_that_are_installed_with_it() -> None:
    rooms = ("onnxwright", "graphs", "runtime", "bench")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    named = {name for path in sources for name in CITED.findall(path.read_text("utf-8"))}
    pages = {page.name: page.resolve() for page in (ROOT / PAGES).iterdir()}
    np.testing.assert_equal(named, WRITTEN | {(PAGES / name).as_posix() for name in pages})
    np.testing.assert_equal(pages, {name: ROOT / "docs" / name for name in pages})
