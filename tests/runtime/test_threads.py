"""The thread count of BLAS: set inside the block and restored behind it."""

import sys

import numpy as np
import pytest

from onnxwright.runtime.errors import RunnerError
from onnxwright.runtime.threads import threads


def counts() -> list[int]:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]


def test_the_count_holds_inside_the_block_only() -> None:
    before = counts()
    with threads(1):
        np.testing.assert_equal(set(counts()) <= {1}, True)
    np.testing.assert_equal(counts(), before)


def test_no_threads_are_refused() -> None:
    with (
        pytest.raises(RunnerError, match=r"^0 threads cannot compute anything\ngive 1 or more$"),
        threads(0),
    ):
        pass


def test_without_threadpoolctl_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(RunnerError, match=r"pip install 'onnxwright\[bench\]'"), threads(1):
        pass
