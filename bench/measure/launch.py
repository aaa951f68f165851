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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...runtime.interpreter.memory import available

WORKER = Path(__file__).resolve().parent / "worker.py"
POLL_S = 0.05
KILLED = 9
"""The number of SIGKILL wherever there is one (POSIX.1); Windows has none."""
SHARE = 0.8
"""The part of the memory that is available, a container's own limit included, for a worker."""


@dataclass(frozen=True)
class WorkerLimits:
    """When a worker is ended."""

    time_s: float = 300.0
    memory_bytes: int | None = None
    """Resident memory; 80 % of what is available at its start when None."""


def launch(
    python: str, request: Mapping[str, Any], limits: WorkerLimits, worker: Path = WORKER
) -> dict[str, Any]:
    """Run ``python worker`` on `request` and return its outcome.

    The outcome is ``{"status": "ok", "result": {...}}``, or a status of ``time-out``,
    ``out of memory``, ``crash``, ``missing provider``, ``not installed`` or ``error`` with
    ``stage`` (what it was doing) and ``message``. Both have ``wall_s``.
    """
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                [python, str(worker)],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            outcome = {"status": "crash", "stage": "start", "message": f"{python}: {error}"}
            return {**outcome, "wall_s": time.monotonic() - start}
        try:
            _send(process, request)
            ended = _watch(process, limits)
        finally:
            _end(process)
        outcome = outcome_of(ended, process.returncode, _text(out), _text(err))
    return {**outcome, "wall_s": time.monotonic() - start}


def outcome_of(
    ended: dict[str, Any] | None, code: int, reply: str, complaint: str
) -> dict[str, Any]:
    """Return a worker's outcome from how it was ended (None: by itself), exit code and output."""
    stage, answer = _read_reply(reply)
    if ended is not None:
        return {**ended, "stage": stage}
    if "result" in answer:
        return {"status": "ok", "result": answer["result"]}
    if "error" in answer:
        error = answer["error"]
        return {"status": error["kind"], "stage": stage, "message": error["message"]}
    last = " ".join(complaint.split())[-300:]
    if code == -KILLED:
        message = "killed by SIGKILL, which is what the kernel does when memory runs out"
        return {"status": "out of memory", "stage": stage, "message": message}
    how = f"exit code {code}" if code >= 0 else f"killed by {_signal_name(-code)}"
    return {"status": "crash", "stage": stage, "message": f"{how}: {last}" if last else how}


def _send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died before it read: its exit code says why
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()


def _watch(process: subprocess.Popen[bytes], limits: WorkerLimits) -> dict[str, Any] | None:
    """Wait for the end; return why it has to be ended, or None when it ended by itself."""
    most = limits.memory_bytes or int(available() * SHARE)
    deadline = time.monotonic() + limits.time_s
    while not _ended_within(process, POLL_S):
        if time.monotonic() > deadline:
            return {"status": "time-out", "message": f"no answer within {limits.time_s:g} s"}
        used = _resident_bytes(process.pid)
        if used is not None and used > most:
            message = f"held {used >> 20} MiB, the limit is {most >> 20} MiB"
            return {"status": "out of memory", "message": message}
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


def _read_reply(reply: str) -> tuple[str, dict[str, Any]]:
    """Return the last stage announced and the answer, {} where there is none."""
    stage = "start"
    answer: dict[str, Any] = {}
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
