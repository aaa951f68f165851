"""``load``: one door to every runtime."""

import os
from contextlib import suppress
from typing import Any, Literal

import onnx

from ..external import external_tensors
from ..files import PROTOBUF_LIMIT, read_apart, read_model
from ..untrusted import model_problem
from .errors import ModelError, ProviderError
from .interpreter.memory import parsed
from .interpreter.run_limits import LEAST, RunLimits, default_limits
from .interpreter.signature import signature
from .ort.options import ort_options
from .ort.runner import OrtRunner
from .ort.session import open_session
from .providers import NUMPY, find_spec, is_served, runtime_name
from .runner import Model, Runner


def load(model: Model | None = None, on: str = "numpy", **options: Any) -> Runner:
    """Load a model on one runtime.

    Parameters
    ----------
    model
        A ``ModelProto`` or the path of an ``.onnx`` file. Models with external data need the path.
        With a served model it may be left out; else the server's is held against it.
    on
        ``"numpy"``; ``"numpy:float64"``, the reference, which computes every float in float64; or a
        provider of onnxruntime by short name (``"cpu"``, ``"cuda"``, ``"openvino"``, ...) or by
        onnxruntime's own (``"CUDAExecutionProvider"``); or the URL of a served model
        (``"http://localhost:8000/v2/models/tagger"``, ``"grpc://localhost:8001/tagger"``).
    **options
        The fields of :class:`onnxwright.runtime.ort.options.OrtOptions`: threads, inter_threads,
        optimization, strict, provider_options, library, config, profile_prefix.
        A served model takes `timeout`, in seconds, and `binary`, as
        :class:`onnxwright.runtime.remote.options.ServedOptions` says.
        NumPy takes `map_weights`: weights in a file beside the model are mapped and must not be
        changed while the runner is in use; a change between two runs is an error, one during a run
        gives wrong numbers or ends the process. False reads them into memory. It takes two more,
        against hostile or broken models: `memory_limit`, what a single array may
        take, in bytes or as ``"2G"``, by default half of the memory that is available when the
        model is loaded (the arrays alive at one time may take twice as much); and `max_steps`, how
        many steps all Loops, Scans and SequenceMaps of one run may make together, by default ten
        million (eight nodes of a body count as one, and so do eight elements that a reference
        kernel of the ``onnx`` package computes).

    Raises
    ------
    ProviderError
        The runtime is not there, does not start, or refuses the model or an option. Another one
        never takes its place.
    ModelError
        The model is broken.
    FileError
        The path cannot be read.

    Examples
    --------
    >>> import numpy as np, onnx.parser
    >>> model = onnx.parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["" : 17]>
    ...     double (float[n] x) => (float[n] y) { y = Add(x, x) }''')
    >>> load(model, on="numpy").run({"x": np.ones(2, np.float32)})["y"]
    array([2., 2.], dtype=float32)
    """
    if not isinstance(on, str):
        raise ProviderError(
            f"on={on!r} is no runtime", 'name one, as on="numpy", or give a served model\'s URL'
        )
    on = runtime_name(on)
    if is_served(on):
        return _load_served(model, on, options)
    if model is None:
        raise ModelError(
            f"on='{on}' needs a model and none was given",
            "give the path of an .onnx file; only a served model's URL does without",
        )
    _check_kind(model)
    if on in NUMPY:
        return _load_numpy(model, on, options)
    spec = find_spec(on)
    chosen = ort_options(on, options)
    if isinstance(model, onnx.ModelProto):
        checked_model(model)
        session = open_session(_serialized(model), spec, chosen)
        return OrtRunner(session, *signature(model, None))
    proto = read_model(model, embedded=False)
    return OrtRunner(open_session(os.fspath(model), spec, chosen), *signature(proto, None))


def _check_kind(model: object) -> None:
    if not isinstance(model, onnx.ModelProto | str | os.PathLike):
        raise ModelError(
            f"a model cannot be loaded from a {type(model).__name__}",
            "give a ModelProto or a file's path; onnx.load_model_from_string takes a file's bytes",
        )


def _load_numpy(model: Model, on: str, options: dict[str, Any]) -> Runner:
    from .interpreter import NumpyRunner  # with all kernels, which a provider does not need

    map_weights = options.pop("map_weights", True)
    if type(map_weights) is not bool:
        raise ProviderError(
            f"map_weights must be True or False, got {map_weights!r}",
            "False reads external weights into memory, True maps their file",
        )
    limits = _limits(on, **options)
    dtype: Literal["float64"] | None = "float64" if on == "numpy:float64" else None
    if isinstance(model, onnx.ModelProto):
        return NumpyRunner(checked_model(model), dtype=dtype, limits=limits)
    proto, arrays = read_apart(model, map_external=map_weights)
    return NumpyRunner(proto, dtype=dtype, arrays=arrays, limits=limits)


def _limits(
    on: str,
    *,
    memory_limit: int | str | None = None,
    max_steps: int | None = None,
    **unknown: Any,
) -> RunLimits:
    """Return the limits that the options of the NumPy runtimes ask for."""
    if unknown:
        raise ProviderError(
            f"on='{on}' has no option '{next(iter(unknown))}'",
            "its options are memory_limit, max_steps and map_weights",
        )
    if max_steps is not None and (type(max_steps) is not int or max_steps < 1):
        raise ProviderError(
            f"max_steps must be a whole number above 0, got {max_steps!r}",
            "it counts the steps of all loops of a run together",
        )
    memory = None if memory_limit is None else parsed(memory_limit, LEAST)
    return default_limits(memory, max_steps)


def _load_served(model: Model | None, on: str, options: dict[str, Any]) -> Runner:
    from .remote.runner import open_served  # Few programs need it, and it imports ssl.
    from .remote.served import Signature

    if model is None:
        return open_served(on, options, None)
    _check_kind(model)
    if isinstance(model, onnx.ModelProto):
        proto = checked_model(model)
    else:
        proto = read_model(model, embedded=False)
    return open_served(on, options, Signature(*signature(proto, None)))


def checked_model(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` after the checks that :func:`onnxwright.files.read_model` makes of a file."""
    problem = model_problem(model)
    if problem is not None:
        raise ModelError(f"the model cannot be run: {problem}", "export it again")
    for tensor in external_tensors(model):
        raise ModelError(
            f"tensor '{tensor.name}' keeps its data in another file, and a model in memory has "
            "no folder to look in",
            "load the model by its path",
        )
    return model


def _serialized(model: onnx.ModelProto) -> bytes:
    """Return the model's bytes, if protobuf can hold them."""
    size = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    if size < PROTOBUF_LIMIT:
        with suppress(Exception):  # google.protobuf's EncodeError, where the sum is just too large
            content: bytes = model.SerializeToString()
            return content
    raise ModelError(
        f"the model takes more than the {PROTOBUF_LIMIT} bytes that one protobuf message holds",
        "save it with external data and load it by its path",
    )
