"""From the options of ``onnxwright bench`` to the settings of its run."""

from collections.abc import Mapping
from typing import Any

from ..errors import BenchError
from ..measure.releases import parse_releases
from ..plan.settings import Settings, parse_axes, parse_bytes, parse_share
from ..plan.validate import THREADS
from .environments import first_of, spread

DEFAULT_SIZES = ("small",)


def make_settings(options: Mapping[str, Any], environments: Mapping[str, str]) -> Settings:
    """Return the settings that the command's options ask for."""
    memory, against = options["memory_limit"], options["against"]
    on = spread(options["on"], [*environments], parse_releases(options["releases"]))
    on = on or ready_runtimes()
    if (ordered := first_of(against, on)) is not None:
        on, against = ordered, None
    models, axes, loads = _chosen(options)
    if against is not None and against not in models:
        models = (against, *models)
    if options["hardware"] and not options["cluster"]:
        raise BenchError("--hw names nodes of a cluster", "add --cluster ADDRESS, or leave it out")
    return Settings(
        models=models,
        suite=options["suite"],
        on=on,
        axes=axes,
        environments=environments,
        inputs=options["inputs"],
        seed=options["seed"],
        min_effect=parse_share(options["min_effect"]),
        rounds=options["rounds"],
        max_rounds=max(options["rounds"], options["max_rounds"]),
        time_budget_s=options["time_budget"],
        sample_s=options["sample_time"],
        timeout_s=options["timeout"],
        memory_limit_bytes=parse_bytes(memory) if memory else None,
        max_steps=options["max_steps"],
        map_weights=not options["no_map"],
        against=against,
        budget=options["budget"],
        atol=options["atol"],
        rtol=options["rtol"],
        loads=loads,
        servers=options["servers"],
        load_s=options["load_time"],
        cluster=options["cluster"],
        hardware=options["hardware"],
        peaks=options["peaks"],
        strict=options["strict"],
    )


def ready_runtimes() -> tuple[str, ...]:
    """Return the runtimes that start here, without the float64 reference."""
    from ...runtime.discovery import providers

    found = tuple(info.on for info in providers() if info.ready and info.on != "numpy:float64")
    if not found:
        raise BenchError("no runtime is ready", "install one: pip install 'onnxwright[cpu]'")
    return found


def _chosen(
    options: Mapping[str, Any],
) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """Return models, axes and loads: those of the suite where the call names none of its own."""
    from ..measure.machine import usable_cores
    from ..plan.preparation import default_models
    from ..plan.suites import find_suite

    models, loads = tuple(options["models"]), tuple(options["loads"])
    axes = parse_axes(options["axes"])
    if options["suite"] is None:
        return models or default_models(options["sizes"] or DEFAULT_SIZES), axes, loads
    suite = find_suite(options["suite"])
    for model in models:
        if model not in suite.models:
            raise BenchError(
                f"the suite {options['suite']} has no model '{model}'",
                f"leave it out for all of them, or name some of {', '.join(suite.models)}",
            )
    if options["sizes"]:
        raise BenchError("--size is of the built-in cases, not of a suite", "leave it out")
    axes = axes if THREADS in axes else {**axes, THREADS: (suite.threads,)}
    return models or suite.models, axes, loads or suite.loads(usable_cores())
