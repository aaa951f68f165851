"""The inputs of a command that verifies a model: given, of a framework, or made to fit."""

from collections.abc import Callable
from pathlib import Path

import onnx

from ...runtime import Runner
from ...runtime.interpreter.signature import signature
from ..model.attempts import has_open_dims, run_chosen
from ..model.free_dims import sizes_given
from ..model.inputs import fill_inputs
from ..verify.expected import Arrays, Expected, join_inputs, read_expected, zero_states
from .terminal import stderr_console, tell


def choose_feeds(
    model: onnx.ModelProto,
    reference: Callable[[], tuple[Runner, str]],
    given: Arrays,
    dims: dict[str, int],
    seed: int | None,
    expect: Path | None,
) -> tuple[Arrays, Expected | None]:
    """Return all inputs, those that are not given at random, and what the framework gave.

    Sizes that nothing binds are those at which the reference runs the model.
    """
    needed, _, outputs = signature(model, None)
    if expect is not None:
        expected = read_expected(expect, needed, outputs)
        if seed is None:
            given = {**zero_states(needed, outputs, {**expected.inputs, **given}), **given}
        given = join_inputs(given, expected, [info.name for info in needed], seed)
        return fill_inputs(model, needed, given, dims=dims, seed=seed or 0), expected
    if not has_open_dims(needed, sizes_given(needed, given, dims)):
        return fill_inputs(model, needed, given, dims=dims, seed=seed or 0), None
    run = reference()[0].run
    chosen = run_chosen(model, needed, given, run, dims=dims, seed=seed or 0)
    if chosen.note:
        tell(stderr_console(), chosen.note)
    return chosen.feeds, None
