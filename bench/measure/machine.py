"""What this machine tells of itself: processor, memory, system, versions."""

import contextlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

from ..model.processor import matrix_sets, processor_flags
from ..results.machine import Machine

PACKAGES = ("onnxwright", "numpy", "onnx", "onnxruntime", "scipy", "psutil")
"""Distributions whose versions are recorded, beside all whose names start with onnxruntime."""


def machine() -> Machine:
    """Return the facts of this machine; works without psutil."""
    return Machine(
        cpu=_cpu_model(),
        cores=os.cpu_count(),
        usable_cores=usable_cores(),
        memory_gib=_memory_gib(),
        system=platform.system(),
        kernel=platform.release(),
        architecture=platform.machine(),
        gpus=_gpus(),
        instruction_sets=matrix_sets(processor_flags()),
        governor=_read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        load_1min=_load(),
        python=platform.python_version(),
        executable=sys.executable,
        packages=_versions(),
    )


def _cpu_model() -> str | None:
    for line in (_read("/proc/cpuinfo") or "").splitlines():
        if line.startswith(("model name", "Hardware", "cpu model")):
            return line.partition(":")[2].strip()
    return platform.processor() or None


def usable_cores() -> int:
    """Return the number of cores this process may run on, which a container can lower."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gib() -> float | None:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    with contextlib.suppress(ImportError):
        import psutil

        return round(psutil.virtual_memory().total / 2**30, 1)
    return None


def _gpus() -> tuple[str, ...] | None:
    """Return the names of the NVIDIA devices the driver lists, None where there is no driver."""
    folder = Path("/proc/driver/nvidia/gpus")
    if not folder.is_dir():
        return None
    lines = [
        line.partition(":")[2].strip()
        for path in sorted(folder.glob("*/information"))
        for line in (_read(path) or "").splitlines()
        if line.startswith("Model")
    ]
    return tuple(lines) or None


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _versions() -> dict[str, str]:
    versions = {
        name.lower(): distribution.version
        for distribution in importlib.metadata.distributions()
        if (name := distribution.name)
        and (name.lower() in PACKAGES or name.lower().startswith("onnxruntime"))
    }
    return dict(sorted(versions.items()))


def _read(path: str | Path) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None
