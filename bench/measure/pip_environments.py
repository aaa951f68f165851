"""Environments with a release of onnxruntime each: made once by pip, and kept for later runs.

An environment is made under another name and renamed when it is whole: one that has its name is
complete. Which program runs follows from the release alone, never from what a file says.
"""

import contextlib
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BenchError
from .releases import environment_name, environments_folder, interpreter, requirements
from .scratch import lock

MOST_KEPT = 24
"""Environments in the folder; about 250 MB each with their NumPy and what onnxruntime asks for."""
MAKE_S = 900.0
"""The most seconds that pip may take for one environment."""
WAIT_S = 1000.0
"""The most seconds to wait for another process that makes the same environment."""
POLL_S = 0.2
ASK = "import onnxruntime, numpy; print(onnxruntime.__version__)"
ASK_S = 120.0
VERSION = re.compile(r"[0-9][0-9A-Za-z.+]{0,40}")
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--timeout", "15", "--retries")
"""How pip is called: a connection that fails is tried again twice, 15 seconds each."""
OFFLINE = re.compile(r"Retrying|ConnectionError|NewConnection|NameResolution|timed out", re.I)
FOUND = re.compile(r"\(from versions: ([^)]{1,4000})\)")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Environment:
    """An environment that is there and works."""

    release: str
    """As it was asked for."""
    version: str
    """Of its onnxruntime, as that says itself."""
    python: Path


def ensure(release: str, say: Say) -> Environment:
    """Return the environment of a release, which is made where it is not there.

    Raises
    ------
    BenchError
        pip cannot install it, it does not start, or the folder cannot be written to.
    """
    folder = environments_folder()
    target = folder / environment_name(release)
    if interpreter(target).exists():
        say(f"onnxruntime {release}: the environment in {target}")
        return Environment(release, _version(release, target), interpreter(target))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder / f"{target.name}.lock", say):
            if not interpreter(target).exists():
                _make(release, target, say)
    except OSError as error:
        raise BenchError(
            f"cannot make an environment in {folder}: {error.strerror or error}",
            "free disk space there, or name another folder by XDG_CACHE_HOME",
        ) from error
    return Environment(release, _version(release, target), interpreter(target))


def _make(release: str, target: Path, say: Say) -> None:
    """Make the environment under another name, and give it its own when it works."""
    if len(kept(target.parent)) >= MOST_KEPT:
        raise BenchError(
            f"{target.parent} holds {MOST_KEPT} environments already, which is the most",
            "remove some of them, or the whole folder: they are made again when they are asked for",
        )
    for left in target.parent.glob(f".{target.name}.*"):  # of runs that were killed
        shutil.rmtree(left, ignore_errors=True)
    say(f"onnxruntime {release}: pip makes an environment in {target}")
    began, part = time.monotonic(), target.parent / f".{target.name}.{secrets.token_hex(6)}"
    try:
        # -P: a pip.py or venv.py in the folder of the command is no pip.
        _call([sys.executable, "-P", "-m", "venv", "--without-pip", str(part)], release)
        into = ("--python", str(interpreter(part)), "install", "--quiet", "--only-binary", ":all:")
        _call([sys.executable, "-P", *PIP, "2", *into, *requirements(release)], release)
        _version(release, part)
        _place(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    say(f"onnxruntime {release}: made in {time.monotonic() - began:.0f} s, {_size(target)} MB")


def _place(part: Path, target: Path) -> None:
    """Give the environment its name, unless another process was first."""
    shutil.rmtree(target, ignore_errors=True)  # one whose Python is gone
    try:
        part.rename(target)
    except OSError:
        if not interpreter(target).exists():
            raise


def kept(folder: Path) -> list[Path]:
    """Return the environments in the folder."""
    return [path for path in folder.glob("onnxruntime-*") if path.is_dir()]


def _size(folder: Path) -> int:
    files = (path.lstat() for path in folder.rglob("*") if path.is_file())
    return sum(found.st_size for found in files) // 1_000_000


def _version(release: str, folder: Path) -> str:
    """Return the version that the environment's onnxruntime says it is."""
    told = _call([str(interpreter(folder)), "-I", "-c", ASK], release, ASK_S).split()
    if not told or VERSION.fullmatch(told[-1]) is None:
        raise BenchError(
            f"the onnxruntime in {folder} does not tell its version",
            "remove that folder: it is made again when it is asked for",
        )
    return told[-1]


def _call(command: Sequence[str], release: str, seconds: float = MAKE_S) -> str:
    """Run a command and return what it printed; BenchError where it fails or takes too long."""
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise BenchError(
            f"no environment with onnxruntime {release}: not done within {seconds:.0f} s",
            "try again, with a faster connection or an index nearby (PIP_INDEX_URL)",
        ) from None
    if ended.returncode:
        raise complaint(release, (ended.stderr + ended.stdout).decode(errors="replace"))
    return ended.stdout.decode(errors="replace")


def complaint(release: str, said: str) -> BenchError:
    """Return why there is no environment, from what pip or Python said."""
    problem = f"no environment with onnxruntime {release}: "
    found = FOUND.search(said)
    if found and found[1].strip() != "none":
        newest = ", ".join(found[1].split(", ")[-6:])
        return BenchError(
            f"{problem}the package index has none for Python {_python()}",
            f"choose another; the newest there are {newest}",
        )
    if OFFLINE.search(said):
        return BenchError(
            f"{problem}the package index cannot be reached",
            "connect to the network, or name an index or a folder of wheels (PIP_INDEX_URL, "
            "PIP_FIND_LINKS with PIP_NO_INDEX=1)",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"]
    return BenchError(
        problem + errors[-1][:300],
        f"see that {sys.executable} -m pip works; or make it by hand, and name it by --env",
    )


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))


@contextlib.contextmanager
def _alone(path: Path, say: Say) -> Iterator[None]:
    """Hold the lock on `path`, so that no two processes make the same environment."""
    deadline, told = time.monotonic() + WAIT_S, False
    with open(path, "w") as held:
        while True:
            try:
                lock(held)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BenchError(
                        f"another process has held {path} for {WAIT_S:.0f} s",
                        "end it, or wait until it has made its environment",
                    ) from None
            except OSError:  # a file system without locks: the last to rename is told
                break
            if not told:
                say(f"waiting for another process that holds {path}")
                told = True
            time.sleep(POLL_S)
        yield
