"""Why a session on a provider could not be opened, and what to do."""

import ctypes
from pathlib import Path
from types import ModuleType

from ..errors import ModelError, ProviderError
from ..providers import ProviderSpec
from .library import available_names, one_line, short_name
from .native import shipped_library
from .options import OrtOptions


def absent(ort: ModuleType, spec: ProviderSpec, options: OrtOptions) -> ProviderError:
    """Say that the provider is neither in the build nor brought by a plugin library."""
    library = options.library or shipped_library(spec.plugin)
    if library is not None:
        return ProviderError(
            f"the plugin library of '{spec.name}' ({library}) finds no device on this machine",
            "install the driver of the device that it is for, or choose another on=...",
        )
    there = ", ".join(short_name(name) for name in available_names(ort))
    return ProviderError(
        f"the provider '{spec.name}' ({spec.ort_name}) is not in this onnxruntime "
        f"{ort.__version__}, which has {there}",
        "install it in an environment of its own, because the builds overwrite each other: "
        f"{spec.install}",
    )


def not_started(ort: ModuleType, spec: ProviderSpec) -> ProviderError:
    """Say that the provider is in the build and cannot run here, and which library it misses."""
    missing = missing_library(ort, spec)
    reason = f": {missing}" if missing else " (its driver or device is missing)"
    return ProviderError(
        f"the provider '{spec.name}' ({spec.ort_name}) is in this onnxruntime {ort.__version__} "
        f"but did not start{reason}",
        spec.libraries or "install the provider's driver and libraries, or choose another on=...",
    )


def missing_library(ort: ModuleType, spec: ProviderSpec) -> str | None:
    """Return the system's word on why the provider's own library cannot be loaded, or None."""
    folder = Path(getattr(ort, "__file__", None) or "").parent / "capi"
    stem = spec.ort_name.removesuffix("ExecutionProvider").lower()
    for path in sorted(folder.glob(f"*onnxruntime_providers_{stem}.*")):
        try:
            ctypes.CDLL(str(path))
        except OSError as error:
            text = " ".join(str(error).split())
            # Other failures, as of symbols that onnxruntime itself provides, come from asking.
            return text if "cannot open" in text or "Could not find" in text else None
    return None


def refused(ort: ModuleType, spec: ProviderSpec, error: Exception) -> ProviderError | ModelError:
    """Say whether onnxruntime found the model broken, or the provider could not take it."""
    text = one_line(error)
    if "install TensorRT libraries" in text:
        return not_started(ort, spec)
    broken = ("InvalidProtobuf", "InvalidGraph", "NoSuchFile", "ModelLoadFailed")
    if type(error).__name__ in broken:
        return ModelError(
            f"onnxruntime {ort.__version__} cannot load the model: {text}",
            "check it with onnx.checker.check_model; on='numpy' may say more",
        )
    if "fallback to CPU EP has been explicitly disabled" in text:
        if missing_library(ort, spec) is not None:
            return not_started(ort, spec)
        return ProviderError(
            f"'{spec.name}' did not start or does not run every node of the model, and strict=True "
            "forbids the CPU provider to run the rest",
            "load it with strict=False, which says why or lets runner.placement() tell the nodes",
        )
    return ProviderError(
        f"'{spec.name}' refuses the model: {text}",
        "run it on='cpu' or on='numpy', or export the model at opset 17",
    )
