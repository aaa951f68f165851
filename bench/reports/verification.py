"""A verification as a table, as lines of text, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from ..verify.accuracy import Accuracy
from ..verify.reference import borrowed_words
from ..verify.verification import Divergence, Verification
from .cells import cell
from .plain import plain_table
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


def answer(result: Verification) -> str:
    """Return in a sentence whether the outputs agree, and how far they are off at most."""
    agree = "agree" if result.passed else "do NOT agree"
    found = [row for row in result.outputs if row.max_abs is not None]
    worst = max(found, key=lambda row: row.max_abs or 0.0, default=None)
    off = f", at most {number(worst.max_abs)} off" if worst else ""
    return printable(f"{result.on}: the outputs {agree} with {_reference(result)}{off}")


def as_table(result: Verification, wide: bool = False) -> Table:
    """Return one row per output; `wide` tells element types and units in the last place too."""
    texts = ["output", *(["dtype"] if wide else []), "shape", "verdict"]
    numbers = ["max abs", "max rel", "rel L2", *(["max ULP"] if wide else []), "top-1", "outside"]
    table = plain_table(texts, numbers)
    for row in result.outputs:
        table.add_row(
            cell(row.output),
            *([row.dtype] if wide else []),
            " x ".join(map(str, row.shape)) or "scalar",
            "agrees" if row.passed else "DIFFERS",
            number(row.max_abs),
            number(row.max_rel),
            number(row.rel_l2),
            *([number(row.max_ulp)] if wide else []),
            share(row.top1),
            str(row.mismatched),
        )
    return table


LEGEND = (
    "max abs, max rel: largest error and largest part of a value; rel L2: of all values together; "
    "top-1: inputs with the same class; outside: values beyond the tolerance."
)


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
    if result.borrowed:
        yield borrowed_words(result.borrowed)
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
