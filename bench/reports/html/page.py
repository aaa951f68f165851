"""The page: one file with everything in it, which asks no network for anything."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from .... import __version__
from ...results.document import Results
from ..warnings import warnings
from .answer import answer_section
from .chart import Chart
from .charts import CHARTS
from .machine import machine_section
from .markup import Markup, element, joined, script_json
from .payload import payload
from .placement import HOW as PLACEMENT
from .placement import placement_section
from .table import cases_table, loads_table

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
WITHOUT_SCRIPTS = "The charts need JavaScript; the tables have the same numbers."


def to_html(results: Results) -> str:
    """Return the report of one run."""
    charts = [chart for make in CHARTS if (chart := make(results)) is not None]
    sections = [
        _section("answer", "The answer", answer_section(results), None),
        *_remarks(results),
        *[_chart_section(chart) for chart in charts[:1]],
        _section("cases", "All cases", cases_table(results), None),
        *[_chart_section(chart) for chart in charts[1:]],
        *_tables(results),
        _section("machine", "Machine and versions", machine_section(results), None),
    ]
    return page(_title(results), _subtitle(results), sections, script_json(payload(results, charts)))


def page(title: str, subtitle: str, sections: Sequence[tuple[str, str, Markup]], data: Markup) -> str:
    """Return the whole file."""
    style = _asset("assets/report.css")
    scripts = [_asset(name) for name in SCRIPTS]
    head = joined(
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy(style, scripts)}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'),
        element("title", title),
        element("style", style),
    )
    contents = [element("li", element("a", name, href=f"#{key}")) for key, name, _ in sections]
    body = joined(
        element("a", "Skip to the answer", href="#answer", class_="skip"),
        element("header", element("h1", title), element("p", subtitle), _tools()),
        element("nav", element("ul", *contents), aria_label="Contents"),
        element("main", _filters(), *[section for *_, section in sections]),
        element("footer", element("p", f"Written by onnxwright {__version__}. Nothing in this page is loaded from elsewhere.")),
        element("script", data, type="application/json", id="data"),
        *[element("script", script) for script in scripts],
    )
    return f'<!doctype html>\n<html lang="en">\n<head>{head}</head>\n<body>{body}</body>\n</html>\n'


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


def _section(key: str, title: str, content: Markup, how: str | None) -> tuple[str, str, Markup]:
    """Return a section's place, its title, and the whole of it."""
    help_ = [element("details", element("summary", "How to read this"), element("p", how), class_="how")] if how else []
    return key, title, element("section", element("h2", title), *help_, content, id=key)


def _chart_section(chart: Chart) -> tuple[str, str, Markup]:
    fallback = element("noscript", element("p", WITHOUT_SCRIPTS))
    place = element("div", fallback, class_="chart", data_chart=chart.key)
    return _section(chart.key, chart.title, place, chart.how)


def _tables(results: Results) -> list[tuple[str, str, Markup]]:
    found = [
        ("loads", "All loads", loads_table(results), None),
        ("placement", "What ran where", placement_section(results), PLACEMENT),
    ]
    return [_section(key, title, content, how) for key, title, content, how in found if content]


def _remarks(results: Results) -> list[tuple[str, str, Markup]]:
    told = [element("li", line) for line in warnings(results)]
    return [_section("warnings", "Warnings", element("ul", *told, class_="warnings"), None)] if told else []


def _tools() -> Markup:
    buttons = [
        element("button", "Dark", type="button", id="theme", aria_pressed="false"),
        element("button", "Print", type="button", id="print"),
    ]
    return element("div", *buttons, class_="tools")


def _filters() -> Markup:
    """Return the bar that narrows tables and charts; without scripts it stays hidden."""
    choices = [
        element("label", element("span", name), element("select", element("option", "all", value=""), name=name))
        for name in ("model", "shape", "runtime", "verdict")
    ]
    words = element("label", element("span", "words"), element("input", type="search", name="words", placeholder="any words"))
    count = element("output", "", id="count", aria_live="polite")
    clear = element("button", "Clear", type="reset")
    form = element("form", *choices, words, clear, count, id="filters", hidden="hidden", aria_label="Filters")
    return form


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
