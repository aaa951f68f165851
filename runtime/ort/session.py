"""Open an onnxruntime session that really uses the provider asked for, or say why not."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..errors import ProviderError
from ..providers import ProviderSpec
from .library import import_onnxruntime, plugin_devices, preload_libraries
from .options import LEVELS, OrtOptions
from .placement import assigned
from .refusals import absent, not_started, refused

CPU = "CPUExecutionProvider"
_RECORD_PLACEMENT = "session.record_ep_graph_assignment_info"
_NO_FALLBACK = "session.disable_cpu_ep_fallback"


@dataclass(frozen=True)
class Session:
    """An open session and what it was opened with."""

    ort: ModuleType
    spec: ProviderSpec
    native: Any
    """The ``onnxruntime.InferenceSession``."""
    provider_options: dict[str, str]
    source: str | bytes
    options: OrtOptions


def open_session(source: str | bytes, spec: ProviderSpec, options: OrtOptions) -> Session:
    """Open `source` (a model's path or its bytes) on the provider `spec`.

    Raises
    ------
    ProviderError
        onnxruntime or the provider is not there, does not start, or refuses the model.
    ModelError
        onnxruntime finds the model itself broken.
    """
    ort = import_onnxruntime(spec)
    provider_options = {
        name: str(value) for name, value in {**spec.defaults, **options.provider_options}.items()
    }
    settings = _settings(ort, spec, options)
    providers = _providers(ort, spec, options, settings, provider_options)
    try:
        # By itself the Python package tries again on the CPU, and says so on stdout.
        native = ort.InferenceSession(source, settings, providers=providers, enable_fallback=0)
    except Exception as error:
        raise refused(ort, spec, error) from error
    if spec.ort_name not in native.get_providers():
        raise not_started(ort, spec)
    native.disable_fallback()
    _check_used(spec, native)
    return Session(ort, spec, native, provider_options, source, options)


def _providers(
    ort: ModuleType,
    spec: ProviderSpec,
    options: OrtOptions,
    settings: Any,
    provider_options: dict[str, str],
) -> list[tuple[str, dict[str, str]]] | None:
    """Return what to open the session with; None where a plugin's device is set in `settings`."""
    if spec.ort_name == CPU and options.provider_options:
        raise ProviderError(
            f"on='cpu' has no provider option '{next(iter(options.provider_options))}': "
            "onnxruntime's CPU provider ignores all of them",
            "use threads, optimization, or the session's config entries",
        )
    if spec.ort_name in ort.get_available_providers() and options.library is None:
        preload_libraries(ort, spec)
        return [(spec.ort_name, provider_options)]
    devices = plugin_devices(ort, spec, options.library)
    if not devices:
        raise absent(ort, spec, options)
    settings.add_provider_for_devices(devices[:1], provider_options)
    return None


def _check_used(spec: ProviderSpec, native: Any) -> None:
    """Refuse a session in which the provider is there and the CPU runs every single node."""
    rows = assigned(native)
    if rows and not any(row.provider == spec.name for row in rows):
        instead = ", ".join(sorted({row.provider for row in rows}))
        raise ProviderError(
            f"'{spec.name}' takes none of the model's {sum(row.nodes for row in rows)} nodes; "
            f"onnxruntime would run all of them on {instead}",
            f"ask for on='{rows[0].provider}', or build the model with operators that "
            f"'{spec.name}' has",
        )


def _settings(ort: ModuleType, spec: ProviderSpec, options: OrtOptions) -> Any:
    settings = ort.SessionOptions()
    # Failures come back as exceptions; the log line tells more only where a library is missing.
    settings.log_severity_level = 4 if spec.ort_name == CPU else 3
    settings.graph_optimization_level = getattr(
        ort.GraphOptimizationLevel, LEVELS[options.optimization]
    )
    if options.threads is not None:
        settings.intra_op_num_threads = options.threads
    if options.inter_threads is not None:
        settings.inter_op_num_threads = options.inter_threads
        if options.inter_threads > 1:
            settings.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    settings.add_session_config_entry(_RECORD_PLACEMENT, "1")
    if options.strict and spec.ort_name != CPU:
        settings.add_session_config_entry(_NO_FALLBACK, "1")
    for name, value in options.config.items():
        settings.add_session_config_entry(name, str(value))
    if options.profile_prefix is not None:
        settings.enable_profiling = True
        settings.profile_file_prefix = options.profile_prefix
    return settings
