"""``onnxwright verify``: a runtime's outputs against the float64 reference."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from ....files import read_mapped
from ....runtime import Runner, load
from ....runtime.interpreter.signature import signature
from ....runtime.providers import NUMPY
from ...errors import BenchError
from ...model.arrays import read_inputs
from ...model.inputs import parse_dims
from ...model.inspection import check_digest
from ...model.interface import DEFAULT_BUDGET
from ...model.states import at_rest
from ...reports.damage import damage_answer, damage_lines, damage_table, layers_table
from ...reports.translation import translation_lines, translation_table
from ...reports.verification import LEGEND, answer, as_json, as_lines, as_table
from ...verify.against import Damage, measure_damage
from ...verify.expected import Translation, check_translation
from ...verify.reference import find_reference
from ...verify.streaming import Arrays, StreamCheck, check_streaming, state_names
from ...verify.verification import Tolerances, Verification, verify
from .. import completion
from ..feeds import choose_feeds
from ..options import (
    Finite,
    input_options,
    limit_options,
    limits,
    load_options,
    options_on,
    runtime_names,
    session_options,
)
from ..saturation import warn_of_saturation
from ..terminal import format_option, print_json, print_lines, print_table


@click.command(name="verify")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--on",
    callback=runtime_names,
    multiple=True,
    default=["numpy"],
    metavar="RUNTIME",
    shell_complete=completion.runtimes,
    help="Runtime: numpy, cpu, cuda, ..., or a served model's URL; again for more.  "
    "[default: numpy]",
)
@session_options
@limit_options
@input_options
@click.option("--atol", type=Finite(min=0), help="Absolute tolerance.  [default: 1e-4 for float32]")
@click.option("--rtol", type=Finite(min=0), help="Relative tolerance.  [default: 1e-5 for float32]")
@click.option(
    "--tap-memory",
    type=click.IntRange(min=1),
    default=512,
    show_default=True,
    help="MiB for the intermediate values looked at in one run.",
)
@click.option(
    "--chunks",
    metavar="N,N",
    help="Steps of chunks, as 3,4,1: feed a model with states in them too, and compare.",
)
@click.option(
    "--expect",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Compare with what the framework gave too: its outputs, and maybe inputs, by name.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="MODEL",
    help="Compare with the model that this one was made from too, and rank layers by damage.",
)
@click.option(
    "--budget",
    type=Finite(min=0),
    default=DEFAULT_BUDGET,
    show_default=True,
    help="Largest relative L2 error that --against allows.",
)
@click.option("--wide", is_flag=True, help="Show element types and units in the last place too.")
@click.option("--no-search", is_flag=True, help="Do not look for the first divergent node.")
@format_option
def command(
    model: Path,
    on: tuple[str, ...],
    threads: int | None,
    exact_int8: bool,
    optimization: str | None,
    strict: bool,
    provider_options: tuple[str, ...],
    memory_limit: str | None,
    max_steps: int | None,
    no_map: bool,
    inputs: tuple[str, ...],
    dims: tuple[str, ...],
    seed: int | None,
    atol: float | None,
    rtol: float | None,
    tap_memory: int,
    chunks: str | None,
    expect: Path | None,
    against: Path | None,
    budget: float,
    wide: bool,
    no_search: bool,
    output_format: str,
) -> None:
    """Compare MODEL's outputs on each runtime with the float64 NumPy reference.

    Inputs that are not given are random, the same for the same --seed (0 if left out). With
    --expect all outputs are compared with the framework's own too, which proves the
    translation and not only the runtime; with --against, with those of the model that this one
    was made from, which tells what quantizing it cost, and where. Exits with 1 when an output
    disagrees or is over the budget, and names the first node that does.
    """
    allowed = limits(memory_limit, max_steps, no_map)
    native = load_options(threads, exact_int8, optimization, strict, provider_options)
    proto, weights = read_mapped(model)
    check_digest(model, proto, weights)
    reference = partial(find_reference, model, on[0], **allowed)
    given = read_inputs(inputs)
    feeds, expected = choose_feeds(proto, reference, given, parse_dims(dims), seed, expect)
    required, _, outputs = signature(proto, None)
    feeds = at_rest(feeds, given, on, (required, outputs))
    tolerances = Tolerances(atol, rtol, tap_memory * 2**20)
    options = {each: options_on(each, native) | (allowed if each in NUMPY else {}) for each in on}
    checks = []
    for each, given in options.items():
        result = verify(
            model, each, feeds, tolerances, search=not no_search, reference_options=allowed, **given
        )
        stream = None if chunks is None else _stream(load(model, on=each, **given), feeds, chunks)
        checks.append(Checked(result, stream))
    translation = None
    if expect is not None and expected is not None:
        translation = check_translation(
            model, options, feeds, expected, expect, tolerances, reference_options=allowed
        )
    damage = None
    if against is not None:
        damage = measure_damage(
            model,
            against,
            options,
            feeds,
            budget=budget,
            tap_bytes=tolerances.tap_bytes,
            reference_options=allowed,
        )
    if not exact_int8:
        warn_of_saturation([model], on)
    if output_format == "json":
        print_json(_as_json(checks, translation, damage))
    else:
        _print(checks, translation, damage, wide)
    right = all(each is None or each.passed for each in (translation, damage))
    sys.exit(int(not (right and all(check.passed(tolerances) for check in checks))))


@dataclass(frozen=True)
class Checked:
    """What was found on one runtime."""

    result: Verification
    stream: StreamCheck | None
    """Chunks against the whole, where they were asked for."""

    def passed(self, tolerances: Tolerances) -> bool:
        """All outputs agree, of the chunks too."""
        return self.result.passed and (self.stream is None or self.stream.within(tolerances))

    def to_json(self) -> dict[str, Any]:
        """Return both, numbers unrounded."""
        more = {} if self.stream is None else {"streaming": self.stream.as_json()}
        return as_json(self.result) | more

    def lines(self) -> list[str]:
        """Return what stands below the table."""
        more = [] if self.stream is None else [self.stream.describe()]
        return [*as_lines(self.result), *more]


def _as_json(
    checks: Sequence[Checked], translation: Translation | None, damage: Damage | None
) -> dict[str, Any]:
    """Return one runtime's result, or those of several in a list, and the comparisons' beside."""
    found = [check.to_json() for check in checks]
    document = found[0]
    if len(found) > 1:
        passed = all(check.result.passed for check in checks)
        document = {"schema_version": 1, "passed": passed, "runtimes": found}
    more = {"translation": translation, "against": damage}
    return document | {key: found.to_json() for key, found in more.items() if found is not None}


def _print(
    checks: Sequence[Checked], translation: Translation | None, damage: Damage | None, wide: bool
) -> None:
    if damage is not None:
        click.echo(damage_answer(damage))
    for check in checks:
        click.echo(answer(check.result))
        print_table(as_table(check.result, wide), wide)
        print_lines([LEGEND])
        for line in check.lines():
            click.echo(line)
    if translation is not None:
        print_table(translation_table(translation))
        click.echo("\n".join(translation_lines(translation)))
    if damage is not None:
        print_table(damage_table(damage))
        if any(layer.alone for layer in damage.layers):
            print_table(layers_table(damage))
        for line in damage_lines(damage):
            click.echo(line)


def _stream(runner: Runner, feeds: Arrays, chunks: str) -> StreamCheck:
    """Feed what is no state in chunks and hold it against the whole."""
    sizes = [int(size) for size in chunks.split(",") if size.strip().isdecimal()]
    if len(sizes) != chunks.count(",") + 1 or 0 in sizes:
        raise BenchError(
            f"--chunks {chunks} are not numbers of steps", "write them as in --chunks 3,4,1"
        )
    states = state_names(runner).keys() | {info.name for info in getattr(runner, "kept", ())}
    sequences = {name: feed for name, feed in feeds.items() if name not in states}
    return check_streaming(runner, sequences, sizes)
