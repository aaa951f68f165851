"""Releases of onnxruntime side by side, and the first in which a change appears."""

import numpy as np
import pytest

from onnxwright.bench.results.conclusion import Conclusion, Pair
from onnxwright.bench.results.document import Row
from onnxwright.bench.results.releases import release_series
from onnxwright.bench.stats import Outcome

EFFECT = 1.02


def row(version: str, median_s: float | None = 1.0, on: str = "cpu") -> Row:
    return Row(
        id=version,
        group="net",
        model="net",
        sizes={},
        label=f"{on}@{version}",
        on=on,
        provider="CPUExecutionProvider" if on == "cpu" else None,
        environment=version,
        device="cpu",
        threads=1,
        provider_options={},
        status="ok",
        flags={},
        median_s=median_s,
        versions={"onnxruntime": version} if median_s else None,
    )


def pair(one: Row, other: Row, width: float) -> Pair:
    """Return how two rows compare; `width` is that of the interval."""
    ratio = (other.median_s or 1.0) / (one.median_s or 1.0)
    low, high = ratio / width, ratio * width
    word: Outcome = "inconclusive"
    if low > EFFECT or high < 1 / EFFECT:
        word = "faster" if ratio > 1 else "slower"
    elif low >= 1 / EFFECT and high <= EFFECT:
        word = "same"
    return Pair(
        label=one.label, other=other.label, times_as_fast=ratio, low=low, high=high, pairs=9,
        verdict=word,
    )  # fmt: skip


def told(speeds: dict[str, float], width: float = 1.01) -> tuple[str | None, str]:
    """Return the first change and the sentence, given each release's time."""
    rows = [row(version, time) for version, time in speeds.items()]
    pairs = tuple(pair(a, b, width) for a in rows for b in rows if a.id < b.id)
    found = Conclusion(group="net", state="open", best=None, pairs=pairs, text="")
    (series,) = release_series(rows, [found])
    np.testing.assert_equal(series.text.split(": ")[0], "net, releases of onnxruntime on cpu")
    return series.first_change, series.text.partition(": ")[2]


@pytest.mark.parametrize(
    ("speeds", "first", "text"),
    [
        ({"1.20.1": 1.0, "1.25.0": 1.0}, None, "1.25.0 as fast as 1.20.1"),
        (
            {"1.32.0": 1.1, "1.9.0": 1.0, "1.25.0": 1.0},
            "1.32.0",
            "the first change is in 1.32.0, 0.909x as fast as 1.9.0 [0.900, 0.918]",
        ),
        (
            {"1.20.1": 1.0, "1.25.0": 0.8, "1.32.0": 1.0},
            "1.25.0",
            "the first change is in 1.25.0, 1.25x as fast as 1.20.1 [1.24, 1.26]; "
            "1.32.0 is slower than the one before it",
        ),
        (
            {"1.20.1": 1.0, "1.25.0": 1.02, "1.32.0": 1.1},
            "1.32.0",
            "the first change is in 1.32.0, 0.909x as fast as 1.20.1 [0.900, 0.918]; "
            "undecided for 1.25.0",
        ),
        ({"1.20.1": 1.0, "1.25.0": 1.02}, None, "undecided for 1.25.0"),
    ],
)
def test_the_first_change_is_told(speeds: dict[str, float], first: str | None, text: str) -> None:
    np.testing.assert_equal(told(speeds), (first, text))


def test_one_release_and_other_runtimes_are_no_series() -> None:
    rows = [row("1.20"), row("1.20"), row("1.25", on="numpy"), row("1.30", None)]
    found = Conclusion(group="net", state="none", best=None, text="")
    np.testing.assert_equal(release_series(rows, [found]), ())
