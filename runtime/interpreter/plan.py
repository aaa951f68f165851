"""A compiled graph: a flat list of steps over integer slots, and the loop that runs it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ..errors import NodeError, RunnerError
from ..runner import TensorInfo
from .attribute_binding import describe
from .registry import UNKNOWN, Kernel, NodeInfo, Traits
from .run_limits import LimitError, count_steps

MISSING = 0
"""The slot of every missing optional input: always None."""
MISTAKES = (AttributeError, KeyError, AssertionError, NameError)
"""Exceptions that show a fault of a kernel of ours: no input may make it raise them."""
DISCARD = 1
"""The slot of every output that nobody wants."""
PER_STEP = 8
"""Nodes of a body that count as one step of the run, besides the loop's own."""
FIRST = 2
"""The first of a graph's input slots; they lie side by side."""


@dataclass(frozen=True)
class Step:
    """One call of a kernel."""

    function: Kernel
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    node: NodeInfo
    place: str
    """Where the node stands: ``graph 'main'``, ``graph 'main' / body of node 'scan'``."""
    source: str
    """own, function, fallback or none."""
    traits: Traits = UNKNOWN
    """Of the kernel, where it is one of ours."""


@dataclass
class Program:
    """A graph with every node bound to its kernel; what is not needed is still there.

    `captures` pairs a slot here with the slot of the enclosing program that it is copied from.
    """

    steps: list[Step] = field(default_factory=list)
    constants: dict[int, Any] = field(default_factory=dict)
    captures: list[tuple[int, int]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)
    """What is known of the slots' types, as schemas write them: ``tensor(float)``."""
    defaults: dict[int, Any] = field(default_factory=dict)
    """The values of the inputs that need not be given."""
    inputs: int = 0
    outputs: tuple[int, ...] = ()
    results: tuple[TensorInfo, ...] = ()
    """What the model says of the outputs."""
    size: int = FIRST


class Row(NamedTuple):
    """A step as `execute` needs it."""

    function: Kernel
    take: Callable[[list[Any]], Sequence[Any]]
    """Picks the function's inputs from the values."""
    first: int
    """The slot of the first output."""
    outputs: tuple[int, ...]
    """The slots of all outputs."""
    dead: tuple[int, ...]
    """The slots that nobody reads any more."""
    step: Step


Plain = tuple[
    Kernel, Callable[[list[Any]], Sequence[Any]], int, tuple[int, ...], tuple[int, ...], Step
]
"""A `Row` as a bare tuple: Python unpacks it 20 to 40 ns faster, at every node."""


def taker(slots: tuple[int, ...]) -> Callable[[list[Any]], Sequence[Any]]:
    """Return a function from the values to those in `slots`: a third of a comprehension's time.

    >>> taker((2, 0))(["a", "b", "c"]), taker((1,))(["a", "b", "c"]), taker(())(["a"])
    (('c', 'a'), ['b'], [])
    """
    if len(slots) > 1:
        return itemgetter(*slots)
    return itemgetter(slice(slots[0], slots[0] + 1) if slots else slice(0))


@dataclass(frozen=True)
class Schedule:
    """The rows that the asked outputs need, in order, and the slots' starting values."""

    rows: tuple[Row, ...]
    plain: tuple[Plain, ...]
    """The rows for `execute`."""
    template: list[Any]
    inputs: int
    outputs: tuple[int, ...]

    def start(self, inputs: Iterable[Any]) -> list[Any]:
        """Return fresh slots with the constants and `inputs` in place."""
        values = self.template.copy()
        values[FIRST : FIRST + self.inputs] = inputs
        return values

    def run(self, inputs: Iterable[Any]) -> list[Any]:
        """Return the outputs' values."""
        values = self.start(inputs)
        execute(self.plain, values)
        return [values[slot] for slot in self.outputs]


def execute(rows: Sequence[Plain], values: list[Any]) -> None:
    """Run `rows` over `values`.

    Raises
    ------
    NodeError
        A kernel failed.
    """
    step: Step | None = None
    try:
        for function, take, first, outputs, dead, step in rows:  # noqa: B007
            result = function(*take(values))
            if type(result) is tuple:
                for slot, value in zip(outputs, result, strict=False):
                    values[slot] = value
            else:
                values[first] = result
            for slot in dead:
                values[slot] = None
    except RunnerError:
        raise
    except Exception as error:
        if step is None:
            raise
        given = [values[slot] for slot in step.inputs]
        if _is_mistake(step, given, error):
            raise
        raise node_error(step, given, error) from error


def _is_mistake(step: Step, inputs: Sequence[Any], error: Exception) -> bool:
    """Whether a kernel of ours is at fault: whatever the arrays, it must not raise `MISTAKES`."""
    arrays = all(isinstance(x, (np.ndarray, np.generic)) and x.dtype != object for x in inputs)
    return arrays and step.source == "own" and isinstance(error, MISTAKES)


class BoundBody:
    """A subgraph ready to be called: a function of its inputs that returns its outputs."""

    def __init__(
        self, plan: Schedule, template: list[Any], results: tuple[TensorInfo, ...]
    ) -> None:
        self._rows, self._template = plan.plain, template
        self._take = taker(plan.outputs)
        self._count, self._stop = plan.inputs, FIRST + plan.inputs
        self.results = results
        """What the model says of the outputs, for the case that the body never runs."""

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        """Run the body once."""
        if len(inputs) != self._count:
            raise ValueError(f"the body takes {self._count} inputs, but gets {len(inputs)}")
        values = self._template.copy()
        values[FIRST : self._stop] = inputs
        execute(self._rows, values)
        return self._take(values)


CHOOSING = ("Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND")
"""Operators that take indices."""
CHECK = "check the feeds' shapes against the model, or ask run() for the values before this node"
IDS = "feed ids that the table has rows for, as in the data that the net was trained with"


class LongBody(BoundBody):
    """A body of many nodes: each run counts as steps, whatever runs it."""

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        """Run the body once."""
        count_steps(len(self._rows) // PER_STEP)
        return super().__call__(*inputs)


@dataclass(frozen=True)
class Body:
    """A subgraph, compiled once; `bind` gives it the outer scope's values, once a node runs."""

    program: Program
    schedule: Schedule

    @property
    def captures(self) -> tuple[int, ...]:
        """The enclosing program's slots that the body reads."""
        return tuple(outer for _, outer in self.program.captures)

    def bind(self, captured: Sequence[Any]) -> BoundBody:
        """Return the body with the values of what it captures in place."""
        template = self.schedule.template.copy()
        for (slot, _), value in zip(self.program.captures, captured, strict=True):
            template[slot] = value
        kind = BoundBody if len(self.schedule.rows) < PER_STEP else LongBody
        return kind(self.schedule, template, self.program.results)


def node_error(step: Step, inputs: Sequence[Any], error: Exception) -> NodeError:
    """Return the error that names the node, its place, and each input's dtype and shape."""
    given = ", ".join(describe_value(value) for value in inputs)
    problem, remedy = f"{type(error).__name__}: {error}", CHECK
    if isinstance(error, LimitError):
        problem, remedy = str(error), error.remedy
    elif isinstance(error, IndexError) and step.node.op_type in CHOOSING:
        problem, remedy = f"an index is out of range: {error}", IDS
    return NodeError(
        f"{describe(step.node)} in {step.place}: {problem}; its inputs: {given or 'none'}", remedy
    )


def describe_value(value: Any) -> str:
    """Return ``float32 [2, 3]`` for an array, a word for anything else.

    >>> describe_value(np.zeros((2, 3), "float32")), describe_value([1]), describe_value(None)
    ('float32 [2, 3]', 'sequence of 1', 'missing')
    """
    if value is None:
        return "missing"
    if isinstance(value, list):
        return f"sequence of {len(value)}"
    return f"{np.asarray(value).dtype} {list(np.shape(value))}"
