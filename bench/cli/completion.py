"""What the shell completes: the values of options, as far as they are known before a run.

Nothing is run and no runtime is imported. A completion that fails says nothing: the command itself
will tell what is wrong.
"""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from click import Context, Parameter
from click.shell_completion import CompletionItem

Found = list[CompletionItem]
LARGEST = 2**28
"""Bytes of a model's file up to which its dims are read while somebody waits for a key."""


def _completes(values: Callable[[Context], Iterable[str]]) -> Callable[..., Found]:
    """Return a function for click's `shell_complete`: those of `values` that begin as was typed."""

    def complete(context: Context, _: Parameter, incomplete: str) -> Found:
        with contextlib.suppress(Exception):  # a shell's prompt is no place for a traceback
            return [CompletionItem(v) for v in values(context) if v.startswith(incomplete)]
        return []

    return complete


def _runtimes(_: Context) -> list[str]:
    from ...runtime.providers import NUMPY, SPECS

    return [*NUMPY, *SPECS]


def _targets(_: Context) -> tuple[str, ...]:
    from ...graphs.targets.target import TARGETS

    return TARGETS


def _models(context: Context) -> list[Path]:
    """Return the models that the command line names so far and that are small enough to read."""
    # Behind an option without its value yet, click leaves the arguments unparsed.
    named: Any = context.params
    given = [*(named.get("models") or ()), named.get("model"), *context.args]
    paths = [Path(each) for each in given if each]
    return [path for path in paths if path.is_file() and path.stat().st_size <= LARGEST]


def _dims(context: Context) -> list[str]:
    from ...files import read_model
    from ...runtime.interpreter.signature import signature
    from ..model.free_dims import free_dims

    infos = [signature(read_model(path, embedded=False), None)[0] for path in _models(context)]
    return [f"{dim}=" for each in infos for dim in free_dims(each)]


def _inputs(context: Context) -> list[str]:
    from ...files import read_model
    from ...runtime.interpreter.signature import signature

    infos = [signature(read_model(path, embedded=False), None)[0] for path in _models(context)]
    return [f"{info.name}=" for each in infos for info in each]


def _baselines(_: Context) -> list[str]:
    from ..measure.session import baseline_path

    return sorted(path.stem for path in baseline_path("any").parent.glob("*.json"))


def _axes(context: Context) -> list[str]:
    return [*_dims(context), "threads=", "hidden="]


def _suites(_: Context) -> list[str]:
    from ..plan.suites import SUITES

    return [*SUITES]


runtimes = _completes(_runtimes)
suites = _completes(_suites)
targets = _completes(_targets)
dims = _completes(_dims)
axes = _completes(_axes)
baselines = _completes(_baselines)
loads = _completes(lambda _: ("closed=", "processes=", "poisson="))


def inputs(context: Context, parameter: Parameter, incomplete: str) -> Found:
    """Complete ``NAME=`` of the model's inputs, else the name of a file."""
    return _completes(_inputs)(context, parameter, incomplete) or [
        CompletionItem(incomplete, type="file")
    ]


def cases(context: Context, parameter: Parameter, incomplete: str) -> Found:
    """Complete the built-in cases of the benchmark, else the name of a file."""
    from ..plan.builtin import SIZES, families
    from ..plan.suites import SUITES

    names = [f"{family}/{size}" for family in families() for size in SIZES]
    names += [model for suite in SUITES.values() for model in suite.models]
    if incomplete:
        found = _completes(lambda _: names)(context, parameter, incomplete)
        if found:
            return found
    return [CompletionItem(incomplete, type="file")]
