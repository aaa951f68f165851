"""Shape arithmetic, computed once for each shape that is fed.

Exporters write how to reshape as operators: Shape, Gather, Unsqueeze, Concat, and one Reshape that
needs them. Small models spend half of their time on such numbers. Here they are taken from a run,
and later runs on the same shapes start with them in place.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from ..feeds import Kinds
from .plan import DISCARD, Program, Schedule, Step
from .registry import UNKNOWN
from .scheduling import schedule
from .shape_rules import known_by_shapes

SHAPES = 8
"""Shapes that are remembered; then all are forgotten."""
LARGEST = 1 << 20
"""Bytes that may be remembered for a shape."""


Key = tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]


class Notes:
    """What one run finds of the wanted slots, unless it is too large to be kept."""

    def __init__(self, wanted: Set[int]) -> None:
        self.wanted, self.left = wanted, LARGEST
        self.found: dict[int, Any] = {}

    def noting(self, step: Step) -> Step:
        """Return the step with a kernel that notes the wanted ones of its outputs."""
        if not self.wanted & set(step.outputs):
            return step
        function = step.function

        def compute(*inputs: Any) -> Any:
            result = function(*inputs)
            values = result if type(result) is tuple else (result,)
            for slot, value in zip(step.outputs, values, strict=False):
                self._note(slot, value)
            return result

        # Without traits nothing is computed over its inputs, past this function.
        return replace(step, function=compute, traits=UNKNOWN)

    def _note(self, slot: int, value: Any) -> None:
        self.left -= getattr(value, "nbytes", LARGEST)
        if slot in self.wanted and self.left >= 0:
            self.found[slot] = _fixed(value)


class Remembering:
    """How to compute some outputs, for shapes seen for the first time and for those seen before."""

    def __init__(self, program: Program, outputs: Sequence[int]) -> None:
        self._program, self._outputs = program, outputs
        self.full = schedule(program, outputs)
        """All that the outputs need."""
        known = known_by_shapes(program) - {DISCARD}
        rest = [row.step for row in self.full.rows if known.isdisjoint(row.step.outputs)]
        read = {slot for step in rest for slot in step.inputs} | set(outputs)
        given = {slot for row in self.full.rows for slot in row.outputs}
        self._known = known & read & given
        self._steps = [step for step in program.steps if known.isdisjoint(step.outputs)]
        self._seen: Key | None = None
        self._asked: tuple[Key, Schedule, Notes] | None = None
        self._shorter: dict[Key, Schedule] = {}

    def plan(self, kinds: Kinds | None) -> Schedule:
        """Return what to run for feeds of these kinds; None stands for what is no plain array.

        A shape that comes again is run once with notes taken; call `learn` after each run.
        """
        if not self._known or kinds is None:
            return self.full
        key = tuple(kinds)
        if key in self._shorter:
            return self._shorter[key]
        if key != self._seen:
            self._seen = key
            return self.full
        notes = Notes(self._known)
        steps = [notes.noting(step) for step in self._program.steps]
        plan = schedule(replace(self._program, steps=steps), self._outputs)
        self._asked = key, plan, notes
        return plan

    def learn(self, plan: Schedule) -> None:
        """Make a shorter schedule of what the run of `plan` noted, if it took notes."""
        asked = self._asked
        if asked is None or asked[1] is not plan:
            return
        key, _, notes = asked
        shorter = self.full
        if notes.found.keys() == self._known:
            constants = {**self._program.constants, **notes.found}
            less = replace(self._program, constants=constants, steps=self._steps)
            shorter = schedule(less, self._outputs)
        kept = {} if len(self._shorter) >= SHAPES else self._shorter
        self._asked, self._shorter = None, {**kept, key: shorter}


def _fixed(value: Any) -> Any:
    """Return a read-only copy of an array: this run may return it, and no later one write to it."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.setflags(write=False)
    return value
