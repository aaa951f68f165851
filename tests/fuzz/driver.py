"""Fuzz the reading, loading and running of models on NumPy.

    python -m tests.fuzz --cases 50000 --workers 2 --out findings.jsonl
    python -m tests.fuzz --first 1234 --cases 1        # one case again

Cases are numbered and depend on nothing but their number and ``--base``. A case may end in a result
or in an error of onnxwright's own. Findings are: any other exception, the death of the worker,
memory that the system refuses (the runner's own limit must be reached before), and more than
``--seconds`` for one case. Exits with 1 when there are findings.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
WORKER = "tests.fuzz.worker"
"""The module of the workers."""


@dataclass
class Tally:
    """How the cases ended, and the findings."""

    ends: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)


def lines(stream: IO[str], seconds: float) -> Iterator[dict[str, Any]]:
    """Yield the worker's replies; raise TimeoutError when the next one takes too long."""
    replies: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            replies.put(line)
        replies.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = replies.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            return
        yield json.loads(line)


def run_worker(first: int, stop: int, base: int, seconds: float, tally: Tally) -> int:
    """Run cases in one worker until it is done or a case stops it; return the next case."""
    command = [sys.executable, "-m", WORKER, str(first), str(stop), str(base)]
    current: dict[str, Any] = {}
    last = first
    with (
        # A worker that is killed leaves its files: they are the driver's to remove.
        tempfile.TemporaryDirectory(prefix="onnxwright-fuzz-") as folder,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as worker,
    ):
        assert worker.stdout is not None
        assert worker.stderr is not None
        errors: list[str] = []
        drain = threading.Thread(target=lambda e=worker.stderr: errors.extend(e), daemon=True)
        drain.start()
        try:
            for found in lines(worker.stdout, seconds):
                if "case" in found:
                    current, last = found, found["case"] + 1
                else:
                    tally.ends[found["end"]] += 1
                    if found["end"] == "escaped":
                        tally.findings.append({**current, **found})
                    current = {}
        except TimeoutError:
            worker.kill()
            tally.ends["timed out"] += 1
            tally.findings.append({**current, "end": "timed out"})
            return last
        code = worker.wait()
        drain.join(1)
    if current or code:
        tally.ends["died"] += 1
        text = "".join(errors)[-3000:]
        tally.findings.append({**current, "end": "died", "code": code, "trace": text})
        return last if current else stop
    return stop


def run_range(first: int, stop: int, base: int, seconds: float, tally: Tally) -> None:
    """Run all cases of a range, with a fresh worker after each that is stopped."""
    while first < stop:
        first = run_worker(first, stop, base, seconds, tally)


def main() -> None:
    """Parse the arguments, run, print the tally."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--base", type=int, default=0, help="another base gives other cases")
    parser.add_argument("--seconds", type=float, default=20.0, help="for one case")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="findings, one JSON object a line")
    given = parser.parse_args()
    tally = Tally()
    share = -(-given.cases // given.workers)
    threads = [
        threading.Thread(
            target=run_range,
            args=(
                given.first + i * share,
                min(given.first + (i + 1) * share, given.first + given.cases),
                given.base,
                given.seconds,
                tally,
            ),
        )
        for i in range(given.workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(tally, given.out)
    sys.exit(1 if tally.findings else 0)


def kind_of(finding: dict[str, Any]) -> str:
    """Return what makes two findings the same: how it ended, the exception, the innermost frame."""
    frames = [line.strip() for line in finding.get("trace", "").splitlines() if "File " in line]
    place = frames[-1] if frames else ""
    return f"{finding['end']}: {finding.get('error', '')[:120]} {place}"


def report(tally: Tally, out: Path | None) -> None:
    """Print how the cases ended and the findings; write those to `out` too."""
    print(json.dumps(dict(tally.ends.most_common())))
    groups: dict[str, list[dict[str, Any]]] = {}
    for finding in tally.findings:
        groups.setdefault(kind_of(finding), []).append(finding)
    for kind, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        cases = ", ".join(f"{m.get('case')} {m.get('what')}" for m in members[:4])
        print(f"{len(members)} times {kind}\n  cases {cases}")
    if out is not None:
        out.write_text("".join(json.dumps(finding) + "\n" for finding in tally.findings))
