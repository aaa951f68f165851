"""Rows along the axes of a run: the dims and options that vary within a model."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...results.document import Results, Row

BATCH = ("batch", "N", "n", "batch_size")
"""Dims that count the items of a call."""


@dataclass(frozen=True)
class Along:
    """A row as a point over one axis."""

    place: int
    row: Row
    model: str
    axis: str
    at: int
    """The row's value of the axis."""
    series: str
    """What else tells the row from its neighbours: the points of a line have it in common."""
    runtime: str


def along_axes(results: Results) -> Iterator[Along]:
    """Yield every row once for each axis that varies within its model."""
    for model in dict.fromkeys(row.model for row in results.rows):
        rows = [(place, row) for place, row in enumerate(results.rows) if row.model == model]
        values = {place: _values(row) for place, row in rows}
        varied = _varied(list(values.values()))
        for place, row in rows:
            mine = values[place]
            for axis in [axis for axis in varied if axis in mine]:
                others = [
                    f"{name}={mine[name]}" for name in varied if name != axis and name in mine
                ]
                runtime = row.on if axis == "threads" else row.label
                series = ", ".join([runtime, *others])
                yield Along(place, row, model, axis, mine[axis], series, runtime)


def items(row: Row) -> int | None:
    """Return how many items a call takes, None where the model has no dim that counts them."""
    return next((row.sizes[name] for name in BATCH if name in row.sizes), None)


def _values(row: Row) -> dict[str, int]:
    threads = {} if row.threads is None else {"threads": row.threads}
    return {**row.sizes, **threads}


def _varied(values: list[dict[str, int]]) -> list[str]:
    names = dict.fromkeys(name for each in values for name in each)
    return [name for name in names if len({each.get(name) for each in values} - {None}) > 1]
