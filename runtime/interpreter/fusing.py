"""Computing what follows a node where its result still lies in the cache.

A convolution's result is normalized, then clipped: three nodes, and three times a large array
travels through memory. Where nobody else reads what lies between, the first node's kernel does it
all, block by block. Only kernels of float32 say that they can; the reference's mode, and whoever
asks for the values between, get node by node.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .plan import Step
from .registry import Finish, find_finished, find_finisher

Kept = tuple[Step, tuple[int, ...]]
"""A step and the slots that it frees."""


def fused(kept: Sequence[Kept], constants: Mapping[int, Any], asked: set[int]) -> list[Kept]:
    """Return the steps, in order, with those that a step before them finishes left out.

    The slots that are `asked` for, and those that several steps read, stay.
    """
    readers = Counter(slot for step, _ in kept for slot in step.inputs)
    after = {step.inputs[0]: step for step, _ in kept if step.inputs}
    own = {slot: step for slot, step in after.items() if readers[slot] == 1 and slot not in asked}
    result, gone = [], set[int]()
    for step, dead in kept:
        if id(step) in gone:
            continue
        merged, followers = _merged(step, own, constants)
        gone.update(map(id, followers))
        result.append((merged, dead))
    return result


def _merged(
    step: Step, own: Mapping[int, Step], constants: Mapping[int, Any]
) -> tuple[Step, list[Step]]:
    """Return the step that computes its followers too, and these."""
    node = step.node
    build = find_finished(node.domain, node.op_type, node.opset)
    if build is None or step.source != "own":
        return step, []
    followers, finishes = _followers(step, own, constants)
    if finishes:
        # What fails here fails again when the node runs, and then says where it stands.
        with suppress(Exception):
            kernel = build(node, [constants.get(slot) for slot in step.inputs], finishes)
            if kernel is not None:
                return replace(step, function=kernel, outputs=followers[-1].outputs), followers
    return step, []


def _followers(
    step: Step, own: Mapping[int, Step], constants: Mapping[int, Any]
) -> tuple[list[Step], list[Finish]]:
    followers: list[Step] = []
    finishes: list[Finish] = []
    while len(step.outputs) == 1 and (follower := own.get(step.outputs[0])) is not None:
        node = follower.node
        find = find_finisher(node.domain, node.op_type, node.opset)
        if find is None or follower.source != "own" or len(follower.outputs) != 1:
            break
        finish = find(node, [constants.get(slot) for slot in follower.inputs])
        if finish is None:
            break
        followers.append(follower)
        finishes.append(finish)
        step = follower
    return followers, finishes
