"""What a figure was measured on: processor, memory, system, versions. Absent facts are None."""

import contextlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("onnxwright", "numpy", "onnx", "onnxruntime", "scipy", "psutil")
"""Distributions whose version is recorded; any other that starts with onnxruntime is too."""

IDENTITY = ("cpu", "cores", "memory_gib", "system", "architecture", "gpus")
"""The facts that must agree before figures of two sessions are compared."""


def machine() -> dict[str, Any]:
    """Return the machine's facts as a dict that JSON can hold.

    Works without psutil. ``load_1min`` is the mean number of runnable threads over the last
    minute, ``memory_gib`` is rounded to a tenth.
    """
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "usable_cores": _usable_cores(),
        "memory_gib": _memory_gib(),
        "system": platform.system(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "gpus": _gpus(),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "load_1min": _load(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "packages": _versions(),
    }


def differences(here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """Return one line per fact of `IDENTITY` in which two machines, or their nodes, differ.

    >>> differences({"cpu": "A", "cores": 2}, {"cpu": "B", "cores": 2})
    ["cpu: 'A' and 'B'"]
    """
    found = [
        f"{fact}: {here.get(fact)!r} and {there.get(fact)!r}"
        for fact in IDENTITY
        if here.get(fact) != there.get(fact)
    ]
    ours, theirs = here.get("nodes", {}), there.get("nodes", {})
    for node in [node for node in ours if node in theirs]:
        found += [f"node {node}: {line}" for line in differences(ours[node], theirs[node])]
    return found


def _cpu_model() -> str | None:
    for line in (_read("/proc/cpuinfo") or "").splitlines():
        if line.startswith(("model name", "Hardware", "cpu model")):
            return line.partition(":")[2].strip()
    return platform.processor() or None


def _usable_cores() -> int | None:
    """Return the number of cores this process may run on, which a container can lower."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory_gib() -> float | None:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    with contextlib.suppress(ImportError):
        import psutil

        return round(psutil.virtual_memory().total / 2**30, 1)
    return None


def _gpus() -> list[str] | None:
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
    return lines or None


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
