"""Suites: a fixed choice of models and loads under one name, for ``bench --suite``.

``lstm-latency`` is of the kind that finance uses for inference on market data: a window of the
newest rows slides on by one row a call. Weights are random and seeded.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...graphs import DenseWeights, LSTMWeights, Network
from ...texts import did_you_mean
from ..errors import BenchError


@dataclass(frozen=True)
class Sliding:
    """A stack of LSTM layers that reads a window and gives one number."""

    layers: int
    units: int
    steps: int
    """Rows of the window."""
    features: int
    """Numbers of a row."""

    def parameters(self) -> int:
        """Return the number of weights; an LSTM's two biases count once.

        >>> [each.parameters() for each in SLIDING.values()]
        [160901, 1002601, 30017001]
        """
        first, other = (4 * self.units * (n + self.units + 1) for n in (self.features, self.units))
        return first + (self.layers - 1) * other + self.units + 1

    def says(self) -> str:
        """Return the sizes in words."""
        return (
            f"{self.layers} layers of {self.units:,} units, windows of {self.steps} x "
            f"{self.features} numbers"
        )


SLIDING: Mapping[str, Sliding] = {
    "lstm-a": Sliding(layers=2, units=100, steps=50, features=100),
    "lstm-b": Sliding(layers=3, units=200, steps=100, features=250),
    "lstm-c": Sliding(layers=4, units=1000, steps=100, features=500),
}
FORMS = ("window", "step")
"""The whole window in one call, or its newest row alone with the states kept."""


@dataclass(frozen=True)
class Suite:
    """What a suite measures."""

    title: str
    models: tuple[str, ...]
    threads: str
    """Of each instance."""
    arrivals: str
    """The open load under which latencies are taken."""

    def loads(self, cores: int) -> tuple[str, ...]:
        """Return the loads: the arrivals, and one to `cores` instances, doubled each time.

        >>> SUITES["lstm-latency"].loads(6)
        ('poisson=25%', 'processes=1', 'processes=2', 'processes=4', 'processes=6')
        """
        counts = {min(2**power, cores, MOST_INSTANCES) for power in range(cores.bit_length() + 1)}
        return (self.arrivals, *(f"processes={count}" for count in sorted(counts)))


MOST_INSTANCES = 64
SUITES: Mapping[str, Suite] = {
    "lstm-latency": Suite(
        title="sliding windows through LSTM stacks of three sizes, one window a call",
        models=tuple(f"{size}/{form}" for size in SLIDING for form in FORMS),
        threads="1",
        arrivals="poisson=25%",
    ),
}
"""A new suite is one entry more."""


def find_suite(name: str) -> Suite:
    """Return the suite of a name; BenchError, which lists them, where there is none."""
    if name in SUITES:
        return SUITES[name]
    known = "; ".join(f"{each} ({suite.title})" for each, suite in SUITES.items())
    raise BenchError(
        f"there is no suite '{name}'", f"{did_you_mean(name, SUITES)}the suites are {known}"
    )


def sliding(model: str) -> tuple[Sliding, str] | None:
    """Return size and form of a suite's model; None where it is none.

    >>> sliding("lstm-a/step"), sliding("lstm/small")
    ((Sliding(layers=2, units=100, steps=50, features=100), 'step'), None)
    """
    size, _, form = model.partition("/")
    if size not in SLIDING:
        return None
    if form not in FORMS:
        near = did_you_mean(form, FORMS)
        raise BenchError(
            f"{size} has no form '{form}'", f"{near}write {size}/window or {size}/step"
        )
    return SLIDING[size], form


def build_sliding(size: Sliding, form: str) -> Network:
    """Return the network; the same size and form give the same bytes.

    Its weights are drawn from N(0, 1 / fan-in), so that signals keep their size.
    """
    generator = np.random.default_rng(0)

    def random(*shape: int) -> NDArray[np.float32]:
        values = generator.standard_normal(shape, np.float32)
        return values / np.float32(np.sqrt(shape[-1]))

    whole = form == "window"
    net = Network("sliding", streaming=not whole)
    h = net.input("x", f"batch {size.steps if whole else 1} {size.features}")
    columns, rows = size.features, 4 * size.units
    for number in range(size.layers):
        w, r = random(1, rows, columns), random(1, rows, size.units)
        bias = np.zeros((1, 2 * rows), np.float32)
        result = net.lstm(h, LSTMWeights(w, r, bias), name=f"lstm{number}")
        h, columns = result.sequence, size.units
    head = DenseWeights(random(1, size.units), np.zeros(1, np.float32))
    net.output("y", net.dense(result.last, head, name="head"))
    return net
