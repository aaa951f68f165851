"""Triton's ``config.pbtxt``: read by tritonclient's own message, and rules about it alone."""

import importlib
from collections.abc import Iterator
from typing import Any

from ..errors import BundleError
from .problem import Problem
from .tree import Tree

REFUSED = "the server does not load the model"
ONNX = ("onnxruntime", "onnxruntime_onnx")


def parse_config(tree: Tree, where: str) -> Any:
    """Return the configuration as a ``ModelConfig``, or the Problem with it.

    Raises
    ------
    BundleError
        The package that has the message is not installed.
    """
    message, text_format = _messages()
    text = tree.text(where)
    if isinstance(text, Problem):
        return text
    try:
        return text_format.Parse(text, message)
    except (text_format.ParseError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:300]
        return Problem(
            where,
            f"it is no model configuration: {reason}",
            "the server cannot read it, and does not load the model",
            "see the field's name and type in Triton's model_config.proto",
        )


def _messages() -> tuple[Any, Any]:
    try:
        module = importlib.import_module("tritonclient.grpc.model_config_pb2")
        text_format = importlib.import_module("google.protobuf.text_format")
    except ImportError as error:
        raise BundleError(
            f"checking a Triton configuration needs a package that is not there: {error}",
            "pip install 'onnxwright[serve]'",
        ) from error
    return module.ModelConfig(), text_format


def config_problems(config: Any, where: str, folder: str) -> Iterator[Problem]:
    """Yield what is wrong with a configuration, whatever the model is."""
    if config.name and config.name != folder:
        yield Problem(
            where,
            f"its name is '{config.name}', and its folder's is '{folder}'",
            REFUSED,
            "give both one name",
        )
    if config.max_batch_size < 0:
        yield Problem(where, "max_batch_size is negative", REFUSED, "write 0 for no batching")
    for kind, tensors in (("input", config.input), ("output", config.output)):
        names = [tensor.name for tensor in tensors]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(
                where,
                f"{kind} '{name}' is listed twice",
                "the server loads it, and goes by one of the two",
                "list it once",
            )
        for tensor in tensors:
            yield from _tensor_problems(tensor, where, kind)
    yield from _batching_problems(config, where)


def _tensor_problems(tensor: Any, where: str, kind: str) -> Iterator[Problem]:
    label = f"{kind} '{tensor.name}'"
    if not tensor.data_type:
        yield Problem(where, f"{label} has no data_type", REFUSED, "write its TYPE_...")
    if not tensor.dims:
        yield Problem(
            where,
            f"{label} has no dims",
            REFUSED,
            "write them; where only the batch is left, dims: [ 1 ] with reshape { shape: [ ] }",
        )
    if any(dim < -1 or dim == 0 for dim in tensor.dims):
        yield Problem(
            where,
            f"{label} has the dims {list(tensor.dims)}",
            REFUSED,
            "write sizes from 1 on, and -1 for one that varies",
        )
    if kind == "input" and tensor.optional:
        yield Problem(
            where,
            f"{label} is optional",
            "a request without it passes the server and fails in the model",
            "remove the word: an ONNX model needs all its inputs",
        )


def _batching_problems(config: Any, where: str) -> Iterator[Problem]:
    if config.HasField("dynamic_batching") and not config.max_batch_size:
        yield Problem(
            where,
            "dynamic_batching without max_batch_size",
            "the server loads it and batches nothing",
            "write max_batch_size, or remove dynamic_batching",
        )
    sizes = [
        *config.dynamic_batching.preferred_batch_size,
        *config.sequence_batching.oldest.preferred_batch_size,
    ]
    wrong = [size for size in sizes if not 0 < size <= max(config.max_batch_size, 0)]
    if wrong:
        yield Problem(
            where,
            f"preferred_batch_size {wrong[0]} is not from 1 to max_batch_size",
            REFUSED,
            f"take one of 1 to {config.max_batch_size}, or leave it out",
        )
