"""Which NumPy function computes which operator.

A kernel is a plain function whose signature is the operator's schema: inputs are positional (a
missing optional input is None), attributes are keyword-only and carry the specification's
defaults. It returns one array, or a tuple with one array per output.

>>> @kernel("Double", since=1, domain="example")
... def double(x):
...     return x + x
>>> find("example", "Double", opset=7)(21)
42
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

Kernel = Callable[..., Any]
Specializer = Callable[["NodeInfo", Sequence[Any]], Kernel | None]
Arranger = Callable[["NodeInfo", Sequence[Any]], Sequence[Any]]
Finish = Any
"""What computes a node over its first input, float32 [rows, channels], in place: a function, or
what the kernel before it knows."""
Finisher = Callable[["NodeInfo", Sequence[Any]], Finish | None]
Finished = Callable[["NodeInfo", Sequence[Any], Sequence[Finish]], Kernel | None]
_Function = TypeVar("_Function", bound=Callable[..., Any])

Growth = Literal["bounded", "broadcast", "product", "sized"]
"""How large a kernel's outputs can be.

``bounded``: all together no larger than the inputs together, or a number per axis. ``broadcast``:
the inputs broadcast together. ``product``: at most as many elements as the product of the inputs'
sizes. ``sized``: as its `Size` says, whatever the attributes.
"""
Size = Callable[..., tuple[Iterable[int], Any]]
"""The dims and the element type of the largest array that a kernel makes: a function of its inputs
and, by keyword, its attributes. It is asked before each call, which the memory limit may refuse."""


@dataclass(frozen=True)
class Traits:
    """What is known of a kernel besides what it computes: other modules ask here, not by names."""

    fresh: bool = False
    """Every output is memory that is neither an input's nor kept for another run."""
    over: Callable[[Any], Any] | np.ufunc | None = None
    """Computes the same over its input: a function of one array, or a ufunc of one or two."""
    growth: Growth | None = None
    """None where nothing bounds it: such an operator is never folded."""
    size: Size | None = None
    """None where the inputs bound it, or the kernel itself asks for the memory."""


_Registered = TypeVar("_Registered")
UNKNOWN = Traits()
"""The traits of what is no kernel of ours."""


@dataclass(frozen=True, eq=False)
class Known:
    """A kernel as it was registered; it is compared by identity, which is fast."""

    kernel: Kernel
    traits: Traits


_kernels: dict[tuple[str, str], list[tuple[int, Known]]] = {}
_specializers: dict[tuple[str, str], list[tuple[int, Specializer]]] = {}
_arrangers: dict[tuple[str, str], list[tuple[int, Arranger]]] = {}
_finishers: dict[tuple[str, str], list[tuple[int, Finisher]]] = {}
_finished: dict[tuple[str, str], list[tuple[int, Finished]]] = {}


@dataclass(frozen=True)
class NodeInfo:
    """What a kernel may ask about the node it computes.

    A kernel that has a keyword-only parameter called ``node`` is given this object there.
    """

    op_type: str
    domain: str
    name: str
    opset: int
    outputs: tuple[str, ...]
    """One name per output, "" where an optional output is not wanted."""
    attributes: Mapping[str, Any]
    """As given in the model, decoded to int, float, str, bytes, lists, arrays; without defaults."""
    float_dtype: np.dtype[Any] | None = None
    """float64 in the reference's mode, where every float is computed in it; else None."""


def kernel(
    op_type: str,
    *,
    since: int,
    domain: str = "",
    fresh: bool = False,
    over: Callable[[Any], Any] | np.ufunc | None = None,
    growth: Growth | None = None,
    size: Size | None = None,
) -> Callable[[_Function], _Function]:
    """Register a function as the kernel of `op_type` from opset `since` on, with its `Traits`."""
    traits = Traits(fresh, over, growth, size)

    def add(function: _Function) -> _Function:
        _add(_kernels, (domain, op_type), since, Known(function, traits))
        return function

    return add


def specializer(op_type: str, *, since: int, domain: str = "") -> Callable[[_Function], _Function]:
    """Register a function that makes a faster kernel for one node when the model is compiled.

    It is called with the node and its inputs as far as they are constants (None where they are
    not), and returns a function of *all* the node's inputs, positional, with attributes already
    bound; or None where the plain kernel is to be used.
    """

    def add(function: _Function) -> _Function:
        _add(_specializers, (domain, op_type), since, function)
        return function

    return add


def arranger(op_type: str, *, since: int, domain: str = "") -> Callable[[_Function], _Function]:
    """Register a function that puts a node's constants into the memory order its kernel likes.

    It is called as a specializer is, before it, and returns the same values, each in a new array
    where it lies otherwise: the new one takes the old one's place for all its readers.
    """

    def add(function: _Function) -> _Function:
        _add(_arrangers, (domain, op_type), since, function)
        return function

    return add


def finisher(op_type: str, *, since: int, domain: str = "") -> Callable[[_Function], _Function]:
    """Register a function that gives a node's `Finish`, or None where it has none.

    It is called as a specializer is. A node so finished is computed by the one before it.
    """

    def add(function: _Function) -> _Function:
        _add(_finishers, (domain, op_type), since, function)
        return function

    return add


def finished(op_type: str, *, since: int, domain: str = "") -> Callable[[_Function], _Function]:
    """Register a specializer that takes, besides, the `Finish` of the nodes that follow."""

    def add(function: _Function) -> _Function:
        _add(_finished, (domain, op_type), since, function)
        return function

    return add


def find(domain: str, op_type: str, opset: int) -> Kernel | None:
    """Return the newest kernel that is not newer than `opset`, or None."""
    known = lookup(domain, op_type, opset)
    return None if known is None else known.kernel


def lookup(domain: str, op_type: str, opset: int) -> Known | None:
    """Return the newest kernel that is not newer than `opset`, with its traits, or None."""
    return _newest(_kernels.get((domain, op_type), []), opset)


def find_specializer(domain: str, op_type: str, opset: int) -> Specializer | None:
    """Return the newest specializer that is not newer than `opset`, or None."""
    return _newest(_specializers.get((domain, op_type), []), opset)


def find_arranger(domain: str, op_type: str, opset: int) -> Arranger | None:
    """Return the newest arranger that is not newer than `opset`, or None."""
    return _newest(_arrangers.get((domain, op_type), []), opset)


def find_finisher(domain: str, op_type: str, opset: int) -> Finisher | None:
    """Return the newest finisher that is not newer than `opset`, or None."""
    return _newest(_finishers.get((domain, op_type), []), opset)


def find_finished(domain: str, op_type: str, opset: int) -> Finished | None:
    """Return the newest specializer of `finished` that is not newer than `opset`, or None."""
    return _newest(_finished.get((domain, op_type), []), opset)


def _add(table: dict[Any, Any], key: tuple[str, str], since: int, registered: Any) -> None:
    versions = table.setdefault(key, [])
    versions.append((since, registered))
    versions.sort(key=lambda version: version[0])


def _newest(versions: list[tuple[int, _Registered]], opset: int) -> _Registered | None:
    for since, function in reversed(versions):
        if since <= opset:
            return function
    return None


@dataclass(frozen=True)
class Registration:
    """A kernel and the opsets that it is for: from `since` up to, not including, `until`."""

    domain: str
    op_type: str
    since: int
    until: int | None
    kernel: Kernel
    traits: Traits


def registrations() -> Iterator[Registration]:
    """Yield every kernel that was registered."""
    for (domain, op_type), versions in sorted(_kernels.items()):
        ends = [since for since, _ in versions[1:]]
        for (since, known), until in zip(versions, [*ends, None], strict=True):
            yield Registration(domain, op_type, since, until, known.kernel, known.traits)
