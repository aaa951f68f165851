"""onnxruntime sessions and values: the one place that opens and makes them.

The runtime uses it, and so does the benchmark's worker, which the interpreter of any environment
runs: this file imports nothing of the project, and is given the ``onnxruntime`` module.
"""

import ctypes
import importlib
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

CPU = "CPUExecutionProvider"
PRELOADED = ("CUDAExecutionProvider", "TensorrtExecutionProvider")
"""Providers whose libraries (CUDA, cuDNN) may lie in wheels, where onnxruntime does not look."""
DEVICES = {
    "CUDAExecutionProvider": "cuda",
    "TensorrtExecutionProvider": "cuda",
    "DmlExecutionProvider": "dml",
}
"""Where a provider's bound inputs and outputs live, when that is not the CPU's memory."""
RECORD_PLACEMENT = "session.record_ep_graph_assignment_info"
FOREIGN = {
    "bfloat16": (16, 2),
    "float8_e4m3fn": (17, 1),
    "float8_e4m3fnuz": (18, 1),
    "float8_e5m2": (19, 1),
    "float8_e5m2fnuz": (20, 1),
}
"""Element types that onnxruntime's NumPy bridge refuses: ONNX's number (TensorProto.DataType of
onnx.proto) and the bytes of an element."""

_registered: set[str] = set()
"""Plugin libraries that this process has registered; onnxruntime refuses a second time."""


class AbsentError(Exception):
    """The provider is neither in the build nor brought by a plugin library."""


class NotStartedError(Exception):
    """The provider is in the build and did not start."""


class UnusedError(Exception):
    """The provider is there and takes not one node; `providers` take them."""

    def __init__(self, provider: str, nodes: Mapping[str, int]) -> None:
        super().__init__(f"{provider} takes none of the model's {sum(nodes.values())} nodes")
        self.nodes = nodes
        """Nodes by provider."""


def session_options(
    ort: Any,
    provider: str,
    *,
    threads: int | None = None,
    inter_threads: int | None = None,
    level: str = "ORT_ENABLE_ALL",
    config: Mapping[str, Any] | None = None,
    profile_prefix: str | None = None,
) -> Any:
    """Return ``SessionOptions``; None leaves onnxruntime's own default."""
    settings = ort.SessionOptions()
    # Failures come back as exceptions; the log line tells more only where a library is missing.
    settings.log_severity_level = 4 if provider == CPU else 3
    settings.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
    if threads is not None:
        settings.intra_op_num_threads = threads
    if inter_threads is not None:
        settings.inter_op_num_threads = inter_threads
        if inter_threads > 1:
            settings.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    for name, value in {RECORD_PLACEMENT: "1", **(config or {})}.items():
        settings.add_session_config_entry(name, str(value))
    if profile_prefix is not None:
        settings.enable_profiling = True
        settings.profile_file_prefix = profile_prefix
    return settings


def open_native(
    ort: Any,
    source: str | bytes,
    settings: Any,
    provider: str,
    provider_options: Mapping[str, str],
    *,
    plugin: str | None = None,
    library: str | None = None,
) -> Any:
    """Open a session that really uses `provider`.

    Parameters
    ----------
    source
        A model's path or its bytes.
    settings
        Of `session_options`; the device of a plugin's provider is added to them.
    plugin, library
        The Python package that ships the provider's plugin library, or the library itself.

    Raises
    ------
    AbsentError, NotStartedError, UnusedError
        The provider is not there, does not start, or takes nothing of the model.
    Exception
        What onnxruntime raises where it refuses the model or the library.
    """
    providers: Any = [(provider, dict(provider_options))]
    if provider in ort.get_available_providers() and library is None:
        preload_libraries(ort, provider)
    else:
        devices = plugin_devices(ort, provider, library or shipped_library(plugin))
        if not devices:
            there = ", ".join(ort.get_available_providers())
            raise AbsentError(f"this onnxruntime has {there} and no {provider}")
        settings.add_provider_for_devices(devices[:1], dict(provider_options))
        providers = None
    # By itself the Python package tries again on the CPU, and says so on stdout.
    native = ort.InferenceSession(source, settings, providers=providers, enable_fallback=0)
    if provider not in native.get_providers():
        raise NotStartedError(f"{provider} is in this build but did not start")
    native.disable_fallback()
    nodes = assigned_nodes(native)
    if nodes and provider not in nodes:
        raise UnusedError(provider, nodes)
    return native


def assigned_nodes(native: Any) -> dict[str, int]:
    """Return how many nodes each provider takes, {} where this onnxruntime does not tell."""
    counts: dict[str, int] = {}
    for part in getattr(native, "get_provider_graph_assignment_info", list)():
        counts[part.ep_name] = counts.get(part.ep_name, 0) + len(part.get_nodes())
    return counts


def preload_libraries(ort: Any, provider: str) -> None:
    """Load CUDA and cuDNN from the wheels that hold them, where the provider needs them."""
    if provider in PRELOADED and hasattr(ort, "preload_dlls"):
        # It prints every library that is not there; whether any is missed shows soon enough.
        with redirect_stdout(io.StringIO()):
            ort.preload_dlls()


def plugin_devices(ort: Any, provider: str, library: str | None) -> list[Any]:
    """Return the ``OrtEpDevice`` objects of a provider, whose `library` is registered first."""
    if not hasattr(ort, "get_ep_devices"):
        return []
    if library is not None and library not in _registered:
        ort.register_execution_provider_library(f"onnxwright.{provider}", library)
        _registered.add(library)
    return [device for device in ort.get_ep_devices() if device.ep_name == provider]


def shipped_library(plugin: str | None) -> str | None:
    """Return the path of the library that the Python package `plugin` ships, if it is installed."""
    try:
        return os.fspath(importlib.import_module(plugin).get_library_path()) if plugin else None
    except ImportError:
        return None


def element_of(type_name: str) -> str:
    """Return NumPy's (or ml_dtypes') name of an element type as onnxruntime writes it.

    >>> element_of("tensor(bfloat16)"), element_of("tensor(float8e5m2)"), element_of("tensor(int8)")
    ('bfloat16', 'float8_e5m2', 'int8')
    """
    element = type_name.removeprefix("tensor(").removesuffix(")")
    if element.startswith("float8"):
        return element.replace("float8", "float8_")
    return {"float": "float32", "double": "float64", "string": "object"}.get(element, element)


def to_ort_value(ort: Any, array: Any, element: str) -> Any:
    """Wrap an array as an ``OrtValue`` on the CPU; it shares the memory of a contiguous array.

    `element` is its element type by NumPy's name; a foreign one may come as bytes of any dtype.
    """
    import numpy as np

    array = np.ascontiguousarray(array).reshape(array.shape)
    if element not in FOREIGN:
        return ort.OrtValue.ortvalue_from_numpy(array)
    number, size = FOREIGN[element]
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(array.view(f"u{size}"), number)


def from_ort_value(value: Any, element: str) -> Any:
    """Return the contents of an ``OrtValue`` on the CPU; of a foreign type its bytes, unsigned."""
    import numpy as np

    if element not in FOREIGN:
        return value.numpy()
    size, shape = FOREIGN[element][1], tuple(value.shape())
    count = int(np.prod(shape, dtype=np.int64))
    content = ctypes.string_at(value.data_ptr(), count * size) if count else b""
    return np.frombuffer(content, dtype=f"u{size}").reshape(shape).copy()


def bind(native: Any, values: Mapping[str, Any], outputs: Sequence[str], device: str) -> Any:
    """Return an io-binding of ``OrtValue`` inputs and of outputs that stay on `device`."""
    binding = native.io_binding()
    for name, value in values.items():
        binding.bind_ortvalue_input(name, value)
    for name in outputs:
        binding.bind_output(name, device)
    return binding
