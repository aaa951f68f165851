"""What only some systems have is asked for before it is used: no such machine is at hand to try.

A static check of the product: modules that Windows or macOS lack are imported where the system is
known, and their names in ``os`` and ``signal`` are used behind a question.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
"""Modules of POSIX systems alone."""
NAMES = {
    "os": {
        "fchmod", "fchown", "chown", "fork", "getgid", "getloadavg", "getpgid", "getuid", "killpg",
        "mkfifo", "nice", "pidfd_open", "sched_getaffinity", "sched_setaffinity", "setpgid",
        "setsid", "statvfs", "sysconf", "uname", "wait4", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC",
        "O_BINARY", "register_at_fork",
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "setitimer", "alarm"},
    "select": {"poll", "epoll"},
    "time": {"clock_gettime", "CLOCK_MONOTONIC_RAW"},
    "mmap": {"MAP_PRIVATE", "MADV_SEQUENTIAL"},
}  # fmt: skip
"""What some systems do not have, by module (documentation of Python's standard library)."""


def product() -> Iterator[Path]:
    for folder in ("graphs", "runtime", "bench"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from sorted((ROOT / "onnxwright").glob("*.py"))


def guards(node: ast.AST) -> Iterator[str]:
    """Yield the text of the conditions and handlers that a node holds."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.If | ast.IfExp):
            yield ast.unparse(inner.test)
        elif isinstance(inner, ast.Try):
            yield from (ast.unparse(each.type) for each in inner.handlers if each.type)
        elif isinstance(inner, ast.With):
            yield from (ast.unparse(item.context_expr) for item in inner.items)


def is_guarded(name: str, function: ast.AST) -> bool:
    """Say whether a function asks for the name, for the system, or takes its absence."""
    told = list(guards(function))
    return any(
        f"'{name}'" in text or "sys.platform" in text or "AttributeError" in text for text in told
    )


def unguarded(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in statement.names]
            names += [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
            yield from (f"imports {name}" for name in names if name in MODULES)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            known = NAMES.get(node.value.id, set())
            inside = [each for each in functions if node in ast.walk(each)]
            if node.attr in known and not any(is_guarded(node.attr, each) for each in inside):
                yield f"uses {node.value.id}.{node.attr} in line {node.lineno}"


@pytest.mark.parametrize("path", list(product()), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_some_systems_lack_is_asked_for(path: Path) -> None:
    np.testing.assert_equal(list(unguarded(path)), [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("import fcntl", 1),
        ("import sys\nif sys.platform != 'win32':\n    import fcntl", 0),
        ("import os\nos.getuid()", 1),
        ("import os\ndef f():\n    return os.getuid()", 1),
        ("import os\ndef f():\n    return os.getuid() if hasattr(os, 'getuid') else 0", 0),
        ("import os\ndef f():\n    if hasattr(os, 'killpg'):\n        os.getuid()", 1),
    ],
)
def test_the_check_finds_what_it_looks_for(text: str, problems: int, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(text)
    np.testing.assert_equal(len(list(unguarded(tmp_path / "m.py"))), problems)


@pytest.mark.parametrize(("kind", "code"), [("link as text", 1), ("folder", 0)])
def test_a_checkout_without_links_says_so(kind: str, code: int, tmp_path: Path) -> None:
    made = tmp_path / "onnxwright"
    made.mkdir()
    (made / "__init__.py").write_text((ROOT / "onnxwright" / "__init__.py").read_text("utf-8"))
    if kind == "folder":
        (made / "graphs").mkdir()
    else:
        (made / "graphs").write_text("../graphs")
    command = [sys.executable, "-S", "-c", "import onnxwright"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    np.testing.assert_equal(done.returncode, code, done.stderr)
    assert ("no symbolic links" in done.stderr and "pip install ." in done.stderr) == bool(code)
