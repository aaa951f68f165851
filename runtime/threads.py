"""How many threads NumPy's matrix products use."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from .errors import RunnerError


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let the BLAS library behind NumPy use `count` threads inside the block.

    Without it the library's own settings hold (``OPENBLAS_NUM_THREADS`` and the like). Element by
    element NumPy works on one thread always. onnxruntime is not touched: its threads are an
    option of ``load``.

    Raises
    ------
    RunnerError
        `count` is below 1, or the package threadpoolctl, which does the work, is not installed.

    Examples
    --------
    >>> with threads(1):
    ...     pass
    """
    if count < 1:
        raise RunnerError(f"{count} threads cannot compute anything", "give 1 or more")
    try:
        threadpoolctl = import_module("threadpoolctl")
    except ImportError as error:
        raise RunnerError(
            "setting the number of threads needs the package threadpoolctl",
            "pip install 'onnxwright[bench]', or set OPENBLAS_NUM_THREADS before Python starts",
        ) from error
    with threadpoolctl.threadpool_limits(limits=count):
        yield
