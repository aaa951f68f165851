"""The demo's one table, and the sentences below it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

from ..digits.toy import TOY
from .accuracy import JUDGE, Accuracy
from .session import Outcome, Row

ABSENT = "-"
COLUMNS: Mapping[str, Literal["left", "right"]] = {
    "net": "left",
    "params": "right",
    "file kB": "right",
    "runtime": "left",
    "top-1": "right",
    "max error": "right",
    "batch 1: µs": "right",
    "batch 64: k items/s": "right",
}
"""Titles, and the side to which their cells are set."""


def make_table(rows: Sequence[Row]) -> Table:
    """Return one line per net and runtime, at most 110 characters wide."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title, justify in COLUMNS.items():
        table.add_column(title, justify=justify, no_wrap=True)
    shown = None
    for row in rows:
        head = (row.net, f"{row.parameters:,}", f"{row.file_bytes / 1000:.1f}")
        table.add_row(*(head if row.net != shown else ("", "", "")), *_cells(row))
        shown = row.net
    return table


def _cells(row: Row) -> Iterator[str | Text]:
    yield row.on
    if row.accuracy is None:
        yield from (ABSENT, Text("not taken", style="yellow"), ABSENT, ABSENT)
        return
    yield ABSENT if row.accuracy.top1 is None else f"{row.accuracy.top1:.1%}"
    yield _error(row)
    one, many = row.timings
    yield interval(one.latency_s, 1e6)
    yield interval(many.items_per_s, 1e-3)


def _error(row: Row) -> str | Text:
    assert row.accuracy is not None
    if not row.accuracy.right:
        return Text("WRONG", style="bold red")
    return "judge" if row.on == JUDGE else f"{row.accuracy.error:.1e}"


def interval(values: tuple[float, float, float], scale: float) -> str:
    """Write a median and its interval with three digits.

    >>> interval((1.25e-5, 1.2e-5, 0.00131), 1e6)
    '12.5 [12.0, 1,310]'
    """
    median, low, high = (_three_digits(value * scale) for value in values)
    return f"{median} [{low}, {high}]"


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def explain(outcome: Outcome) -> Iterator[str]:
    """Yield what the table's figures are, and what the answers prove."""
    yield (
        "max error: largest |output - numpy:float64's|. Timings: median of "
        f"{len(outcome.conditions)} processes [95 % interval], through runtime.load(...).run(...)."
    )
    classified = [a for a in _accuracies(outcome) if a.top1 is not None]
    if classified:
        agreeing, of = min((a.agreeing or 0, a.of) for a in classified)
        yield (
            f"Against the logits that PyTorch gave: at most {_worst(classified):.1e} off "
            f"(limit {classified[0].tolerance:g}), at least {agreeing} of {of} classes the same."
        )
    toys = [row.accuracy for row in outcome.rows if row.net == TOY and row.accuracy]
    if toys:
        yield (
            "toy_lstm against the lecture's 0 0 0 0 0 7 0 0 6: at most "
            f"{_worst(toys):.1e} off (limit {toys[0].tolerance:g})."
        )


def complaints(outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for each row whose answer is wrong."""
    for row in outcome.wrong:
        found = row.accuracy
        assert found is not None
        classes = "" if found.agreeing is None else f", {found.agreeing} of {found.of} classes"
        yield (
            f"{row.net} on {row.on} is wrong: {found.error_recorded:.2e} from the recorded answer "
            f"(limit {found.tolerance:g}){classes}"
        )


def _accuracies(outcome: Outcome) -> list[Accuracy]:
    return [row.accuracy for row in outcome.rows if row.accuracy is not None]


def _worst(accuracies: Sequence[Accuracy]) -> float:
    return max(accuracy.error_recorded for accuracy in accuracies)
