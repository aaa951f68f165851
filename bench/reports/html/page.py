"""The page: one file with everything in it, which asks no network for anything."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from .... import __version__
from ...results.document import Results
from ..loads import LEGEND as LOADS
from ..warnings import warnings
from .answer import answer_section
from .card import card_section
from .cases import cases_table
from .chart import Chart
from .charts import CHARTS
from .loads import loads_section
from .machine import machine_section
from .markup import Markup, element, joined, script_json, unbroken
from .payload import payload
from .placement import HOW as PLACEMENT
from .placement import placement_section
from .tables import numbers_style

SCRIPTS = (
    "vendor/vega.min.js",
    "vendor/vega-lite.min.js",
    "vendor/vega-interpreter.js",
    "assets/format.js",
    "assets/theme.js",
    "assets/charts.js",
    "assets/table.js",
    "assets/page.js",
)
"""In the order in which they need one another."""
OFFLINE = "Nothing in this page is loaded from elsewhere."
WITHOUT_SCRIPTS = "The charts need JavaScript; the tables have the same numbers."


class Section(NamedTuple):
    """A part of the page: its place in the address, its title, and the whole of it."""

    key: str
    title: str
    content: Markup


def to_html(results: Results) -> str:
    """Return the report of one run."""
    charts = charts_of(results)
    sections = sections_of(results, charts)
    return page(_title(results), _subtitle(results), sections, payload(results, charts))


def charts_of(results: Results) -> list[Chart]:
    """Return the charts for which the results have something."""
    return [chart for make in CHARTS if (chart := make(results)) is not None]


def sections_of(
    results: Results, charts: Sequence[Chart], answer: str = "The answer"
) -> list[Section]:
    """Return the sections of a run, its answer first."""
    told = [element("li", *unbroken(line)) for line in warnings(results)]
    card = card_section(results.card)
    found = [
        ("loads", "Loads", loads_section(results), LOADS),
        ("placement", "Placement", placement_section(results), PLACEMENT),
        ("machine", "Machine", machine_section(results), None),
    ]
    return [
        *([section("card", "The card", card)] if card else []),
        section("answer", answer, answer_section(results)),
        *(
            [section("warnings", "Warnings", element("ul", *told, class_="warnings"))]
            if told
            else []
        ),
        *map(chart_section, charts[:1]),
        section("cases", "Cases", cases_table(results)),
        *map(chart_section, charts[1:]),
        *[section(key, title, content, how) for key, title, content, how in found if content],
    ]


def page(title: str, subtitle: str, sections: Sequence[Section], data: Mapping[str, Any]) -> str:
    """Return the whole file; `data` is what its script draws."""
    style = Markup(f"{_asset('assets/report.css')}\n{numbers_style()}")
    scripts = [_asset(name) for name in SCRIPTS]
    head = joined(
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy(style, scripts)}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    contents = [element("li", element("a", each.title, href=f"#{each.key}")) for each in sections]
    body = joined(
        element("a", "Skip to the answer", href=f"#{sections[0].key}", class_="skip"),
        element("header", element("h1", title), element("p", subtitle), _tools()),
        element("nav", element("ul", *contents), aria_label="Contents"),
        element("main", _filters(), *[each.content for each in sections]),
        element("footer", element("p", f"Written by onnxwright {__version__}. {OFFLINE}")),
        element("script", script_json(data), type="application/json", id="data"),
        *[element("script", script) for script in scripts],
    )
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


def section(key: str, title: str, content: Markup, how: str | None = None) -> Section:
    """Return a section under a heading, with help on how to read it where there is any."""
    told = [element("summary", "How to read this"), element("p", how)] if how else []
    help_ = [element("details", *told, class_="how")] if told else []
    return Section(key, title, element("section", element("h2", title), *help_, content, id=key))


def chart_section(chart: Chart) -> Section:
    """Return the place where the page's script draws a chart."""
    fallback = element("noscript", element("p", WITHOUT_SCRIPTS))
    place = element("div", fallback, class_="chart", data_chart=chart.key)
    return section(chart.key, chart.title, place, chart.how)


def policy(style: str, scripts: Sequence[str]) -> str:
    """Return the content security policy: what is in the page by its digest, and nothing else.

    Vega sets style attributes of its own drawings, which no digest can name.
    """
    digests = " ".join(map(_digest, scripts))
    return (
        f"default-src 'none'; script-src {digests}; style-src-elem {_digest(style)}; "
        "style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8").strip())


def _tools() -> Markup:
    buttons = [
        element("button", "Dark", type="button", id="theme", aria_pressed="false"),
        element("button", "Print", type="button", id="print"),
    ]
    return element("div", *buttons, class_="tools")


def _filters() -> Markup:
    """Return the bar that narrows tables and charts; without scripts it stays hidden."""
    choices = [
        element(
            "label",
            element("span", name),
            element("select", element("option", "all", value=""), name=name),
        )
        for name in ("model", "shape", "runtime", "verdict", "against")
    ]
    words = element(
        "label",
        element("span", "words"),
        element("input", type="search", name="words", placeholder="any words"),
    )
    count = element("output", "", id="count", aria_live="polite")
    clear = element("button", "Clear", type="reset")
    return element(
        "form", *choices, words, clear, count, id="filters", hidden="hidden", aria_label="Filters"
    )


def _title(results: Results) -> str:
    models = list(dict.fromkeys(row.model for row in results.rows))
    return f"{_few(models)} on {_few(list(dict.fromkeys(row.label for row in results.rows)))}"


def _subtitle(results: Results) -> str:
    groups = len({row.group for row in results.rows})
    where = results.machine.cpu or "an unknown processor"
    return f"{len(results.rows)} cases in {groups} models and shapes, measured on {where}"


def _few(names: Sequence[str], most: int = 4) -> str:
    """Return names in a line.

    >>> _few(["a", "b"]), _few(list("abcdef"))
    ('a, b', 'a, b, c and 3 more')
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
