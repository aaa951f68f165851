"""Whether the axes and environments of a run's settings fit its models and runtimes."""

from collections.abc import Sequence
from typing import Protocol

from ...runtime.providers import NUMPY
from ...runtime.runner import TensorInfo
from ..errors import BenchError
from ..model.free_dims import why_not
from .settings import Settings

THREADS = "threads"
HIDDEN = "hidden"


class Measured(Protocol):
    """What is known of a model whose axes are checked."""

    @property
    def dims(self) -> tuple[str, ...]:
        """Its free dims."""
        ...

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """Its inputs."""
        ...

    @property
    def built_in(self) -> bool:
        """It has the axis ``hidden``."""
        ...


def check_axes(settings: Settings, models: Sequence[Measured]) -> None:
    """Raise BenchError for an axis that is neither dims of `models` nor a runtime's option."""
    dims = sorted({dim for model in models for dim in model.dims})
    bound = [name for axis in settings.axes for name in axis.split(",")]
    for name in bound:
        if bound.count(name) > 1:
            raise BenchError(f"--axis: '{name}' is bound twice", "give it sizes in one axis")
    for axis in settings.axes:
        names = axis.split(",")
        built_in = axis == HIDDEN and any(model.built_in for model in models)
        if not (built_in or axis == THREADS or set(names) <= set(dims)):
            _check_option(axis, settings, dims, [each for model in models for each in model.inputs])


def _check_option(
    axis: str, settings: Settings, dims: Sequence[str], inputs: Sequence[TensorInfo]
) -> None:
    """Raise BenchError for an axis that is no option of a runtime of the settings."""
    runtime, dot, option = axis.partition(".")
    if not (dot and option and runtime in {on.partition("@")[0] for on in settings.on}):
        name = next(name for name in axis.split(",") if name not in dims)
        problem, remedy = why_not(name, inputs, "--axis")
        raise BenchError(
            f"--axis {axis}: {problem if remedy else 'no model has a dim of that name'}",
            remedy
            or f"use one of {', '.join([*dims, THREADS])}, runtime.option, or for built-in cases "
            f"{HIDDEN}",
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
