"""The demo's one table, and the sentences below it."""

import itertools
from collections.abc import Iterator, Sequence
from math import prod

from rich.text import Text

from ..digits.toy import TOY
from ..reports.sections import Section, Sections
from ..verify.reference import REFERENCE
from .answer import Answer
from .session import Outcome, Row

ABSENT = "-"
HEADINGS = ("runtime", "top-1", "max error", "batch 1: µs", "batch 64: k items/s")


def make_table(rows: Sequence[Row]) -> Sections:
    """Return a line per runtime under the title of each net, within 80 columns."""
    sections = [
        Section(
            f"{net} ({mine[0].parameters:,} parameters, {mine[0].file_bytes / 1000:.1f} kB)",
            [list(map(_text, _cells(row))) for row in mine],
        )
        for net, group in itertools.groupby(rows, key=lambda row: row.net)
        if (mine := list(group))
    ]
    texts = [heading == "runtime" for heading in HEADINGS]
    return Sections(HEADINGS, sections, texts, [not text for text in texts])


def _text(cell: str | Text) -> Text:
    return Text(cell) if isinstance(cell, str) else cell


def _cells(row: Row) -> Iterator[str | Text]:
    yield f"{row.on}*" if row.placement else row.on
    if row.answer is None:
        yield from (ABSENT, Text("not taken", style="yellow"), ABSENT, ABSENT)
        return
    yield ABSENT if row.answer.top1 is None else f"{row.answer.top1:.1%}"
    yield _error(row.on, row.answer)
    one, many = row.timings
    yield interval(one.latency_s, 1e6)
    yield interval(many.items_per_s, 1e-3)


def _error(on: str, answer: Answer) -> str | Text:
    if not answer.right:
        return Text("WRONG", style="bold red")
    return "reference" if on == REFERENCE else f"{answer.judged.max_abs:.1e}"


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
        "max error: largest |output - numpy:float64's|. Timings: of runtime.load(...).run(...) on "
        f"one thread, median of {len(outcome.conditions)} processes [95 % interval]."
    )
    answers = [(row.net, row.answer) for row in outcome.rows if row.answer]
    logits = [answer for net, answer in answers if net != TOY]
    if logits:
        same = min(answer.same_classes or 0 for answer in logits)
        yield (
            f"Against the logits that PyTorch gave: at most {_farthest(logits):.1e} off "
            f"(limit {logits[0].tolerance:g}), {same} of {logits[0].recorded.shape[0]} classes the "
            "same, on every runtime."
        )
    toys = [answer for net, answer in answers if net == TOY]
    if toys:
        yield (
            f"toy_lstm against the lecture's 0 0 0 0 0 7 0 0 6: at most {_farthest(toys):.1e} off "
            f"(limit {toys[0].tolerance:g})."
        )
    yield from (f"* {row.net}: {row.placement}" for row in outcome.rows if row.placement)


def complaints(outcome: Outcome) -> Iterator[str]:
    """Yield a sentence for each row whose answer is wrong."""
    for row in outcome.wrong:
        if row.answer is not None:
            found = row.answer.recorded
            yield (
                f"{row.net} on {row.on} is wrong: {found.mismatched} of {prod(found.shape)} "
                f"numbers are more than {row.answer.tolerance:g} off, at most "
                f"{found.max_abs or float('nan'):.1e}"
            )


def _farthest(answers: Sequence[Answer]) -> float:
    return max(answer.recorded.max_abs or 0.0 for answer in answers)
