"""A weights file as tables, within 80 columns."""

from pathlib import Path

from rich.table import Table

from ..model.weights import WeightsFacts
from .cells import cell

NAME_WIDTH, NARROW = 42, 30
"""Columns for a name, and beside one more column; a longer name goes on in the next line."""


def weights_tables(path: Path, found: WeightsFacts) -> list[Table]:
    """Return what the file is, the layers that were recognised, and its arrays."""
    return [_facts(path, found), *([_layers(found)] if found.layers else []), _arrays(found)]


def _facts(path: Path, found: WeightsFacts) -> Table:
    table = Table("fact", title=cell(str(path)))
    table.add_column("value", max_width=55, overflow="fold")
    table.add_row("format", found.format)
    if found.entry:
        table.add_row("part that was taken", cell(found.entry))
    if found.others:
        others = ", ".join(other or "(the whole)" for other in found.others)
        table.add_row("other parts (--entry)", cell(others))
    if found.prefix:
        table.add_row("left out of names", cell(found.prefix))
    table.add_row("arrays", f"{len(found.arrays):,}")
    table.add_row("parameters", f"{found.parameters:,} in {found.bytes:,} bytes")
    table.add_row("NaN or infinite", f"{found.nonfinite:,}" if found.nonfinite else "none")
    return table


def _layers(found: WeightsFacts) -> Table:
    table = _named("layer", NARROW)
    table.add_column("recognised as", max_width=43, overflow="fold")
    for layer in found.layers:
        table.add_row(cell(layer.name or "(no name)"), layer.title)
    return table


def _arrays(found: WeightsFacts) -> Table:
    table = _named("array", NARROW if found.nonfinite else NAME_WIDTH)
    table.add_column("shape", max_width=14, overflow="fold")
    table.add_column("dtype")
    if found.nonfinite:
        table.add_column("NaN, inf", justify="right")
    for array in found.arrays:
        shape = " x ".join(map(str, array.shape)) or "scalar"
        bad = [f"{array.nonfinite:,}"] if found.nonfinite else []
        table.add_row(cell(array.name), shape, array.dtype, *bad)
    return table


def _named(title: str, width: int) -> Table:
    table = Table()
    table.add_column(title, max_width=width, overflow="fold")
    return table
