import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from onnxwright.runtime import load

from .seeds import seeds

ROOT = Path(__file__).parents[2]


def fuzz(*arguments: str) -> tuple[int, str]:
    """Run the harness and return its exit code and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_few_hundred_mutants_end_well() -> None:
    code, text = fuzz("--cases", "400")
    np.testing.assert_equal([code, text if code else ""], [0, ""])
    ends = json.loads(text.splitlines()[0])
    np.testing.assert_equal(sum(ends.values()), 400)
    assert ends["ran"] > 20


def test_a_case_depends_on_its_number_alone() -> None:
    np.testing.assert_equal(
        fuzz("--first", "7", "--cases", "3"), fuzz("--first", "7", "--cases", "3")
    )


def python(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the repository's root."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


WORKER = """
import os, sys, time
sys.path.insert(0, os.getcwd())
from tests.fuzz import worker

first = int(sys.argv[1])
run = 0

def ends(*_):
    global run
    run += 1
    if first + run == 1:
        raise KeyError("escaped it is")
    if first + run == 2:
        os._exit(11)
    time.sleep(60)

worker.run = ends
worker.main(*(int(argument) for argument in sys.argv[1:]))
"""


def test_escapes_deaths_and_hangs_are_findings(tmp_path: Path) -> None:
    (tmp_path / "bad_worker.py").write_text(WORKER)
    done = python(f"""
import os, sys
os.environ["PYTHONPATH"] = {str(tmp_path)!r}
from tests.fuzz import driver
driver.WORKER = "bad_worker"
sys.argv = ["fuzz", "--cases", "3", "--seconds", "5"]
driver.main()
""")
    np.testing.assert_equal([done.returncode, done.stderr], [1, ""])
    ends = json.loads(done.stdout.splitlines()[0])
    np.testing.assert_equal(ends, {"escaped": 1, "died": 1, "timed out": 1})
    assert "KeyError('escaped it is')" in done.stdout


def test_every_seed_runs() -> None:
    for seed in seeds():
        for on in ("numpy", "numpy:float64"):
            assert load(seed.model, on).run(seed.feeds), seed.name
