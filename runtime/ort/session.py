"""Open an onnxruntime session that really uses the provider asked for, or say why not."""

import os
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..errors import ProviderError
from ..providers import ProviderSpec
from . import native
from .library import import_onnxruntime, plugin_devices, short_name
from .options import LEVELS, OrtOptions
from .refusals import absent, not_started, refused

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
    if spec.ort_name == native.CPU and options.provider_options:
        raise ProviderError(
            f"on='cpu' has no provider option '{next(iter(options.provider_options))}': "
            "onnxruntime's CPU provider ignores all of them",
            "use threads, optimization, or the session's config entries",
        )
    provider_options = {
        name: str(value) for name, value in {**spec.defaults, **options.provider_options}.items()
    }
    session = _open(ort, source, spec, options, provider_options)
    return Session(ort, spec, session, provider_options, source, options)


def _open(
    ort: ModuleType,
    source: str | bytes,
    spec: ProviderSpec,
    options: OrtOptions,
    provider_options: dict[str, str],
) -> Any:
    """Open the session, and say what stands in its way."""
    library = None if options.library is None else os.fspath(options.library)
    if library is not None or spec.ort_name not in ort.get_available_providers():
        plugin_devices(ort, spec, library)  # registers it, and tells why that failed
    try:
        return native.open_native(
            ort,
            source,
            _settings(ort, spec, options),
            spec.ort_name,
            provider_options,
            plugin=spec.plugin,
            library=library,
        )
    except native.AbsentError as error:
        raise absent(ort, spec, options) from error
    except native.NotStartedError as error:
        raise not_started(ort, spec) from error
    except native.UnusedError as error:
        raise _unused(spec, error) from error
    except Exception as error:
        raise refused(ort, spec, error) from error


def _unused(spec: ProviderSpec, error: native.UnusedError) -> ProviderError:
    """Say that the provider is there and that another runs every single node."""
    instead = sorted(short_name(provider) for provider in error.nodes)
    return ProviderError(
        f"'{spec.name}' takes none of the model's {sum(error.nodes.values())} nodes; "
        f"onnxruntime would run all of them on {', '.join(instead)}",
        f"ask for on='{instead[0]}', or build the model with operators that '{spec.name}' has",
    )


def _settings(ort: ModuleType, spec: ProviderSpec, options: OrtOptions) -> Any:
    strict = options.strict and spec.ort_name != native.CPU
    return native.session_options(
        ort,
        spec.ort_name,
        threads=options.threads,
        inter_threads=options.inter_threads,
        level=LEVELS[options.optimization],
        config={**({_NO_FALLBACK: "1"} if strict else {}), **options.config},
        profile_prefix=options.profile_prefix,
    )
