"""What a run computes: the steps that the asked outputs need, and when each value is freed."""

from collections.abc import Sequence
from typing import Any

from .alive import watched
from .fusing import fused
from .plan import DISCARD, MISSING, Program, Row, Schedule, Step, taker
from .registry import Kernel
from .reuse import reusing


def schedule(program: Program, outputs: Sequence[int]) -> Schedule:
    """Return what `outputs` need of `program`: other steps are dropped, values freed when used."""
    needed = set(outputs)
    kept: list[tuple[Step, tuple[int, ...]]] = []
    fixed = {MISSING, *program.constants, *(slot for slot, _ in program.captures), *outputs}
    for step in reversed(program.steps):
        if needed.isdisjoint(step.outputs):
            continue
        dead = {DISCARD} & set(step.outputs)
        dead |= {slot for slot in (*step.inputs, *step.outputs) if slot not in needed}
        kept.append((step, tuple(sorted(dead - fixed))))
        needed.update(step.inputs)
    template: list[Any] = [None] * program.size
    for slot in needed & program.constants.keys():
        template[slot] = program.constants[slot]
    steps = fused(kept[::-1], program.constants, set(outputs))
    choices = reusing(steps, [slot for slot, _ in program.captures])
    rows = tuple(watched(_row(*choice) for choice in choices))
    return Schedule(
        rows,
        tuple((*row,) for row in rows),
        template,
        program.inputs,
        tuple(outputs),
    )


def _row(function: Kernel, step: Step, dead: tuple[int, ...]) -> Row:
    first = step.outputs[0] if step.outputs else DISCARD
    return Row(function, taker(step.inputs), first, step.outputs, dead, step)
