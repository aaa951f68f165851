"""The card of a suite: latencies under arrivals, and what one and more instances answer."""

import itertools
from collections.abc import Callable, Iterable, Sequence

from rich.text import Text

from ..plan.suites import SLIDING
from ..results.card import Card, CardLine, Quantile
from ..stats import smallest_sample
from .printable import printable
from .sections import Section, Sections
from .units import NONE, share, timing

LATENCIES = ("runtime", "p50", "p99", "p99.9")
COSTS = ("runtime", "alone", "floor", "error")
"""Headings before those of the instances."""
LEGEND = (
    "p50, p99, p99.9: the time within which so many of the answers come [95 % interval], counted "
    "from when a request was due. Requests arrive at random, at one rate for all runtimes; one "
    "instance answers them, one window or step a call (step: the newest row alone, with the states "
    "kept). "
    f"p99 needs {smallest_sample(0.99):,} answers and p99.9 {smallest_sample(0.999):,}: raise "
    "--load-time. late: requests came faster than answers; alone: a run without load; floor: the "
    "part of it that the recurrent layers take at least; error: the largest, against float64; "
    "instances: answers a second of so many processes that ask without a pause."
)


def card_tables(card: Card) -> list[Sections]:
    """Return the table of latencies, and that of times, errors and throughput."""
    titles, cells = cost_table(card)
    return [_sections(card, LATENCIES, latency_cells), _sections(card, titles, cells)]


def _sections(
    card: Card, headings: Sequence[str], cells: Callable[[CardLine], Sequence[str]]
) -> Sections:
    sections = []
    for model, mine in itertools.groupby(card.lines, key=lambda line: line.model):
        found = list(mine)
        title = f"{model}{_asked(found)}" if headings is LATENCIES else model
        texts = [[Text(printable(cell)) for cell in cells(line)] for line in found]
        sections.append(Section(title, texts))
    return Sections(headings, sections, [True] * len(headings))


def _asked(lines: Sequence[CardLine]) -> str:
    """Return how many requests come and were answered, the fewest of the runtimes."""
    rate = next((line.rate_per_s for line in lines if line.rate_per_s), None)
    if rate is None:
        return ""
    fewest = min(line.requests for line in lines if line.rate_per_s)
    return f", {_rate(rate)} requests/s, {fewest:,} answers"


def latency_cells(line: CardLine) -> list[str]:
    """Return the texts of `LATENCIES`."""
    if line.status != "ok":
        return [line.label, line.status, NONE, NONE]
    quantiles = map(_quantile, (line.p50, line.p99, line.p99_9))
    return [f"{line.label}{' (late)' if line.overloaded else ''}", *quantiles]


def cost_table(card: Card) -> tuple[tuple[str, ...], Callable[[CardLine], list[str]]]:
    """Return the headings of the second table, and what gives a line's texts.

    Of many numbers of instances one and the most are shown.
    """
    counts = sorted({int(count) for line in card.lines for count in line.instances_per_s})
    shown = list(dict.fromkeys([*counts[:1], *counts[-1:]]))
    headings = (*COSTS, *(f"{count} instance{'s' * (count > 1)}" for count in shown))

    def cells(line: CardLine) -> list[str]:
        rates = [line.instances_per_s.get(str(count)) for count in shown]
        told = [NONE if rate is None else f"{_rate(rate)}/s" for rate in rates]
        return [line.label, timing(line.time_s, line.interval_s), _floor(line), _error(line), *told]

    return headings, cells


def card_lines(card: Card) -> list[str]:
    """Return what stands below the tables: the models' sizes, and how to read."""
    models = dict.fromkeys(line.model.partition("/")[0] for line in card.lines)
    sizes = "; ".join(f"{name}: {SLIDING[name].says()}" for name in models if name in SLIDING)
    return [*([f"{sizes}."] if sizes else []), LEGEND]


def _quantile(found: Quantile | None) -> str:
    return NONE if found is None else timing(found.seconds, found.interval_s)


def _floor(line: CardLine) -> str:
    if line.floor_s is None or line.time_s is None:
        return NONE
    return share(line.floor_s / line.time_s)


def _error(line: CardLine) -> str:
    if line.error is None:
        return NONE
    return f"{line.error:.1e}{' WRONG' if line.passed is False else ''}"


def _rate(per_s: float | None) -> str:
    """Return a rate.

    >>> _rate(12345.6), _rate(0.756), _rate(None)
    ('12,346', '0.756', '-')
    """
    if per_s is None:
        return NONE
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"


def card_rows(card: Card) -> Iterable[tuple[Sequence[str], list[list[str]]]]:
    """Yield headings and rows of both tables for files: with the model in each row."""
    titles, cells = cost_table(card)
    yield (
        ("model", *LATENCIES, "requests/s", "answers"),
        [
            [line.model, *latency_cells(line), _rate(line.rate_per_s), f"{line.requests:,}"]
            for line in card.lines
        ],
    )
    yield ("model", *titles), [[line.model, *cells(line)] for line in card.lines]
