"""Which form of a recurrent layer is fastest on onnxruntime's CPU provider, as it was measured.

A model goes to other machines than the one that builds it, so the processor here does not matter:
a form takes the operator's place only where no kind of processor that was measured loses by it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..values import Dim
from ..weights import GRUWeights, LSTMWeights
from .cell import Cell

FORMS = ("scan", "unrolled", "step")
GAIN = 0.95
"""Below so much of the operator's time a form is faster: the rest is noise."""


@dataclass(frozen=True)
class Row:
    """One layer at one size: the operator's time, and that of the forms over it."""

    cell: str
    batch: int
    hidden: int
    operator_us: int
    """0 where the figure was not kept."""
    ratios: Mapping[str, float]
    faster: tuple[str, ...]
    """Forms that were faster than the operator, the figure not kept."""


@dataclass(frozen=True)
class Processor:
    """What was measured on one kind of processor."""

    name: str
    date: str
    rows: tuple[Row, ...]


@cache
def measurements() -> tuple[Processor, ...]:
    """Return what was measured, as ``data/cpu.toml`` has it."""
    text = (files(__package__) / "data" / "cpu.toml").read_text(encoding="utf-8")
    return tuple(
        Processor(
            name=each["name"],
            date=each["date"],
            rows=tuple(
                Row(
                    cell=row["cell"],
                    batch=row["batch"],
                    hidden=row["hidden"],
                    operator_us=row.get("operator_us", 0),
                    ratios={form: row[form] for form in FORMS if form in row},
                    faster=tuple(row.get("faster", ())),
                )
                for row in each["rows"]
            ),
        )
        for each in tomllib.loads(text)["processor"]
    )


def scan_is_faster(cell: Cell, batch: Dim) -> bool:
    """Say whether a Scan is faster than the operator on every kind of processor measured.

    On each kind those rows of the cell count whose hidden units and batch are the largest that are
    not above the layer's, all batches where its own is open.

    >>> import numpy as np
    >>> from onnxwright import graphs
    >>> wide = graphs.RNNWeights(np.ones((1, 128, 8)), np.ones((1, 128, 128)))
    >>> scan_is_faster(Cell("rnn", wide, (), "forward"), None)
    True
    """
    name, hidden = cell_name(cell), cell.weights.hidden_size
    rows = [row for each in measurements() for row in _rows(each, name, batch, hidden)]
    return bool(rows) and all("scan" in row.faster or row.ratios["scan"] < GAIN for row in rows)


def cell_name(cell: Cell) -> str:
    """Return what the table calls a cell."""
    if isinstance(cell.weights, LSTMWeights):
        return "lstm"
    return f"gru {cell.weights.reset}" if isinstance(cell.weights, GRUWeights) else "rnn"


def _rows(processor: Processor, name: str, batch: Dim, hidden: int) -> list[Row]:
    """Return the rows of a cell that tell about a batch and so many hidden units."""
    rows = [row for row in processor.rows if row.cell == name]
    smallest = min((row.hidden for row in rows), default=0)
    units = max((row.hidden for row in rows if row.hidden <= hidden), default=smallest)
    near = [row for row in rows if row.hidden == units]
    if not isinstance(batch, int):
        return near
    nearest = max((row.batch for row in near if row.batch <= batch), default=0)
    return [row for row in near if row.batch == nearest]
