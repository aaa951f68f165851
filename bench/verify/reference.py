"""The runtime that others are held against: float64 on NumPy, or what stands in for it."""

from collections.abc import Sequence
from typing import Any

from ...runtime import Runner, load
from ...runtime.errors import NoKernelError
from ...runtime.providers import NUMPY, runtime_name
from ...runtime.runner import Model
from ...texts import listed

REFERENCE = "numpy:float64"


def find_reference(model: Model, on: str, **options: Any) -> tuple[Runner, str]:
    """Return the reference for the runtime `on`, and why it is another than the float64 reference.

    Where NumPy has no kernel, onnxruntime itself stands in, without its optimisations; not for a
    NumPy runtime, which cannot run the model at all. `options` are those of the reference.

    Raises
    ------
    NoKernelError
        `on` is a NumPy runtime that lacks a kernel.
    RunnerError
        The model cannot be loaded.
    """
    try:
        return load(model, on=REFERENCE, **options), ""
    except NoKernelError as error:
        if runtime_name(on) in NUMPY:
            raise
        missing = error.problem
    return load(model, on="cpu", optimization="none"), f"no float64 reference: {missing}"


def borrowed_words(operators: Sequence[str]) -> str:
    """Return what a person should know of a reference without kernels of its own for `operators`.

    >>> borrowed_words(["Col2Im"])
    "fallback: the reference takes the onnx package's kernels for Col2Im, having none of its own"
    """
    names = listed(list(operators), 4)
    whose = f"the onnx package's kernels for {names}"
    return f"fallback: the reference takes {whose}, having none of its own"
