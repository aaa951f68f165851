"""A changed model against its source, as tables and lines of text."""

from collections.abc import Iterator

from rich.table import Table

from ..verify.against import Damage, Layer
from .cells import cell
from .plain import plain_table
from .printable import printable
from .verification import number, share

MOST_LAYERS = 10
"""Layers in the table; JSON has them all."""
LEAST_SHARE = 0.01
"""Layers below this part of the largest damage are only counted."""


def damage_table(result: Damage) -> Table:
    """Return one row per runtime and output."""
    title = f"against {result.source} in float64"
    table = plain_table(("on", "output", "verdict"), ("rel L2", "max abs", "top-1"), title)
    for on, rows in result.outputs.items():
        for row in rows:
            verdict = "in budget" if result.within(row) else "OVER BUDGET"
            figures = (number(row.rel_l2), number(row.max_abs), share(row.top1))
            table.add_row(on, cell(row.output), verdict, *figures)
    return table


def layers_table(result: Damage) -> Table:
    """Return the layers that do most damage."""
    title = "layers by damage (relative L2)"
    table = plain_table(("value", "operator"), ("alone", "in all"), title)
    for layer in _shown(result):
        figures = (number(layer.alone), number(layer.in_all))
        table.add_row(cell(layer.value), layer.op_type, *figures)
    return table


def _shown(result: Damage) -> list[Layer]:
    """Return the layers worth a line: those that do damage of their own."""
    found = [layer for layer in result.layers if layer.alone]
    least = LEAST_SHARE * max((layer.alone or 0.0 for layer in found), default=0.0)
    return [layer for layer in found if (layer.alone or 0.0) >= least][:MOST_LAYERS]


def damage_answer(result: Damage) -> str:
    """Return what the change cost, in a sentence or two."""
    rows = [(row.rel_l2 or 0.0, on, row) for on, rows in result.outputs.items() for row in rows]
    error, on, row = max(rows, key=lambda found: found[0])
    verdict = "within" if result.passed else "NOT within"
    text = (
        f"the outputs are {verdict} the budget of {result.budget:.3g}: '{row.output}' on {on} is "
        f"{number(error)} from {result.source} (relative L2)"
    )
    if result.layers and result.layers[0].alone:
        worst = result.layers[0]
        text += (
            f"; most damage is done by {worst.op_type} '{worst.node}', {number(worst.alone)} alone"
        )
    return printable(text)


def damage_lines(result: Damage) -> Iterator[str]:
    """Yield what kept arrays from being compared, and how to read the layers."""
    for on, rows in result.outputs.items():
        yield from (printable(f"{row.output} on {on}: {row.note}") for row in rows if row.note)
    if result.note:
        yield result.note
    shown = len(_shown(result))
    if shown:
        yield "alone: reading what the source computes; in all: with the errors of what came before"
    if len(result.layers) > shown:
        yield f"{len(result.layers) - shown} more values are alike or nearly so: see --format json"
