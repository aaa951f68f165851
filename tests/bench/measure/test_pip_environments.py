"""Environments that pip makes, from a folder of tiny wheels: no network is asked."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.bench.errors import BenchError
from onnxwright.bench.measure import pip_environments
from onnxwright.bench.measure.pip_environments import complaint, ensure, kept
from onnxwright.bench.measure.releases import environment_name, environments_folder, interpreter


def wheel(folder: Path, name: str, version: str, source: str, needs: str = "") -> None:
    """Write a wheel of one package, whose whole content is `source`."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/__init__.py", source)
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip know a folder of wheels alone, and keep environments in another."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel(folder, "numpy", "2.0", "")
    for version in ("1.30.0", "1.30.2", "1.31.0"):
        source = f"__version__ = {version!r}"
        wheel(folder, "onnxruntime", version, source, "Requires-Dist: numpy\n")
    wheel(folder, "onnxruntime", "1.32.0", "raise ImportError('numpy is too new')")
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_NO_CACHE_DIR": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "LOCALAPPDATA": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "cache")
    return folder


def left() -> list[Path]:
    """Return the folders that are there, hidden ones too."""
    return [path for path in environments_folder().iterdir() if path.is_dir()]


def test_an_environment_is_made_once_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    made = ensure("1.30", said.append)
    np.testing.assert_equal((made.release, made.version), ("1.30", "1.30.2"))
    np.testing.assert_equal(made.python, interpreter(left()[0]))
    assert f"pip makes an environment in {environments_folder()}" in said[0]
    assert said[1].endswith(" MB")
    shutil.rmtree(tmp_path / "wheels")
    said.clear()
    np.testing.assert_equal(ensure("1.30", said.append), made)
    np.testing.assert_equal([line[:34] for line in said], ["onnxruntime 1.30: the environment "])


def test_a_whole_number_is_that_release() -> None:
    np.testing.assert_equal(ensure("1.30.0", print).version, "1.30.0")


def test_a_release_that_is_not_there_names_the_newest() -> None:
    with pytest.raises(BenchError) as told:
        ensure("1.99", print)
    problem, remedy = str(told.value).splitlines()
    assert problem.startswith("no environment with onnxruntime 1.99: the package index has none")
    np.testing.assert_equal(
        remedy, "choose another; the newest there are 1.30.0, 1.30.2, 1.31.0, 1.32.0"
    )
    np.testing.assert_equal(left(), [])


def test_one_that_does_not_start_is_not_kept() -> None:
    with pytest.raises(BenchError, match=r"1\.32\.0: ImportError: numpy is too new\nsee that "):
        ensure("1.32.0", print)
    np.testing.assert_equal(left(), [])


def test_no_program_of_a_package_is_run(wheels: Path, tmp_path: Path) -> None:
    project = tmp_path / "onnxruntime-1.33.0"
    project.mkdir()
    (project / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (project / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: onnxruntime\nVersion: 1.33.0\n")
    shutil.make_archive(str(wheels / project.name), "gztar", tmp_path, project.name)
    with pytest.raises(BenchError, match=r"onnxruntime 1\.33\.0: the package index has none"):
        ensure("1.33.0", print)
    np.testing.assert_equal((tmp_path / "ran").exists(), False)


def test_a_pip_in_the_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pip", "venv"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is no pip')")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_equal(ensure("1.31.0", print).version, "1.31.0")


def test_what_a_killed_run_left_is_cleared_away() -> None:
    folder, name = environments_folder(), environment_name("1.31.0")
    for part in (f".{name}.0123", name):
        (folder / part / "lib").mkdir(parents=True)
    np.testing.assert_equal(ensure("1.31.0", print).version, "1.31.0")
    np.testing.assert_equal([path.name for path in left()], [name])


def test_the_folder_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_environments, "MOST_KEPT", 1)
    ensure("1.31.0", print)
    with pytest.raises(BenchError, match=r"holds 1 environments already, .*\nremove some of them"):
        ensure("1.30.0", print)
    np.testing.assert_equal(len(kept(environments_folder())), 1)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(BenchError, match=r"cannot make an environment in .*\nfree disk space"):
        ensure("1.30.0", print)


def test_two_processes_do_not_make_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_environments, "WAIT_S", 0.0)

    def held(_: Any) -> None:
        raise BlockingIOError

    monkeypatch.setattr(pip_environments, "lock", held)
    with pytest.raises(BenchError, match=r"another process has held .*\.lock for 0 s\nend it, or"):
        ensure("1.30.0", print)


def test_pip_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(command: Any, timeout: float, **_: Any) -> Any:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hangs)
    with pytest.raises(BenchError, match=r"1\.30: not done within 900 s\ntry again, with a faster"):
        ensure("1.30", print)
    np.testing.assert_equal(left(), [])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError'\n"
            "ERROR: Could not find a version that satisfies the requirement (from versions: none)",
            "no environment with onnxruntime 1.30: the package index cannot be reached\n"
            "connect to the network, or name an index or a folder of wheels",
        ),
        (
            f"{sys.executable}: No module named pip",
            f"no environment with onnxruntime 1.30: {sys.executable}: No module named pip\n"
            f"see that {sys.executable} -m pip works; or make it by hand, and name it by --env",
        ),
        ("", "no environment with onnxruntime 1.30: it said nothing\n"),
    ],
)
def test_what_pip_says_becomes_an_error(said: str, told: str) -> None:
    assert str(complaint("1.30", said)).startswith(told)
