"""What a server says about a model, and whether that is the model at hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ProviderError
from ..protocol.datatypes import BYTES, dtype_of
from ..protocol.sequences import Step, state_pairs
from ..runner import TensorInfo
from .counts import Counts
from .failures import LARGEST, broken

Shape = tuple[int | str | None, ...] | None
OVERHEAD = 1 << 20
"""Bytes of an answer besides its numbers."""
JSON_NUMBER = 32
"""Bytes of a number in JSON, with what stands between two of them."""
LARGEST_UNKNOWN = 1 << 29
"""Bytes of an answer whose size is not known beforehand."""


@dataclass(frozen=True)
class Signature:
    """A model's inputs that must be given, those that may be, and its outputs."""

    inputs: tuple[TensorInfo, ...]
    optional: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    kept: tuple[TensorInfo, ...] = ()
    """States that the server keeps: inputs of the local model alone."""


@dataclass(frozen=True)
class Served:
    """A server's description of itself and of the model."""

    server: str
    """Its name and version, empty where it does not tell."""
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]


class Transport(Protocol):
    """A way to a served model; its methods may be called by many threads at once.

    They raise ``FailedError``.
    """

    def describe(self) -> Served:
        """Ask what the model is; fails where it is not ready."""
        ...

    def ready(self) -> None:
        """Ask whether the model is ready: the shortest way to the server and back."""
        ...

    def infer(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        largest: int,
        step: Step | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Run the model once; its answer has at most `largest` bytes."""
        ...

    def counts(self) -> Counts | None:
        """Ask what the server has counted; None where it does not count."""
        ...


def served_tensor(name: object, datatype: object, shape: object) -> TensorInfo:
    """Return a tensor of a model's metadata; its dims of -1 are unknown.

    >>> served_tensor("x", "FP32", [-1, 4])
    TensorInfo(name='x', dtype=dtype('float32'), shape=(None, 4))
    """
    if not isinstance(name, str) or not isinstance(shape, Sequence):
        raise broken(f"the metadata describe a tensor as {name!r} of shape {shape!r}")
    if not all(type(dim) is int for dim in shape):
        raise broken(f"the metadata give '{name}' the shape {shape!r}")
    dims = tuple(None if dim < 0 else dim for dim in shape)
    return TensorInfo(name, dtype_of(datatype, name), dims)


def agreed(url: str, served: Served, local: Signature | None) -> Signature:
    """Return the signature that server and local model agree on, with the local dims' names.

    The server may leave the batch out of its shapes: the first dim where it is not fixed; and it
    may have ``[rows, 1]`` for what is all batch, ``[rows]``.

    Raises
    ------
    ProviderError
        They differ, or neither says what the inputs are.
    """
    described = bool(served.inputs or served.outputs)
    if local is None and not described:
        raise ProviderError(
            f"{url}: the server says nothing about the model's inputs and outputs",
            "give the model file too: load('model.onnx', on=...)",
        )
    if local is None:
        return Signature(served.inputs, (), served.outputs)
    if not described:
        return local
    inputs = _matched(url, "input", served.inputs, (*local.inputs, *local.optional))
    outputs = _matched(url, "output", served.outputs, local.outputs)
    pairs = state_pairs(local.inputs, local.outputs).items()
    kept = [pair for pair in pairs if pair[0] not in inputs and pair[1] not in outputs]
    hidden = {name for pair in kept for name in pair}
    missing = [info.name for info in local.inputs if info.name not in hidden | inputs.keys()]
    missing += [info.name for info in local.outputs if info.name not in hidden | outputs.keys()]
    if missing:
        raise _differs(url, f"the server lists no tensor '{missing[0]}', which the local model has")
    return Signature(
        tuple(inputs[info.name] for info in local.inputs if info.name not in hidden),
        tuple(inputs[info.name] for info in local.optional if info.name in inputs),
        tuple(outputs[info.name] for info in local.outputs if info.name not in hidden),
        tuple(info for info in local.inputs if info.name in hidden),
    )


def _matched(
    url: str, kind: str, served: Sequence[TensorInfo], local: Sequence[TensorInfo]
) -> dict[str, TensorInfo]:
    known = {info.name: info for info in local}
    found = {}
    for theirs in served:
        mine = known.get(theirs.name)
        if mine is None:
            raise _differs(url, f"the local model has no {kind} '{theirs.name}'")
        shape = _merged(mine.shape, theirs.shape)
        if mine.dtype != theirs.dtype or (shape is None and mine.shape is not None):
            raise _differs(
                url,
                f"{kind} '{theirs.name}' is {_described(theirs)} at the server and "
                f"{_described(mine)} in the local model",
            )
        found[theirs.name] = TensorInfo(mine.name, mine.dtype, shape)
    return found


def _merged(mine: Shape, theirs: Shape) -> Shape:
    """Return `mine` with the dims that the server fixes, or None where they contradict."""
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    if len(theirs) == len(mine) - 1 and not isinstance(mine[0], int):
        theirs = (mine[0], *theirs)
    if len(mine) == 1 and not isinstance(mine[0], int) and theirs == (None, 1):
        return mine
    if len(theirs) != len(mine):
        return None
    pairs = list(zip(mine, theirs, strict=True))
    if any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in pairs):
        return None
    return tuple(b if isinstance(b, int) else a for a, b in pairs)


def _described(info: TensorInfo) -> str:
    dims = ("?" if dim is None else str(dim) for dim in info.shape or ())
    return f"{_kind(info.dtype)} [{', '.join(dims)}]"


def _kind(dtype: np.dtype[Any]) -> str:
    return "a string tensor" if dtype == BYTES else dtype.name


def _differs(url: str, how: str) -> ProviderError:
    return ProviderError(
        f"{url} does not serve this model: {how}", "give the model file that is served there"
    )


def named_sizes(inputs: Sequence[TensorInfo], feeds: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """Return the sizes that the feeds give to the inputs' named dims."""
    sizes: dict[str, int] = {}
    for info in inputs:
        if info.name in feeds:
            dims = zip(info.shape or (), np.shape(feeds[info.name]), strict=False)
            sizes |= {dim: size for dim, size in dims if isinstance(dim, str)}
    return sizes


def largest_answer(outputs: Sequence[TensorInfo], sizes: Mapping[str, int]) -> int:
    """Return the bytes that an answer with `outputs` may have, also as JSON.

    >>> y = TensorInfo("y", np.dtype("float32"), ("batch", 1000))
    >>> largest_answer([y], {"batch": 100}) - largest_answer([y], {"batch": 1})
    3168000
    """
    total = OVERHEAD
    for info in outputs:
        dims = [sizes.get(dim) if isinstance(dim, str) else dim for dim in info.shape or (None,)]
        known = [dim for dim in dims if dim is not None]
        if len(known) < len(dims):
            return LARGEST_UNKNOWN
        total += math.prod(known) * JSON_NUMBER
    return min(total, LARGEST)


def check_answer(
    outputs: Sequence[TensorInfo],
    found: Mapping[str, NDArray[Any]],
    sizes: Mapping[str, int] | None = None,
) -> None:
    """Check that an answer has all `outputs`, each of its dtype and of a shape that fits.

    `sizes` are those of the named dims, as the feeds give them.

    Raises
    ------
    FailedError
        It has not.
    """
    for info in outputs:
        if info.name not in found:
            raise broken(f"it lacks output '{info.name}'")
        if np.dtype(found[info.name].dtype) != info.dtype:
            raise broken(
                f"output '{info.name}' is {_kind(found[info.name].dtype)}, "
                f"the model's metadata say {_kind(info.dtype)}"
            )
        if not _fits(found[info.name].shape, info.shape, sizes or {}):
            raise broken(
                f"output '{info.name}' has the shape {list(found[info.name].shape)}, the model's "
                f"is {_described(info)}"
            )


def _fits(shape: tuple[int, ...], wanted: Shape, sizes: Mapping[str, int]) -> bool:
    """Say whether a shape is one that a model declares; dims without a size fit any."""
    if wanted is None:
        return True
    dims = [sizes.get(dim) if isinstance(dim, str) else dim for dim in wanted]
    return len(shape) == len(dims) and all(
        dim is None or dim == size for dim, size in zip(dims, shape, strict=True)
    )
