"""Run one worker process under limits of time and memory, and say how it ended."""

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from ...runtime.interpreter.memory import available
from ..codec import DecodeError, decode, encode
from ..results.elements import Loaded, Status
from ..results.measured import Conditions
from .wire import Answer, Failure, LoadRequest, PeaksRequest, Rates, Request

START = Path(__file__).resolve().parent / "start.py"
POLL_S = 0.05
KILLED = 9
"""The number of SIGKILL wherever there is one (POSIX.1); Windows has none."""
SHARE = 0.8
"""The part of the available memory (a container's limit counts) that a worker may take."""


Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Script(Generic[Kind]):
    """A program that answers one request: its arguments to Python and the type of its answer."""

    arguments: tuple[str, ...]
    answer: type[Kind]


WORKER = Script((str(START), "worker"), Answer)
LOAD_TEST = Script((str(START), "load_test_worker"), Loaded)
PEAKS = Script((str(START), "peaks_numpy"), Rates)


@dataclass(frozen=True)
class WorkerLimits:
    """When a worker is ended."""

    time_s: float = 300.0
    memory_bytes: int | None = None
    """Resident memory; 80 % of what is available at its start when None."""


@dataclass(frozen=True, kw_only=True)
class Ending(Generic[Kind]):
    """How a worker ended."""

    status: Status
    stage: str | None = None
    """What it was doing when it ended badly; None where it ended well."""
    message: str | None = None
    wall_s: float = 0.0
    result: Kind | None = None
    """None where the status is not ``ok``."""
    conditions: Conditions | None = None
    """Of the machine that it ran on; None where that is this one."""


def launch(python: str, request: Request, limits: WorkerLimits) -> Ending[Answer]:
    """Measure a model in a process of the interpreter `python`."""
    return run_script(python, WORKER, request, limits)


def run_script(
    python: str,
    script: Script[Kind],
    request: Request | LoadRequest | PeaksRequest,
    limits: WorkerLimits,
) -> Ending[Kind]:
    """Run a script on `request` and return how it ended."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                [python, *script.arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            wall_s, message = time.monotonic() - start, f"{python}: {error}"
            return Ending(status="crash", stage="start", message=message, wall_s=wall_s)
        try:
            _send(process, encode(request))
            ended = _watch(process, limits)
        finally:
            _end(process)
        ending = ending_of(script.answer, ended, process.returncode, _text(out), _text(err))
    return replace(ending, wall_s=time.monotonic() - start)


def ending_of(
    answer: type[Kind], ended: Failure | None, code: int, reply: str, complaint: str
) -> Ending[Kind]:
    """Return a worker's ending from how it was ended (None: by itself), exit code and output."""
    stage, last = _read_reply(reply)
    try:
        if ended is None and "result" in last:
            return Ending(status="ok", result=decode(answer, last["result"]))
        failure = ended or _failure(last, code, " ".join(complaint.split())[-300:])
    except DecodeError as error:
        failure = Failure("error", f"its answer cannot be read: {error}")
    return Ending(status=failure.kind, stage=stage, message=failure.message)


def _failure(last: Mapping[str, Any], code: int, complaint: str) -> Failure:
    """Return why a worker that ended by itself has no answer."""
    if "error" in last:
        return decode(Failure, last["error"])
    if code == -KILLED:
        message = "killed by SIGKILL, which is what the kernel does when memory runs out"
        return Failure("out of memory", message)
    how = f"exit code {code}" if code >= 0 else f"killed by {_signal_name(-code)}"
    return Failure("crash", f"{how}: {complaint}" if complaint else how)


def _send(process: subprocess.Popen[bytes], document: Any) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died before it read: its exit code says why
        process.stdin.write(json.dumps(document).encode())
        process.stdin.close()


def _watch(process: subprocess.Popen[bytes], limits: WorkerLimits) -> Failure | None:
    """Wait for the end; return why it has to be ended, or None when it ended by itself."""
    most = limits.memory_bytes or int(available() * SHARE)
    deadline = time.monotonic() + limits.time_s
    while not _ended_within(process, POLL_S):
        if time.monotonic() > deadline:
            return Failure("time-out", f"no answer within {limits.time_s:g} s")
        used = _resident_bytes(process.pid)
        if used is not None and used > most:
            message = f"held {used >> 20} MiB, the limit is {most >> 20} MiB"
            return Failure("out of memory", message)
    return None


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait without spinning where the system lets us wait on a process's descriptor."""
    if hasattr(os, "pidfd_open") and process.poll() is None:
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(process.pid)
            try:
                select.select([descriptor], [], [], seconds)
            finally:
                os.close(descriptor)
            return process.poll() is not None
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the worker and what it started, in its process group."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, KILLED)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _read_reply(reply: str) -> tuple[str, Mapping[str, Any]]:
    """Return the last stage announced and the answer, {} where there is none."""
    stage = "start"
    answer: Mapping[str, Any] = {}
    for line in reply.splitlines():
        try:
            said = json.loads(line)
        except ValueError:  # cut short by a kill
            continue
        stage = said.get("stage", stage)
        answer = said if "stage" not in said else answer
    return stage, answer


def _resident_bytes(pid: int) -> int | None:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, IndexError, ValueError):  # no /proc, no sysconf
        return _psutil_number(lambda psutil: psutil.Process(pid).memory_info().rss)


def _psutil_number(read: Any) -> int | None:
    try:
        return int(read(importlib.import_module("psutil")))
    except Exception:  # psutil is optional, and the process may be gone
        return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")
