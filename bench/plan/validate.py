"""Whether the axes and environments of a run's settings fit its models and runtimes."""

from collections.abc import Sequence

from ...runtime.providers import NUMPY
from ..errors import BenchError
from .settings import Settings

THREADS = "threads"
HIDDEN = "hidden"


def check_axes(settings: Settings, dims: Sequence[str], built_in: bool) -> None:
    """Raise BenchError for an axis that is neither one of `dims` nor a runtime's option.

    `built_in` says whether a model is a built-in case, which has the axis ``hidden``.
    """
    runtimes = [on.partition("@")[0] for on in settings.on]
    for axis in settings.axes:
        runtime, dot, option = axis.partition(".")
        if axis in dims or axis == THREADS or (axis == HIDDEN and built_in):
            continue
        if not (dot and option and runtime in runtimes):
            raise BenchError(
                f"--axis {axis}: no model has a dim of that name",
                f"use one of {', '.join([*dims, THREADS])}, runtime.option, or for built-in "
                f"cases {HIDDEN}",
            )
        if runtime in (*NUMPY, "cpu"):  # onnxruntime's CPU provider ignores all options
            raise BenchError(
                f"--axis {axis}: the runtime {runtime} has no options",
                f"use --axis {THREADS}, or leave it out: all its values would measure the same",
            )


def check_environments(settings: Settings) -> None:
    """Raise BenchError for an environment that no runtime of the settings runs in."""
    parts = [on.partition("@") for on in settings.on]
    used = {environment or name for name, _, environment in parts}
    for name in settings.environments:
        if name not in used:
            raise BenchError(
                f"--env {name}: no runtime of {', '.join(settings.on)} runs there",
                f"add --on {name} where that is a runtime, or --on RUNTIME@{name}, or leave it out",
            )
