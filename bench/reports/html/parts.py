"""Pieces of specifications that several charts share."""

from collections.abc import Sequence
from typing import Any

from .chart import Spec

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
SECONDS: Spec = {"labelExpr": "seconds(datum.value)", "tickCount": 4}
RATE: Spec = {"labelExpr": "rate(datum.value)", "tickCount": 5}
POWERS: Spec = {"labelExpr": "power(datum.value)", "tickCount": 6}
COUNT: Spec = {"labelExpr": "count(datum.value)", "tickCount": 6}
TIMES: Spec = {"labelExpr": "times(datum.value)", "tickCount": 4}
"""Axes whose numbers carry units or are written in short; format.js has the functions."""


def log(field: str, title: str, axis: Spec, channel: str, padding: int = 10) -> Spec:
    """Return the channel (x or y) of a number on a logarithmic scale with round ticks."""
    ticks = {"values": {"expr": f"logTicks(domain('{channel}'))"}}
    return number(field, title, {**axis, **ticks}, type="log", nice=False, padding=padding)


def number(field: str, title: str, axis: Spec, **scale: Any) -> Spec:
    """Return the channel of a number with units on its axis."""
    wanted = {"scale": scale} if scale else {}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, **wanted}


def name(field: str, **more: Any) -> Spec:
    """Return the channel of a name, in the order of the data."""
    return {"field": field, "type": "nominal", "sort": None, **more}


def colour(labels: Sequence[str], field: str = "runtime") -> Spec:
    """Return the channel of colour, the same for a label in every chart."""
    return {"field": field, "type": "nominal", "scale": {"domain": list(labels)}, "legend": None}


def shape(labels: Sequence[str], field: str = "runtime") -> Spec:
    """Return the channel of shape, so that nothing is told by colour alone."""
    signs = [SHAPES[place % len(SHAPES)] for place in range(len(labels))]
    scale = {"domain": list(labels), "range": signs}
    return {"field": field, "type": "nominal", "scale": scale, "legend": None}


def told(**fields: str) -> list[dict[str, str]]:
    """Return the tooltip: a title for each field, underscores as spaces."""
    return [
        {"field": field, "type": "nominal", "title": title.replace("_", " ")}
        for title, field in fields.items()
    ]


def computed(**fields: str) -> list[dict[str, str]]:
    """Return a transform that computes fields from expressions."""
    return [{"calculate": expression, "as": field} for field, expression in fields.items()]
