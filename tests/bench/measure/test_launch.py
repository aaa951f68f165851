import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.measure.launch import (
    Ending,
    Script,
    WorkerLimits,
    ending_of,
    run_script,
)
from onnxwright.bench.measure.wire import Failure, PeaksRequest, Rates

ASKED = PeaksRequest(threads=None, size=2)

SAYS = """import sys, json
json.load(sys.stdin)
print(json.dumps({"stage": "session"}), flush=True)
"""
SCRIPTS = {
    "answers": SAYS + "print(json.dumps({'result': {'rates': {'x': 1}}}))",
    "says why": SAYS + "print(json.dumps({'error': {'kind': 'error', 'message': 'no'}}))",
    "segfaults": SAYS + "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "is killed": SAYS + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "hangs": SAYS + "import time; time.sleep(60)",
    "allocates": SAYS + "held = []\nwhile True: held.append(bytearray(b'x') * (16 << 20))",
    "exits": SAYS + "sys.exit('out of paper')",
    "prints nonsense": SAYS + "print('{{{')",
    "answers something else": SAYS + "print(json.dumps({'result': {'rates': {'x': 'fast'}}}))",
    "fails in its own way": SAYS + "print(json.dumps({'error': {'kind': 'odd'}}))",
}


def run(path: Path, limits: WorkerLimits) -> Ending[Rates]:
    return run_script(sys.executable, Script((str(path),), Rates), ASKED, limits)


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("says why", "error", "no"),
        ("segfaults", "crash", "SIGSEGV"),
        ("is killed", "out of memory", "SIGKILL"),
        ("hangs", "time-out", "no answer within 4 s"),
        ("allocates", "out of memory", "the limit is 256 MiB"),
        ("exits", "crash", "exit code 1: out of paper"),
        ("prints nonsense", "crash", "exit code 0"),
        ("answers something else", "error", "cannot be read: rates['x']: 'fast' is no number"),
        ("fails in its own way", "error", "cannot be read: message is missing"),
    ],
)
def test_every_end_of_a_worker_has_a_status(
    tmp_path: Path, script: str, status: str, said: str
) -> None:
    path = tmp_path / "worker.py"
    path.write_text(SCRIPTS[script])
    limits = WorkerLimits(time_s=4 if script == "hangs" else 60, memory_bytes=256 << 20)
    ending = run(path, limits)
    np.testing.assert_equal((ending.status, ending.stage), (status, "session"))
    assert said in str(ending.message), ending


def test_an_answer_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "worker.py"
    path.write_text(SCRIPTS["answers"])
    ending = run(path, WorkerLimits())
    np.testing.assert_equal((ending.status, ending.result), ("ok", Rates({"x": 1})))
    assert ending.wall_s > 0


def test_what_a_worker_started_ends_with_it(tmp_path: Path) -> None:
    """A child of the worker holds a lock; that it is free again shows that the child has ended."""
    fcntl = pytest.importorskip("fcntl")
    path, lock, held = tmp_path / "worker.py", tmp_path / "lock", tmp_path / "held"
    child = f"import fcntl, time; f = open({str(lock)!r}, 'w'); fcntl.flock(f, fcntl.LOCK_EX)"
    child += f"; open({str(held)!r}, 'w'); time.sleep(100)"
    path.write_text(
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"while not os.path.exists({str(held)!r}):\n    time.sleep(0.01)\n"
    )
    np.testing.assert_equal(run(path, WorkerLimits()).status, "crash")
    deadline = time.monotonic() + 60
    with lock.open() as mine:
        while True:
            try:
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "the child still runs"
                time.sleep(0.02)
            else:
                break


def test_an_interpreter_that_is_not_there_is_a_row() -> None:
    ending = run_script("/nowhere/python", Script((), Rates), ASKED, WorkerLimits())
    np.testing.assert_equal((ending.status, ending.stage), ("crash", "start"))


def test_a_result_counts_even_when_the_process_crashes_while_it_ends() -> None:
    reply = '{"stage": "a"}\n{"result": {"rates": {}}}\n'
    ending = ending_of(Rates, None, -signal.SIGSEGV, reply, "")
    np.testing.assert_equal(ending, Ending(status="ok", result=Rates({})))


def test_a_line_that_a_kill_cut_short_is_dropped() -> None:
    ending = ending_of(Rates, None, -signal.SIGKILL, '{"stage": "a"}\n{"result": {', "")
    np.testing.assert_equal((ending.status, ending.stage), ("out of memory", "a"))


def test_a_result_of_a_worker_that_was_ended_does_not_count() -> None:
    reply = '{"stage": "a"}\n{"result": {"rates": {}}}\n'
    ending = ending_of(Rates, Failure("time-out", "late"), -signal.SIGKILL, reply, "")
    np.testing.assert_equal(ending, Ending(status="time-out", stage="a", message="late"))
