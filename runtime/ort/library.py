"""Find onnxruntime, the providers its build has, and those that plugin libraries bring."""

import importlib
import os
from types import ModuleType
from typing import Any

from ..errors import ProviderError
from ..providers import SPECS, ProviderSpec
from . import native
from .native import shipped_library

_LONG = 600
"""Characters of an error's text that are shown whole."""


def import_onnxruntime(spec: ProviderSpec) -> ModuleType:
    """Import onnxruntime, which only some extras install.

    Raises
    ------
    ProviderError
        It is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module("onnxruntime")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "onnxruntime"
        reason = "which is not installed" if missing else f"which cannot be imported ({error})"
        raise ProviderError(
            f"on='{spec.name}' needs onnxruntime, {reason}",
            f"install it: {spec.install}; on='numpy' works without",
        ) from error


def short_name(ort_name: str) -> str:
    """Return our short name of the provider that onnxruntime calls `ort_name`."""
    for spec in SPECS.values():
        if spec.ort_name == ort_name:
            return spec.name
    return ort_name.removesuffix("ExecutionProvider").lower()


def available_names(ort: ModuleType) -> list[str]:
    """Return onnxruntime's names of the providers that run models here, the CPU's first.

    They stand in the build or in the plugin libraries of installed packages. Azure is left out:
    it sends a model's inputs to a server instead of running the model.
    """
    names = dict.fromkeys(reversed(ort.get_available_providers()))
    for spec in SPECS.values():
        if spec.plugin is not None:
            plugin_devices(ort, spec)
    if hasattr(ort, "get_ep_devices"):
        names |= dict.fromkeys(device.ep_name for device in ort.get_ep_devices())
    return [name for name in names if name != "AzureExecutionProvider"]


def plugin_devices(
    ort: ModuleType, spec: ProviderSpec, library: str | os.PathLike[str] | None = None
) -> list[Any]:
    """Return the ``OrtEpDevice`` objects of a provider that a plugin library brings.

    The library is `library`, or the one that the provider's own Python package ships. Empty where
    there is neither.

    Raises
    ------
    ProviderError
        The library cannot be registered.
    """
    path = os.fspath(library) if library is not None else shipped_library(spec.plugin)
    try:
        return native.plugin_devices(ort, spec.ort_name, path)
    except Exception as error:
        raise ProviderError(
            f"the plugin library {path} of '{spec.name}' cannot be registered: {one_line(error)}",
            "use the build of the library that goes with "
            f"onnxruntime {ort.__version__} and this platform",
        ) from error


def one_line(error: Exception) -> str:
    r"""Return an onnxruntime error's text in one line, without its tag and code.

    Of a long one the middle is left out: C++ signatures stand there, the reason at the end.

    >>> one_line(RuntimeError("[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : no such\n kernel"))
    'no such kernel'
    """
    text = " ".join(str(error).split())
    head, _, tail = text.partition(" : ")
    if head == "[ONNXRuntimeError]":
        text = tail.split(" : ", 2)[-1]
    return text if len(text) <= _LONG else f"{text[: _LONG // 3]} ... {text[-_LONG // 2 :]}"
