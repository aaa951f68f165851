"""What is shown of a recorded run, to the letter.

``python -m tests.bench.reports.test_pinned`` writes the texts again: read their difference.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from onnxwright.bench.reports.columns import DEFAULT, WIDE
from onnxwright.bench.reports.csv_text import to_csv
from onnxwright.bench.reports.loads import load_table, saturation_lines
from onnxwright.bench.reports.markdown import to_markdown
from onnxwright.bench.reports.table import answers, legend, shown, table
from onnxwright.bench.reports.warnings import warnings
from onnxwright.bench.results.document import Results
from onnxwright.bench.results.store import read_results

RECORDED = Path(__file__).parents[2] / "data" / "results" / "run.jsonl"
"""A run on two busy cores; one runtime's error was raised over the budget by hand."""
PINNED = Path(__file__).parent / "pinned"


def terminal(results: Results, width: int, names: tuple[str, ...]) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width)
    told = legend(results, shown(results, names))
    for each in (
        *answers(results),
        table(results, names),
        *told,
        load_table(results),
        *saturation_lines(results),
    ):
        console.print(each, markup=False, highlight=False)
    for warning in warnings(results):
        console.print(f"warning: {warning}", markup=False, highlight=False)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


TEXTS: dict[str, Callable[[Results], str]] = {
    "terminal-80.txt": lambda results: terminal(results, 80, DEFAULT),
    "terminal-160.txt": lambda results: terminal(results, 160, DEFAULT),
    "wide-200.txt": lambda results: terminal(results, 200, WIDE),
    "report.md": to_markdown,
    "report.csv": to_csv,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_recorded_run_is_shown_as_ever(name: str) -> None:
    shown_now = TEXTS[name](read_results(RECORDED))
    np.testing.assert_equal(shown_now, (PINNED / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_table_keeps_to_the_width(width: int) -> None:
    lines = terminal(read_results(RECORDED), width, DEFAULT).splitlines()
    np.testing.assert_array_less([len(line) for line in lines], width + 1)


if __name__ == "__main__":
    for name, make in TEXTS.items():
        (PINNED / name).write_text(make(read_results(RECORDED)), encoding="utf-8")
