"""The plain things that a pickle may make, each by a function of this file and by no other.

They are what PyTorch's state dicts are made of (torch/_utils.py and torch/serialization.py of
PyTorch 2): tensors as views of storages, ordered dicts, sizes, devices, sets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .inert import Odd

MAX_DIMS = 64
MAX_KEY = 1 << 60
STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}
"""PyTorch's classes of storages, and the dtype of their elements by NumPy's or ml_dtypes' name."""
DTYPES = {
    **{name: name for name in STORAGES.values()},
    **{name: name for name in ("uint16", "uint32", "uint64")},
    "float8_e4m3fn": "float8_e4m3fn",
    "float8_e4m3fnuz": "float8_e4m3fnuz",
    "float8_e5m2": "float8_e5m2",
    "float8_e5m2fnuz": "float8_e5m2fnuz",
}
"""PyTorch's dtypes, ``torch.NAME``."""


class PickleError(ValueError):
    """A pickle that is damaged, or holds something that is no plain data."""


class ForeignError(PickleError):
    """A pickle that names something that is not known: `name` is ``module.attribute``."""

    def __init__(self, name: str) -> None:
        super().__init__(f"it names {name[:120]!r}, which is no tensor, number, text or container")
        self.name = name


@dataclass(frozen=True)
class Global:
    """A name in a pickle, which is never looked up."""

    name: str


@dataclass(frozen=True)
class Storage:
    """Where a tensor's elements lie: in the archive's part `key`."""

    key: str
    dtype: str
    count: int
    """Elements, of `dtype`."""


@dataclass(frozen=True)
class TensorView:
    """A tensor: a view of a storage. Offset and strides count elements of `dtype`."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def kind_of(value: Any) -> str:
    """Return what a value is, for an error's text."""
    return value.name if isinstance(value, Global) else f"a {type(value).__name__}"


def put(target: dict[Any, Any], key: Any, value: Any) -> None:
    """Put an item into a dict; a key that is no text, bytes, small integer or None is not hashed.

    The hash of a tuple of tuples of ... ends the process where the stack ends, and large numbers
    can be made to have one hash, with which a dict takes quadratic time.
    """
    plain = key is None or isinstance(key, str | bytes)
    if plain or (isinstance(key, int) and abs(key) <= MAX_KEY):
        target[key] = value
    elif isinstance(value, TensorView):
        raise PickleError(f"it has a tensor under {kind_of(key)}, needs text or a small integer")
    else:
        target[Odd(key)] = value


def outside(identity: Any) -> Storage | Global:
    """Return what a persistent id means, where it is a storage or, in old files, a module's class.

    ``("storage", type, key, location, count, ...)`` and ``("module", class, file, source)``.
    """
    of_module = isinstance(identity, tuple) and len(identity) == 4 and identity[0] == "module"
    if of_module and isinstance(identity[1], Global):
        return identity[1]
    if not isinstance(identity, tuple) or len(identity) not in (5, 6) or identity[0] != "storage":
        raise PickleError("it refers to something outside that is no storage")
    _, kind, key, _, count = identity[:5]
    name = kind.name.rpartition(".")[2] if isinstance(kind, Global) else ""
    if len(identity) == 6 and identity[5] is not None:
        raise PickleError("it has a view of a storage, as PyTorch wrote them before 0.4")
    if name and name not in STORAGES:
        raise ForeignError(kind.name)
    if not name or not isinstance(key, str) or not _is_size(count):
        raise PickleError("it has a storage without a known type, name and size")
    return Storage(key, STORAGES[name], count)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**62


def _tensor(
    held: Any, offset: Any, shape: Any, strides: Any, *rest: Any, dtype: str | None = None
) -> TensorView:
    """Return the tensor of ``_rebuild_tensor`` and its kin, once it lies within its storage."""
    sizes = all(isinstance(each, tuple) and len(each) <= MAX_DIMS for each in (shape, strides))
    if not isinstance(held, Storage) or not sizes or len(shape) != len(strides):
        raise PickleError("it has a tensor without storage, shape and strides")
    if not all(map(_is_size, (offset, *shape, *strides))):
        raise PickleError("it has a tensor with sizes that are none")
    return TensorView(held, dtype or held.dtype, offset, shape, strides)


def _tensor_v3(*arguments: Any) -> TensorView:
    dtype = arguments[6] if len(arguments) > 6 else None
    if not isinstance(dtype, Global) or dtype.name.rpartition(".")[2] not in DTYPES:
        raise PickleError("it has a tensor of no known dtype")
    return _tensor(*arguments[:4], dtype=DTYPES[dtype.name.rpartition(".")[2]])


def _parameter(tensor: Any, *_: Any) -> TensorView:
    if not isinstance(tensor, TensorView):
        raise PickleError("it has a parameter that is no tensor")
    return tensor


def _ordered(pairs: Any = ()) -> dict[Any, Any]:
    if not isinstance(pairs, list | tuple):
        raise PickleError("it has an ordered dict that is made of no list")
    made: dict[Any, Any] = {}
    for key, value in pairs:
        put(made, key, value)
    return made


def _of_type(maker: Any, _: Any, arguments: Any, *__: Any) -> Any:
    """Return the tensor of ``_rebuild_from_type_v2``, without the attributes that it was given."""
    if not isinstance(maker, Global) or maker.name not in REBUILT:
        raise PickleError("it rebuilds a tensor by something unknown")
    return REBUILT[maker.name](*arguments)


def _latin1(text: Any, encoding: Any = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise PickleError("it encodes something that is no text")
    return text.encode("latin1")


def _plain(*arguments: Any) -> tuple[Any, ...]:
    return arguments


def _collected(values: Any = ()) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, list | tuple) else ()


REBUILT: Mapping[str, Callable[..., TensorView]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_v3,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}
"""PyTorch's functions that make a tensor."""
MAKERS: Mapping[str, Callable[..., Any]] = {
    **REBUILT,
    "torch._tensor._rebuild_from_type_v2": _of_type,
    "collections.OrderedDict": _ordered,
    "torch.Size": _collected,
    "torch.device": _plain,
    "torch.serialization._get_layout": _plain,
    "_codecs.encode": _latin1,
    "builtins.set": _collected,
    "__builtin__.set": _collected,
    "builtins.frozenset": _collected,
}
"""What a pickle may make by name, and what makes it here."""
NAMES = frozenset(
    [f"torch.{name}" for name in (*STORAGES, *DTYPES)]
    + [f"torch.storage.{name}" for name in ("UntypedStorage", "TypedStorage")]
    + [f"torch.cuda.{name}" for name in STORAGES]
)
"""What a pickle may name without making anything of it."""
