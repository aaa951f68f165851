"""What the page's script draws: the rows once, and each chart's data as columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...results.document import Results, Row
from ..columns import Line, choose, lines
from ..printable import printable
from .chart import Chart

(VERDICT,) = choose(("verdict",))
DIGITS = 6
"""Significant digits of a number in a chart: no screen shows more."""


def payload(results: Results, charts: Sequence[Chart]) -> dict[str, Any]:
    """Return the document that ``charts.js`` reads."""
    return {
        "rows": columns([_row(line) for line in lines(results)]),
        "charts": [_chart(each) for each in charts],
    }


def _row(line: Line) -> dict[str, str]:
    """Return what marks of a row get, and what the page's filters ask for."""
    row = line.row
    return {
        "model": row.model,
        "group": row.group,
        "shape": shape_words(row),
        "runtime": row.label,
        "verdict": VERDICT.render(line),
    }


def shape_words(row: Row) -> str:
    """Return the sizes of the named dims.

    >>> from types import SimpleNamespace
    >>> shape_words(SimpleNamespace(sizes={"batch": 8, "time": 10}))
    'batch=8, time=10'
    """
    return ", ".join(f"{name}={size}" for name, size in row.sizes.items())


def columns(data: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the names of the fields once, and the values of each in the order of the data.

    >>> columns([{"row": 0, "value": 0.123456789}, {"row": 1, "value": None}])
    {'row': [0, 1], 'value': [0.123457, None]}
    """
    names = dict.fromkeys(name for datum in data for name in datum)
    return {name: _words([_plain(datum.get(name)) for datum in data]) for name in names}


def _words(values: list[Any]) -> Any:
    """Return texts that come again and again once, and for each value its place among them.

    >>> _words(["a", "b", "a", "a"])
    {'of': ['a', 'b'], 'at': [0, 1, 0, 0]}
    """
    if not all(isinstance(value, str) for value in values):
        return values
    places = {word: place for place, word in enumerate(dict.fromkeys(values))}
    if len(places) > len(values) // 2:
        return values
    return {"of": [*places], "at": [places[value] for value in values]}


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "key": chart.key,
        "panel": chart.panel,
        "legend": [printable(word) for word in chart.legend],
        "shapes": chart.shapes,
        "against": chart.against,
        "widest": chart.widest,
        "spec": _plain(chart.spec),
        "data": columns(chart.data),
    }


def _plain(value: Any) -> Any:
    """Return numbers as short as they may be, and texts with no control characters."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
