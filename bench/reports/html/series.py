"""The page of two runs held against each other, or of a series of them."""

from collections.abc import Sequence

from ...results.comparison import ComparedRow, Comparison
from ...results.document import Results
from ...results.series import Series
from ..changes import change_words, notable, notes, summary
from ..units import seconds
from .chart import Chart
from .charts.change import change
from .charts.trend import trend
from .markup import Markup, element, joined
from .page import Section, chart_section, charts_of, page, section, sections_of
from .payload import payload
from .tables import Cell, sortable

CHANGE_TITLES = ("model and shape", "runtime", "base", "new", "times as fast", "verdict")
CHANGE_TEXTS = ("model and shape", "runtime", "verdict")


def comparison_html(comparison: Comparison, new: Results, base_name: str, new_name: str) -> str:
    """Return the report of two sides: what changed on top, then the new run as its own report."""
    return _page(comparison, new, (base_name, new_name), [change(comparison, new)])


def series_html(series: Series, runs: Sequence[Results]) -> str:
    """Return the report of a series: the last run against the first, each case over the runs."""
    made = [change(series.comparison, runs[-1]), trend(series, runs[-1])]
    return _page(series.comparison, runs[-1], series.runs, made)


def _page(
    comparison: Comparison, last: Results, names: Sequence[str], made: Sequence[Chart | None]
) -> str:
    own = [chart for chart in made if chart is not None]
    charts = charts_of(last)
    title = f"{names[-1]} against {names[0]}"
    sections: list[Section] = [
        section("changes", "What changed", _answer(comparison, title)),
        *map(chart_section, own),
        section("compared", "Cases compared", compared_table(comparison, last)),
        *sections_of(last, charts, "The answer of the last run"),
    ]
    count = len(comparison.rows)
    subtitle = f"{len(names)} runs, {count} cases in both the first and the last"
    return page(title, subtitle, sections, payload(last, [*own, *charts]))


def _answer(comparison: Comparison, title: str) -> Markup:
    items = [
        element(
            "li",
            element("strong", f"{row.group} on {row.label}"),
            element("span", f"{row.verdict}, {change_words(row)}"),
            class_="fastest" if row.verdict == "faster" else "none",
        )
        for row in notable(comparison)
    ]
    return joined(
        element("p", f"{title}, {summary(comparison)}."),
        element("ul", *items, class_="answers"),
        element("ul", *[element("li", note) for note in notes(comparison)], class_="warnings"),
    )


def compared_table(comparison: Comparison, last: Results) -> Markup:
    """Return the table of the cases that both sides have."""
    places = {row.id: place for place, row in enumerate(last.rows)}
    rows = [(places[row.id], change_cells(row)) for row in comparison.rows]
    return sortable("compared-table", CHANGE_TITLES, CHANGE_TEXTS, rows)


def change_cells(row: ComparedRow) -> list[Cell]:
    """Return the cells of a case that both sides have."""
    return [
        Cell(row.group),
        Cell(row.label),
        Cell(seconds(row.base_median_s), row.base_median_s),
        Cell(seconds(row.new_median_s), row.new_median_s),
        Cell(change_words(row), 1 / row.ratio if row.ratio else None),
        Cell(row.verdict),
    ]
