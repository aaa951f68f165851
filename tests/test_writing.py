"""Files are written whole or not at all, keep mode and links, and no input is written over."""

import errno
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from onnxwright import writing
from onnxwright.files import FileError, atomic_write, refuse_overwrite

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links are POSIX's")


def write(path: Path, content: bytes = b"new") -> None:
    with atomic_write(path) as stream:
        stream.write(content)


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write(path, b"old")
    with pytest.raises(ValueError, match="closed file"), atomic_write(path) as stream:
        stream.close()
    np.testing.assert_equal(path.read_bytes(), b"old")
    np.testing.assert_equal(os.listdir(tmp_path), ["f"])


def test_a_write_into_no_folder_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(FileError, match=r"check that the folder .* exists"),
        atomic_write(tmp_path / "no" / "f"),
    ):
        pytest.fail("the block must not be entered")


@pytest.mark.parametrize("path", [".", os.devnull, "a\0b"])
def test_what_is_no_plain_file_is_not_replaced(path: str) -> None:
    with (
        pytest.raises(FileError, match=r"it is no plain file|check (the path|that the folder)"),
        atomic_write(path),
    ):
        pytest.fail("the block must not be entered")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(FileError, match=r"No space left .*\nmake room"),
        atomic_write(tmp_path / "f"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    np.testing.assert_equal(os.listdir(tmp_path), [])


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_an_existing_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    path.chmod(mode)
    write(path)
    np.testing.assert_equal(stat.S_IMODE(path.stat().st_mode), mode)


@posix
def test_a_private_file_is_private_from_the_first_byte_on(tmp_path: Path) -> None:
    (tmp_path / "f").touch(0o600)
    with atomic_write(tmp_path / "f") as stream:
        modes = [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()]
        stream.write(b"secret")
    np.testing.assert_equal(modes, [0o600, 0o600])


def test_a_write_protected_file_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with (
        pytest.raises(FileError, match=r"cannot write .*f: it is write-protected\nunprotect it"),
        atomic_write(path),
    ):
        pytest.fail("the block must not be entered")
    np.testing.assert_equal(path.read_bytes(), b"old")


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_has_the_mode_of_the_umask(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write(tmp_path / "f")
    finally:
        os.umask(before)
    np.testing.assert_equal(stat.S_IMODE((tmp_path / "f").stat().st_mode), 0o666 & ~mask)


def test_the_umask_of_the_process_is_never_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "umask", lambda _: pytest.fail("another thread would write under it"))
    write(tmp_path / "f")
    np.testing.assert_equal((tmp_path / "f").read_bytes(), b"new")


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_followed_and_stays(there: bool, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "f", tmp_path / "link"
    if there:
        target.write_bytes(b"old")
    link.symlink_to(target)
    write(link)
    np.testing.assert_equal((link.is_symlink(), target.read_bytes()), (True, b"new"))
    np.testing.assert_equal(os.listdir(tmp_path / "there"), ["f"])


@posix
def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(FileError, match=r"cannot write"), atomic_write(tmp_path / "a"):
        pytest.fail("the block must not be entered")


def test_an_output_that_is_no_input_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x")
    (tmp_path / "other").write_bytes(b"x")  # the same content is no reason
    refuse_overwrite([tmp_path / "new", tmp_path / "other", None], [tmp_path / "in", None])


@pytest.mark.parametrize("there", [True, False])
def test_two_outputs_in_one_file_are_refused(there: bool, tmp_path: Path) -> None:
    if there:
        (tmp_path / "out").touch()
    with pytest.raises(FileError, match=r"out would be written twice.*\ngive each its own path"):
        refuse_overwrite([tmp_path / "out", tmp_path / "." / "no" / ".." / "out"], [])


def test_inputs_are_looked_at_only_where_an_output_is_there(tmp_path: Path) -> None:
    unread = (pytest.fail("it was read") for _ in range(1))
    refuse_overwrite([tmp_path / "new"], unread)


def refused(output: Path, given: Path) -> None:
    with pytest.raises(FileError, match=r"is a file that is read here .*\ngive the output another"):
        refuse_overwrite([output], [given])


def test_an_output_that_is_an_input_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "in"
    given.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    refused(given, given)
    refused(Path("in"), given)
    refused(Path("sub") / ".." / "in", given)
    os.link(given, tmp_path / "hard")
    refused(tmp_path / "hard", given)


@posix
def test_an_output_that_leads_to_an_input_is_refused(tmp_path: Path) -> None:
    given = tmp_path / "in"
    given.write_bytes(b"x")
    (tmp_path / "link").symlink_to(given)
    refused(tmp_path / "link", given)
    refused(given, tmp_path / "link")


def test_two_outputs_that_differ_in_case_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system takes them for one file, and only there."""
    outputs = [tmp_path / "Model.onnx", tmp_path / "." / "model.ONNX"]
    one_file = writing.ignores_case(tmp_path)
    monkeypatch.setattr(writing, "ignores_case", lambda _: False)
    refuse_overwrite(outputs, [])
    monkeypatch.setattr(writing, "ignores_case", lambda _: True)
    with pytest.raises(FileError, match=r"written twice, for two outputs\ngive each its own path"):
        refuse_overwrite(outputs, [])
    refuse_overwrite([outputs[0], tmp_path / "other.onnx"], [])
    (tmp_path / "Folder").mkdir()
    np.testing.assert_equal((tmp_path / "fOLDER").exists(), one_file)
