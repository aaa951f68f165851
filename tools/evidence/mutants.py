"""Plant faults, one at a time, and tell which of them no test notices.

``python -m tools.evidence.mutants runtime/interpreter/kernels/linear/matmul.py --
tests/runtime/interpreter/test_kernels.py -k gemm`` changes one operator, number or condition of the
file at a time, in a copy of the repository, runs the tests behind ``--`` and prints the changes
that passed. What it prints is either a test that is missing or a change that changes nothing.
"""

import argparse
import ast
import contextlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .fault_kinds import variants

ROOT = Path(__file__).parents[2]
COPIED = ("onnxwright", "graphs", "runtime", "bench", "tests", "tools", "docs")
WARM = ["numpy", "onnx", "onnx.parser", "pytest", "ml_dtypes"]
"""What the process that is forked for every mutant has imported already."""


@dataclass(frozen=True)
class Mutant:
    """A file with one fault in it."""

    path: Path
    line: int
    change: str
    source: str


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield every node that may be changed, with its parent, field and index there.

    Error texts, annotations and docstrings are left alone.
    """
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns") or isinstance(tree, ast.Raise):
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(node, ast.AST):
                yield tree, field, index if isinstance(value, list) else None, node
                yield from places(node)


def mutants(path: Path, function: str | None = None) -> Iterator[Mutant]:
    """Yield `path` with each fault that can be planted, only in `function` where it is named."""
    text = path.read_text()
    for position, (*_, node) in enumerate(places(_within(ast.parse(text), function))):
        for number, (change, _) in enumerate(variants(node)):
            tree = ast.parse(text)
            parent, field, index, same = list(places(_within(tree, function)))[position]
            new = list(variants(same))[number][1]
            if index is None:
                setattr(parent, field, new)
            else:
                getattr(parent, field)[index] = new
            source = ast.unparse(ast.fix_missing_locations(tree))
            yield Mutant(path, getattr(node, "lineno", 0), change, source)


def _within(tree: ast.AST, function: str | None) -> ast.AST:
    if function is None:
        return tree
    found = [n for n in ast.walk(tree) if getattr(n, "name", None) == function]
    if not found:
        sys.exit(f"no function or class {function!r}")
    return found[0]


def tested(copy: Path, selection: list[str]) -> None:
    """Run the tests in a process of its own, which ends with pytest's exit status."""
    import pytest

    os.chdir(copy)
    sys.path.insert(0, str(copy))
    with (copy / "output.txt").open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *selection]))


def outcome(copy: Path, selection: list[str], deadline: float) -> int | None:
    """Return pytest's exit status, or None where the tests took longer than `deadline`."""
    process = multiprocessing.get_context("forkserver").Process(
        target=tested, args=(copy, selection)
    )
    process.start()
    process.join(deadline)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    return process.exitcode


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of the repository, which the faults are planted in."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder).resolve()
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, symlinks=True)
        for file in ROOT.glob("*.*"):
            if file.is_file():
                shutil.copy(file, copy)
        yield copy


def survivors(copy: Path, planted: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants that pass the tests."""
    left = []
    for mutant in planted:
        target = copy / mutant.path.relative_to(ROOT)
        original = target.read_text()
        target.write_text(mutant.source)
        if outcome(copy, options.tests, options.deadline) == 0:
            left.append(mutant)
            where = mutant.path.relative_to(ROOT)
            print(f"{where}:{mutant.line}: {mutant.change}", flush=True)
        target.write_text(original)
    return left


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--function", help="plant faults only in this function or class")
    parser.add_argument("--most", type=int, help="plant so many, drawn by chance (seed 0)")
    parser.add_argument("--deadline", type=float, default=120, help="seconds for one test run")
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:cut])
    options.tests = sys.argv[cut + 1 :] or ["tests/runtime/interpreter"]
    return options


def main() -> None:
    options = arguments()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # A fault of the same size and second is stale.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    multiprocessing.get_context("forkserver").set_forkserver_preload(WARM)
    planted = [m for file in options.files for m in mutants(file.resolve(), options.function)]
    if options.most and options.most < len(planted):
        planted = random.Random(0).sample(planted, options.most)
    with copied() as copy:
        status = outcome(copy, options.tests, options.deadline)
        if status != 0:
            print((copy / "output.txt").read_text()[-3000:])
            sys.exit(f"without a fault the tests end with {status}: choose tests that pass")
        left = survivors(copy, planted, options)
    print(f"{len(left)} of {len(planted)} planted faults passed the tests")


if __name__ == "__main__":
    main()
