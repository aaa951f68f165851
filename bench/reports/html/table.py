"""The tables of cases and of loads: plain HTML, which the page's script sorts and filters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...results.document import LoadRow, Results, Row
from ..units import NONE, seconds, size
from .axes import items
from .markup import Markup, element
from .payload import shape_words, verdict_word

Value = str | float | None


@dataclass(frozen=True)
class Column:
    """A column: what a row says in it, and what it is sorted by."""

    title: str
    shown: Callable[[Row], str]
    key: Callable[[Row], Value]
    number: bool = True


COLUMNS = (
    Column("model", lambda row: row.model, lambda row: row.model, number=False),
    Column("shape", shape_words, lambda row: next(iter(row.sizes.values()), 0)),
    Column("runtime", lambda row: row.label, lambda row: row.label, number=False),
    Column("time of a run", lambda row: interval(row.median_s, row.interval_s), lambda row: row.median_s),
    Column("per second", lambda row: rate(row), lambda row: _rate(row)),
    Column("times as fast as the baseline", lambda row: times(row), lambda row: row.versus and row.versus.ratio and 1 / row.versus.ratio),
    Column("verdict", verdict_word, verdict_word, number=False),
    Column("largest error", lambda row: error(row), lambda row: row.accuracy and row.accuracy.max_abs),
    Column("cold start", lambda row: micro(seconds(row.cold_s)), lambda row: row.cold_s),
    Column("memory", lambda row: size(row.host_memory_peak_bytes), lambda row: row.host_memory_peak_bytes),
    Column("processes", lambda row: str(row.processes), lambda row: row.processes),
)
"""One line to add for a new column."""


def cases_table(results: Results) -> Markup:
    """Return the table of cases."""
    heads = [_head(column.title, column.number) for column in COLUMNS]
    rows = [
        element("tr", *(_cell(column, row) for column in COLUMNS), data_row=place)
        for place, row in enumerate(results.rows)
    ]
    return _table("cases-table", heads, rows)


def loads_table(results: Results) -> Markup | None:
    """Return the table of loads with the percentiles that there are; None without loads."""
    rows = [(place, row, load) for place, row in enumerate(results.rows) for load in row.load]
    if not rows:
        return None
    names = list(dict.fromkeys(name for *_, load in rows for name in load.percentiles_s or ()))
    titles = ("model", "shape", "runtime", "load", "requests per second", "p50", *names, "requests", "note")
    texts = ("model", "runtime", "load", "note")
    heads = [_head(title, title not in texts) for title in titles]
    lines = [
        element("tr", *_load_cells(row, load, names), data_row=place) for place, row, load in rows
    ]
    return _table("loads-table", heads, lines)


def micro(text: str) -> str:
    """Return a time with the sign of micro, which HTML can always encode."""
    return text.replace(" us", " \u00b5s")


def interval(middle: float | None, ends: tuple[float, float] | None) -> str:
    """Return a time and its interval, units on each."""
    if middle is None or ends is None:
        return micro(seconds(middle))
    return micro(f"{seconds(middle)} [{seconds(ends[0])}, {seconds(ends[1])}]")


def times(row: Row) -> str:
    """Return how many times as fast a row is as its baseline, with the interval."""
    found = row.versus
    if found is None or found.ratio is None or found.low is None or found.high is None:
        return NONE
    return f"{1 / found.ratio:.3g}x [{1 / found.high:.3g}, {1 / found.low:.3g}]"


def error(row: Row) -> str:
    """Return the largest absolute error."""
    if row.accuracy is None or row.accuracy.max_abs is None:
        return NONE
    return f"{row.accuracy.max_abs:.1e}" if row.accuracy.max_abs else "exact"


def rate(row: Row) -> str:
    """Return items or runs per second."""
    value = _rate(row)
    unit = "items/s" if items(row) else "runs/s"
    return NONE if value is None else f"{value:,.3g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"


def _rate(row: Row) -> float | None:
    return None if row.median_s is None else (items(row) or 1) / row.median_s


def _load_cells(row: Row, load: LoadRow, names: Sequence[str]) -> Iterable[Markup]:
    known = load.percentiles_s or {}
    note = NONE if load.status == "ok" else load.status
    if load.overloaded:
        note = "overloaded: requests came faster than answers"
    if load.errors:
        note = f"{load.errors} requests failed: {load.first_error}"
    rate = load.throughput_per_s
    yield _td("model", row.model)
    yield _td("shape", shape_words(row), next(iter(row.sizes.values()), 0))
    yield _td("runtime", row.label)
    yield _td("load", load.load)
    yield _td("requests per second", NONE if rate is None else f"{rate:,.0f} /s", rate)
    for name, value in (("p50", load.median_s), *((name, known.get(name)) for name in names)):
        yield _td(name, micro(seconds(value)), value)
    yield _td("requests", f"{load.requests:,}", load.requests)
    yield _td("note", note)


def _cell(column: Column, row: Row) -> Markup:
    key = column.key(row)
    kind = f"verdict {verdict_word(row).replace(' ', '-')}" if column.title == "verdict" else None
    return _td(column.title, column.shown(row), key if column.number else None, column.number, kind)


def _td(title: str, shown: str, key: Value = None, number: bool | None = None, kind: str | None = None) -> Markup:
    numeric = key is not None if number is None else number
    classes = " ".join(filter(None, ("number" if numeric else None, kind)))
    return element("td", shown, class_=classes or None, data_title=title, data_sort=key and f"{key:.6g}" if isinstance(key, float | int) else None)


def _head(title: str, number: bool) -> Markup:
    button = element("button", title, type="button")
    return element("th", button, scope="col", aria_sort="none", class_="number" if number else None)


def _table(name: str, heads: Sequence[Markup], rows: Sequence[Markup]) -> Markup:
    table = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *rows), id=name, class_="sortable"
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=name)
