"""How many times as fast each case is in the new run as in the base."""

from ....results.comparison import Comparison
from ....results.document import Results
from ...changes import change_words
from ..chart import Chart, Datum
from .forest import forest_spec

HOW = (
    "Each line is a case: the dot is how many times as fast the new run is as the base, the "
    "bar the 95 % interval over processes. Right of 1x the new run is faster. The grey band "
    "is the smallest difference that matters. The interval knows the processes of these two "
    "sessions alone, not what sets whole sessions apart: repeat both before you believe a "
    "change of a few per cent."
)


def change(comparison: Comparison, new: Results) -> Chart | None:
    """Return the chart, None where no case could be compared."""
    places = {row.id: place for place, row in enumerate(new.rows)}
    data: list[Datum] = [
        {
            "row": places[row.id],
            "speed": 1 / row.ratio,
            "low": 1 / row.high,
            "high": 1 / row.low,
            "verdict": row.verdict,
            "ratio": change_words(row),
        }
        for row in comparison.rows
        if row.ratio and row.low and row.high
    ]
    if not data:
        return None
    return Chart(
        key="change",
        title="New against base",
        how=HOW,
        data=data,
        spec=forest_spec(comparison.min_effect, "times as fast as the base"),
    )
