"""What a chart is: data that belongs to rows of the results, and how it is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...results.document import Results, Row

Datum = Mapping[str, Any]
"""One mark. ``row`` is the place of its row in the results, whose model, shape, group and runtime
it gets."""
Spec = dict[str, Any]
"""A specification of Vega-Lite 6, without data, width and colours of text and lines."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of the report, divided into panels; the page filters and draws it."""

    key: str
    """Its place in the page's address."""
    title: str
    how: str
    """How to read it, in words."""
    data: Sequence[Datum]
    spec: Spec
    panel: str | None = "group"
    """The field that gives each panel its data and title, None for one panel."""
    legend: Sequence[str] = ()
    """What the colours mean, in their order."""
    against: bool = False
    """Whether data name what they are compared ``against``, which the page lets people choose."""
    shapes: bool = False
    """Whether the legend's signs have shapes of their own."""
    widest: int | None = None
    """How many pixels a panel may take, None where panels stand side by side."""


def runtimes(results: Results) -> list[str]:
    """Return the runtimes' labels, which colours stand for."""
    return list(dict.fromkeys(row.label for row in results.rows))


def measured(results: Results) -> list[tuple[int, Row, float]]:
    """Return the rows that have a time, with their places and that time."""
    return [
        (place, row, row.median_s)
        for place, row in enumerate(results.rows)
        if row.median_s is not None
    ]


def budget(results: Results, row: Row) -> float | None:
    """Return the absolute error that was allowed to a row's outputs, None where none was judged."""
    from ...verify.accuracy import default_tolerance

    if results.settings.atol is not None:
        return results.settings.atol
    outputs = row.accuracy.outputs if row.accuracy else ()
    known = [default_tolerance(_dtype(each.dtype)).atol for each in outputs]
    return max(known, default=None)


def _dtype(name: str) -> Any:
    import ml_dtypes  # noqa: F401 - names bfloat16
    import numpy as np

    return np.dtype(name)
