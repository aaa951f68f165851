from pathlib import Path

import numpy as np
import pytest

from onnxwright.runtime import ProviderError
from onnxwright.runtime.interpreter import memory


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the files that the system tells its memory in."""
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUPS", (tmp_path / "v2", tmp_path / "v1"))
    return tmp_path


def test_linux_says_what_is_available(machine: Path) -> None:
    (machine / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable:    300 kB\n")
    np.testing.assert_equal(memory.available(), 300 << 10)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [("v2", "1000\n", 1000), ("v1", "2000\n", 2000), ("v2", "max\n", 300 << 10)],
)
def test_a_container_may_have_less(machine: Path, name: str, text: str, expected: int) -> None:
    (machine / "meminfo").write_text("MemAvailable:    300 kB\n")
    (machine / name).write_text(text)
    np.testing.assert_equal(memory.available(), expected)


def test_elsewhere_it_is_all_that_the_machine_has(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}
    monkeypatch.setattr("os.sysconf", sizes.__getitem__)
    np.testing.assert_equal(memory.available(), 4_096_000)


def test_a_system_that_does_not_tell(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sysconf")
    np.testing.assert_equal(memory.available(), memory.UNKNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3000", 3000), (3000, 3000), ("2K", 2048), ("1.5MiB", 3 << 19), ("2 gb", 2 << 30)],
)
def test_sizes_that_are_understood(text: str | int, expected: int) -> None:
    np.testing.assert_equal(memory.parsed(text, 1), expected)


@pytest.mark.parametrize("text", ["much", "", "-1", -1, True, "2X", "1e9"])
def test_sizes_that_are_not(text: str | int) -> None:
    with pytest.raises(ProviderError, match=f"memory_limit is {text!r}, which is no size"):
        memory.parsed(text, 1)
