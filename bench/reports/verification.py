"""A verification as a table, as lines of text, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from ..verify.accuracy import Accuracy
from ..verify.verification import Divergence, Verification
from .cells import cell
from .printable import printable


def as_json(result: Verification) -> dict[str, Any]:
    """Return the whole result, numbers unrounded."""
    placement = result.placement
    return {
        "schema_version": 1,
        "passed": result.passed,
        **asdict(result),
        "nodes": None if placement is None else placement.nodes,
    }


def as_table(result: Verification) -> Table:
    """Return one row per output."""
    table = Table(title=f"{result.on} against {_reference(result)}")
    for heading in ("output", "dtype", "shape", "verdict"):
        table.add_column(heading)
    for heading in ("max abs", "max rel", "rel L2", "max ULP", "top-1", "outside"):
        table.add_column(heading, justify="right")
    for row in result.outputs:
        table.add_row(
            cell(row.output),
            row.dtype,
            " x ".join(map(str, row.shape)) or "scalar",
            "agrees" if row.passed else "DIFFERS",
            number(row.max_abs),
            number(row.max_rel),
            number(row.rel_l2),
            number(row.max_ulp),
            share(row.top1),
            str(row.mismatched),
        )
    return table


def _reference(result: Verification) -> str:
    own = result.reference == "cpu"
    return "onnxruntime's own answer, not optimised" if own else result.reference


def as_lines(result: Verification) -> Iterator[str]:
    """Yield what the table does not hold: remarks, placement, precision, where it went wrong."""
    yield from map(printable, _lines(result))


def _lines(result: Verification) -> Iterator[str]:
    for row in result.outputs:
        if row.note:
            yield f"{row.output}: {row.note}"
        if row.rounded:
            yield (
                f"{row.output}: {row.rounded} elements are beyond the tolerance by no more than "
                "8-bit rounding moves the reference itself"
            )
    if result.placement is not None:
        yield f"placement: {result.placement.describe()}"
    if result.precision:
        yield f"precision: {result.precision}"
    if result.note:
        yield result.note
    if result.divergence is not None:
        yield from _divergence_lines(result.divergence)


def _divergence_lines(divergence: Divergence) -> Iterator[str]:
    found = divergence.found
    yield (
        f"first divergent node: {divergence.op_type} '{divergence.node}', number "
        f"{divergence.position} of the graph (found in {found.runs} tapped runs)"
    )
    yield f"  its output {_summary(found.accuracy)}"
    for row in found.inputs:
        yield f"  its input {_summary(row)}"
    if divergence.vanished:
        yield (
            "  with values tapped the outputs agree: a fused operator is wrong, see "
            "--optimization none"
        )
    elif divergence.fusion_changed:
        yield (
            "  tapping changed the fusion: the model's outputs moved by up to "
            f"{divergence.outputs_moved:.3g}"
        )
    else:
        yield "  tapping did not change the model's outputs by a single bit"


def _summary(row: Accuracy) -> str:
    state = "agrees" if row.passed else "DIFFERS"
    return f"'{row.output}' {state}: max abs {number(row.max_abs)}, {row.mismatched} outside"


def share(value: float | None) -> str:
    """Return a share in percent, "-" for None."""
    return "-" if value is None else f"{value:.2%}"


def number(value: float | None) -> str:
    """Return a figure in three digits, "-" for None."""
    return "-" if value is None else f"{value:.3g}"
