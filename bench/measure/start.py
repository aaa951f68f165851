"""Start a worker in any environment: ``PYTHON start.py worker``.

The environment needs NumPy and its onnxruntime (its onnxwright for ``numpy`` and served models),
and nothing else of what the project depends on. So the packages that hold a worker's modules are
made here, without running their ``__init__.py``, and under a name of their own: the environment may
have an onnxwright.
"""

import contextlib
import importlib
import os
import signal
import sys
import types

NAME = "onnxwright_alone"
PACKAGES = (
    "",
    ".bench",
    ".bench.measure",
    ".bench.plan",
    ".bench.results",
    ".runtime",
    ".runtime.ort",
)


PR_SET_PDEATHSIG = 1
"""Of Linux's prctl: the signal that this process gets when its parent ends."""


def die_first() -> None:
    """Ask Linux to end this process before others when memory runs out, and with its parent."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        with open("/proc/self/oom_score_adj", "w") as stream:
            stream.write("1000")
        importlib.import_module("ctypes").CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)


def make_packages() -> None:
    """Make the packages in which a worker's modules find each other."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    for package in PACKAGES:
        module = types.ModuleType(NAME + package)
        module.__path__ = [os.path.join(root, *package.split("."))]
        sys.modules[module.__name__] = module


def main(worker: str) -> None:
    """Answer the request on stdin with the module `worker` of this folder."""
    die_first()
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    make_packages()
    importlib.import_module(f"{NAME}.bench.measure.{worker}").main()


if __name__ == "__main__":
    main(sys.argv[1])
