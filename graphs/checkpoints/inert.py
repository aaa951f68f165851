"""What a pickle may hold beside weights: things that are noted by name, and never made.

Training scripts save their settings with the weights: a Namespace, paths, dates, NumPy scalars,
instances of classes of their own. None of it is needed, so none of it is imported or called.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

PYTHON_2 = frozenset({"__builtin__", "copy_reg", "cPickle", "commands", "exceptions", "popen2"})
STANDARD = sys.stdlib_module_names | PYTHON_2
"""Python's own modules: nothing in them is let pass but what `HARMLESS` lists."""
HARMLESS = frozenset(
    """argparse.Namespace types.SimpleNamespace builtins.complex builtins.getattr builtins.object
    builtins.dict builtins.list builtins.tuple builtins.str builtins.int builtins.float
    builtins.bool builtins.bytes __builtin__.dict __builtin__.list __builtin__.tuple
    __builtin__.str __builtin__.int __builtin__.float __builtin__.bool __builtin__.bytes
    __builtin__.complex __builtin__.getattr __builtin__.object __builtin__.unicode
    collections.defaultdict collections.Counter collections.deque datetime.date datetime.datetime
    datetime.time datetime.timedelta datetime.timezone decimal.Decimal fractions.Fraction
    uuid.UUID typing.Any pathlib.Path pathlib.PosixPath pathlib.WindowsPath pathlib.PurePath
    pathlib.PurePosixPath pathlib.PureWindowsPath pathlib._local.PosixPath
    pathlib._local.WindowsPath pathlib._local.PurePosixPath pathlib._local.PureWindowsPath
    numpy.dtype numpy.ndarray numpy.core.multiarray.scalar numpy._core.multiarray.scalar
    numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct
    numpy._core.numeric._frombuffer numpy.core.numeric._frombuffer
    numpy.random._pickle.__generator_ctor numpy.random._pickle.__bit_generator_ctor
    numpy.random._pickle.__randomstate_ctor numpy.random.bit_generator.__pyx_unpickle_SeedSequence
    torch.torch_version.TorchVersion""".split()  # noqa: SIM905
)
"""What a pickle may call: values of settings, and how they are put together."""


class Inert(dict[Any, Any]):
    """A thing that was not made: its name, what it was to be made of, its items, its state."""

    def __init__(self, name: str, arguments: tuple[Any, ...] = ()) -> None:
        super().__init__()
        self.name = name
        self.arguments = arguments
        self.state: Any = None


class Odd:
    """A key of a dict that is neither text, bytes, a small integer nor None, and is not hashed."""

    def __init__(self, key: Any) -> None:
        self.key = key


def may_be_named(name: str) -> bool:
    """Say whether ``module.attribute`` may stand in a pickle where nothing is called."""
    return name in HARMLESS or not _is_standard(name)


def may_be_called(name: str, arguments: tuple[Any, ...]) -> bool:
    """Say whether a call leaves an inert thing behind, and is not refused.

    Besides what `HARMLESS` lists that is the member of an enumeration: a class and its value.
    """
    member = len(arguments) == 1 and isinstance(arguments[0], str | int | float)
    is_class = name.rpartition(".")[2][:1].isupper()
    return name in HARMLESS or (member and is_class and not _is_standard(name))


def walk(value: Any) -> Iterator[Any]:
    """Yield what is inside containers, odd keys and states of inert things, each once."""
    waiting, seen = [value], set[int]()
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, dict | list | tuple) and id(each) not in seen:
            seen.add(id(each))
            waiting.extend(_inside(each))


def _inside(container: Any) -> Iterator[Any]:
    if not isinstance(container, Mapping):
        yield from container
        return
    yield from container.values()
    yield from (key.key for key in container if isinstance(key, Odd))
    if isinstance(container, Inert):
        yield container.state


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in STANDARD
