"""What quantizing did to a model: the answer, a table of layers, and JSON."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from ..verify.quantizing import Choice
from .cells import cell
from .printable import printable
from .verification import number

SETTINGS = {True: "per channel", False: "per array"}


def answer(source: Path, output: Path, best: Choice) -> str:
    """Return the size and the error in a sentence."""
    before, after = source.stat().st_size, output.stat().st_size
    text = f"{output} takes {after:,} bytes, {before / max(after, 1):.2g} times less than {source}"
    if best.error is None:
        return printable(f"{text}; its error was not measured: {best.note}")
    return printable(
        f"{text}; its outputs are {number(best.error)} from those of the source (relative L2)"
    )


def layers_table(best: Choice) -> Table:
    """Return one row per layer with weights."""
    table = Table()
    for heading in ("layer", "now", "bytes before", "after", "error"):
        table.add_column(heading, overflow="fold", justify="left" if len(heading) < 6 else "right")
    for node in best.made.nodes:
        form = node.form if node.quantized else f"{node.op}, as it was"
        sizes = f"{node.bytes_before:,}", f"{node.bytes_after:,}"
        table.add_row(cell(node.name), form, *sizes, number(best.error_of(node)))
    return table


def lines(choices: Sequence[Choice], reduced: bool, mode: str) -> Iterator[str]:
    """Yield what was chosen and why, and what the error is."""
    best = choices[0]
    if mode != "weight-only":
        bits = "7-bit weights" if reduced else "8-bit weights"
        others = ", ".join(f"{SETTINGS[c.per_channel]} {number(c.error)}" for c in choices[1:])
        tried = f" ({others})" if others else ""
        yield f"{bits}, a scale {SETTINGS[best.per_channel]}{tried}"
    if best.damage is not None:
        yield "error: relative L2 of what the layer alone computes from the source's values"


def as_json(
    source: Path, output: Path, mode: str, reduced: bool, choices: Sequence[Choice]
) -> dict[str, Any]:
    """Return what was done for a program, numbers unrounded."""
    best = choices[0]
    return {
        "schema_version": 1,
        "source": str(source),
        "model": str(output),
        "mode": mode,
        "reduce_range": reduced,
        "per_channel": best.per_channel,
        "source_bytes": source.stat().st_size,
        "model_bytes": output.stat().st_size,
        "error": best.error,
        "note": best.note,
        "tried": [{"per_channel": c.per_channel, "error": c.error} for c in choices],
        "nodes": [vars(node) | {"error": best.error_of(node)} for node in best.made.nodes],
    }
