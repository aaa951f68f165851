"""The machine, the versions and the settings, as lists."""

from collections.abc import Iterable

from ...results.document import Results
from ..units import seconds
from .markup import Markup, element, joined


def machine_section(results: Results) -> Markup:
    """Return what the figures were measured on and how."""
    machine, settings = results.machine, results.settings
    on = [
        ("processor", machine.cpu),
        ("cores", _cores(machine.cores, machine.usable_cores)),
        ("memory", machine.memory_gib and f"{machine.memory_gib:g} GiB"),
        ("system", " ".join(filter(None, (machine.system, machine.kernel, machine.architecture)))),
        ("GPUs", ", ".join(machine.gpus or ())),
        ("clock governor", machine.governor),
        ("load at the start", machine.load_1min and f"{machine.load_1min:.2f} runnable threads"),
        ("Python", machine.python),
        ("nodes", ", ".join(machine.nodes or ())),
    ]
    how = [
        ("smallest effect", f"{100 * settings.min_effect:g} %"),
        ("rounds", f"{settings.rounds} to {settings.max_rounds} processes of each case"),
        ("samples", f"{seconds(settings.sample_s)} in each process"),
        ("inputs", ", ".join(settings.inputs) or f"random, seed {settings.seed}"),
        ("absolute error budget", settings.atol and f"{settings.atol:g}"),
        ("loads", ", ".join(settings.loads)),
    ]
    return joined(
        element("div", _block("Machine", on), _block("Versions", sorted(machine.packages.items())),
                _block("Settings", how), class_="blocks"),
    )  # fmt: skip


def _cores(cores: int | None, usable: int | None) -> str | None:
    if usable is None or usable == cores:
        return None if cores is None else str(cores)
    return f"{usable} of {cores} usable"


def _block(title: str, facts: Iterable[tuple[str, str | float | None]]) -> Markup:
    pairs = [(name, str(value)) for name, value in facts if value]
    told = [joined(element("dt", name), element("dd", value)) for name, value in pairs]
    return element("div", element("h3", title), element("dl", *told)) if told else Markup("")
