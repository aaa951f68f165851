import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx.parser
import pytest

from onnxwright.bench.measure.scratch import OWNER, PREFIX, scratch_folder, sweep
from onnxwright.signals import ENDING

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

MODEL = """
    <ir_version: 8, opset_import: ["" : 17]>
    tanh (float[batch, 3] x) => (float[batch, 3] y) { y = Tanh(x) }
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def stopped_by(number: signal.Signals, folder: Path) -> tuple[int, str]:
    """Begin a run, stop it by the signal in its midst; return its exit code and stderr.

    The signal is not ignored in the run, as it would be where the tests run in the background.
    """

    def not_ignored() -> None:
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)

    onnx.save(onnx.parser.parse_model(MODEL), folder / "net.onnx")
    journal = folder / "run.jsonl"
    command = [sys.executable, "-m", "onnxwright", "bench", str(folder / "net.onnx")]
    options = ["--on", "numpy", "--sample-time", "0.005", "--no-peaks", "--out", str(journal)]
    with subprocess.Popen(
        [*command, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=not_ignored,
    ) as process:
        while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
            assert process.poll() is None, "it ended before it could be stopped"
            time.sleep(0.02)
        process.send_signal(number)
        said = process.communicate()[1]
    return process.returncode, said


@pytest.mark.parametrize("name", ENDING)
def test_what_asks_it_to_end_cleans_up_and_says_how_to_go_on(
    name: str, tmp_path: Path, temporary: Path
) -> None:
    code, said = stopped_by(getattr(signal, name), tmp_path)
    np.testing.assert_equal(code, 130)
    assert "stopped; go on with: onnxwright bench --resume" in said
    np.testing.assert_equal(list(temporary.glob(f"{PREFIX}*")), [])


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, temporary: Path) -> None:
    stopped_by(signal.SIGKILL, tmp_path)
    (left,) = temporary.glob(f"{PREFIX}*")
    with scratch_folder() as mine:
        np.testing.assert_equal(list(temporary.glob(f"{PREFIX}*")), [mine])
        assert not left.exists()


def test_the_folder_of_a_run_that_goes_on_stays(temporary: Path) -> None:
    beginning = temporary / f"{PREFIX}no-owner-yet"
    beginning.mkdir()
    with scratch_folder() as mine:
        np.testing.assert_equal((mine / OWNER).read_text(), f"{os.getpid()}\n")
        sweep(temporary)
        np.testing.assert_equal(set(temporary.iterdir()), {mine, beginning})
    np.testing.assert_equal(list(temporary.iterdir()), [beginning])


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / OWNER).write_text("1\n")
    (temporary / f"{PREFIX}link").symlink_to(tmp_path / "precious")
    sweep(temporary)
    assert (tmp_path / "precious" / OWNER).exists()


def test_a_handler_of_the_program_is_kept() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with scratch_folder():
            np.testing.assert_equal(signal.getsignal(signal.SIGTERM), signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGTERM, before)
