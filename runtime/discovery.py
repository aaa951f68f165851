"""What can be loaded here: every runtime and provider, and whether it really starts."""

from dataclasses import dataclass

import numpy as np
import onnx

from .errors import ProviderError, RunnerError
from .ort.library import available_names, import_onnxruntime
from .ort.native import shipped_library
from .ort.options import OrtOptions
from .ort.session import open_session
from .providers import NUMPY, SPECS, ProviderSpec, find_spec


@dataclass(frozen=True)
class ProviderInfo:
    """One runtime, as :func:`providers` found it."""

    on: str
    """The name for ``load(on=...)``."""
    ready: bool
    """It started and can load models now."""
    library: str | None
    """What brings it, with its version: ``numpy 2.4.6``, ``onnxruntime 1.32.0``; None if absent."""
    detail: str
    """How it computes float32 where it is ready and that needs saying; else why it is not ready."""


def providers(*, absent: bool = False) -> tuple[ProviderInfo, ...]:
    """List the runtimes that are there; with `absent`, also those that could be installed.

    A provider of onnxruntime counts as ready only when a session really started on it: its build
    lists providers whose driver or libraries are missing.

    >>> [info.on for info in providers()][:2]
    ['numpy', 'numpy:float64']
    """
    found = [ProviderInfo(on, True, f"numpy {np.__version__}", "") for on in NUMPY]
    names = _names_there()
    found += [_probe(find_spec(name)) for name in names]
    if names:
        others = (spec for spec in SPECS.values() if spec.ort_name not in names)
        found += [_probe(spec) for spec in others if shipped_library(spec.plugin)]
    if absent:
        there = {info.on for info in found}
        found += [
            ProviderInfo(spec.name, False, None, f"not installed: {spec.install}")
            for spec in SPECS.values()
            if spec.name not in there
        ]
    return tuple(found)


def _names_there() -> list[str]:
    """Return onnxruntime's names of the providers in its build and in installed plugins."""
    try:
        ort = import_onnxruntime(SPECS["cpu"])
    except ProviderError:
        return []
    return available_names(ort)


def _probe(spec: ProviderSpec) -> ProviderInfo:
    ort = import_onnxruntime(spec)
    library = f"onnxruntime {ort.__version__}"
    try:
        session = open_session(_tiny_model().SerializeToString(), spec, OrtOptions())
    except RunnerError as error:
        return ProviderInfo(spec.name, False, library, error.problem)
    session.native.run(None, {"x": np.zeros((1, 2), np.float32)})
    return ProviderInfo(spec.name, True, library, spec.precision or "")


def _tiny_model() -> onnx.ModelProto:
    """Return a model of one MatMul with constant weights, which every provider takes."""
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "probe",
        [value("x", onnx.TensorProto.FLOAT, [1, 2])],
        [value("y", onnx.TensorProto.FLOAT, [1, 2])],
        [onnx.numpy_helper.from_array(np.eye(2, dtype=np.float32), "w")],
    )
    return onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
