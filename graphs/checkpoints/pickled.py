"""Reading pickles as data: an interpreter of the opcodes that knows a few plain things by name.

Nothing is imported, called or built but what :mod:`.plain` lists: tensors as views, storages,
dicts, lists, tuples, sets, numbers and text. What :mod:`.inert` lets pass is noted by its name;
every other name is refused. The opcodes are those that the module ``pickletools`` of Python's
standard library describes.
"""

import pickletools
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from .inert import Inert, may_be_called, may_be_named
from .plain import MAKERS, NAMES, ForeignError, Global, PickleError, kind_of, outside, put

MAX_OPCODES = 4_000_000
"""A state dict takes about 40 opcodes a tensor."""


class _Mark:
    """The place on the stack that MARK sets."""


MARK = _Mark()


def read_pickle(stream: BinaryIO) -> Any:
    """Return what one pickle holds, of plain data; the stream then stands behind its end.

    Raises
    ------
    PickleError
        It is damaged, too long, or holds something else.
    """
    machine = Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if count > MAX_OPCODES:
                raise PickleError(f"it has more than {MAX_OPCODES} opcodes")
            if opcode.name == "STOP":
                return machine.pop()
            machine.step(opcode.name, argument)
    except PickleError:
        raise
    except Exception as error:  # pickletools and the machine's own: a stack that is too short, ...
        raise PickleError(f"it is damaged ({type(error).__name__}: {str(error)[:100]})") from error
    raise PickleError("it ends before its end")


class Machine:
    """The stack and the memo of one pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do what one opcode says."""
        if name in PUSH_ARGUMENT:
            self.stack.append(argument)
        elif name in STEPS:
            STEPS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise PickleError(f"it has the opcode {name}, which plain data do not need")

    def pop(self) -> Any:
        """Take the top of the stack."""
        value = self.stack.pop()
        if value is MARK:
            raise PickleError("it takes a mark for a value")
        return value

    def pop_to_mark(self) -> list[Any]:
        """Take what lies above the last mark, and the mark."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is MARK:
                values = self.stack[place + 1 :]
                del self.stack[place:]
                return values
        raise PickleError("it closes what it did not open")

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def take(self, count: int) -> list[Any]:
        """Take so many values, the lowest first."""
        return [self.pop() for _ in range(count)][::-1]

    def reduce(self) -> None:
        """Make one of the plain things that are known, or an inert one; nothing is called."""
        function, arguments = self.take(2)
        if not isinstance(function, Global) or not isinstance(arguments, tuple):
            raise PickleError("it calls something that is no name")
        if function.name in MAKERS:
            self.push(MAKERS[function.name](*arguments))
        elif may_be_called(function.name, arguments):
            self.push(Inert(function.name, arguments))
        else:
            raise ForeignError(function.name)

    def new_object(self, parts: list[Any]) -> None:
        """Push an inert thing in place of an instance."""
        kind = parts[0]
        if not isinstance(kind, Global):
            raise PickleError("it makes an instance of something that is no name")
        if not may_be_named(kind.name):
            raise ForeignError(kind.name)
        self.push(Inert(kind.name))

    def build(self) -> None:
        """Drop the state of a dict, such as a state dict's versions: it holds no arrays."""
        target, state = self.stack[-2], self.pop()
        if isinstance(target, Inert):
            target.state = state
        elif not isinstance(target, dict):
            raise PickleError(f"it gives a state to {kind_of(target)}")

    def look_up(self, key: Any) -> None:
        """Push what was put into the memo."""
        if int(key) not in self.memo:
            raise PickleError("it refers to what it has not made")
        self.push(self.memo[int(key)])

    def remember(self, key: Any) -> None:
        """Put the top of the stack into the memo."""
        self.memo[int(key)] = self.stack[-1]

    def add_items(self, pairs: list[Any]) -> None:
        """Put keys and values into the dict on the stack."""
        target = self.stack[-1]
        if not isinstance(target, dict) or len(pairs) % 2:
            raise PickleError(f"it puts items into {kind_of(target)}")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            put(target, key, value)

    def make_dict(self, pairs: list[Any]) -> None:
        """Push a dict of keys and values."""
        self.push({})
        self.add_items(pairs)

    def extend(self, values: list[Any]) -> None:
        """Put values into the list on the stack."""
        target = self.stack[-1]
        if isinstance(target, Inert):
            target.update(enumerate(values, len(target)))
        elif isinstance(target, list):
            target.extend(values)
        else:
            raise PickleError(f"it appends to {kind_of(target)}")


def _name(module: Any, name: Any) -> Global:
    if not isinstance(module, str) or not isinstance(name, str):
        raise PickleError("it names something that is no text")
    return _known(f"{module}.{name}")


def _known(name: str) -> Global:
    """Return a name that is known; refuse another before anything is done with it."""
    if name not in MAKERS and name not in NAMES and not may_be_named(name):
        raise ForeignError(name)
    return Global(name)


PUSH_ARGUMENT = frozenset(
    """INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING
    UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8
    BYTEARRAY8""".split()  # noqa: SIM905
)
"""Opcodes of a number or a text, which stands behind them."""
STEPS: Mapping[str, Callable[[Machine, Any], object]] = {
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "MARK": lambda m, _: m.push(MARK),
    "POP": lambda m, _: m.stack.pop(),
    "POP_MARK": lambda m, _: m.pop_to_mark(),
    "DUP": lambda m, _: m.push(m.stack[-1]),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "LIST": lambda m, _: m.push(m.pop_to_mark()),
    "APPEND": lambda m, _: m.extend(m.take(1)),
    "APPENDS": lambda m, _: m.extend(m.pop_to_mark()),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "TUPLE": lambda m, _: m.push(tuple(m.pop_to_mark())),
    "TUPLE1": lambda m, _: m.push(tuple(m.take(1))),
    "TUPLE2": lambda m, _: m.push(tuple(m.take(2))),
    "TUPLE3": lambda m, _: m.push(tuple(m.take(3))),
    "DICT": lambda m, _: m.make_dict(m.pop_to_mark()),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "SETITEM": lambda m, _: m.add_items(m.take(2)),
    "SETITEMS": lambda m, _: m.add_items(m.pop_to_mark()),
    "EMPTY_SET": lambda m, _: m.push([]),
    "ADDITEMS": lambda m, _: m.extend(m.pop_to_mark()),
    "FROZENSET": lambda m, _: m.push(tuple(m.pop_to_mark())),
    "PUT": Machine.remember,
    "BINPUT": Machine.remember,
    "LONG_BINPUT": Machine.remember,
    "MEMOIZE": lambda m, _: m.remember(len(m.memo)),
    "GET": Machine.look_up,
    "BINGET": Machine.look_up,
    "LONG_BINGET": Machine.look_up,
    "GLOBAL": lambda m, name: m.push(_known(name.replace(" ", "."))),
    "STACK_GLOBAL": lambda m, _: m.push(_name(*m.take(2))),
    "REDUCE": lambda m, _: m.reduce(),
    "NEWOBJ": lambda m, _: m.new_object(m.take(2)),
    "NEWOBJ_EX": lambda m, _: m.new_object(m.take(3)),
    "BUILD": lambda m, _: m.build(),
    "BINPERSID": lambda m, _: m.push(outside(m.pop())),
}
"""What the other opcodes do; one that is not here is refused."""
