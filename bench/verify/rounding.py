"""How far 8-bit rounding may move a value: two right runtimes can round one number up and down.

A value that lies between two 8-bit steps goes to the upper one on one runtime and to the lower one
on another, because float32 sums differ in their last bits. Such a flip moves what follows by a
whole step, far beyond a tolerance for float32. What flips can do is measured, on the reference
itself: it is run again with inputs that differ by more than float32 rounds, and, where an operator
may be rounded in two ways, in the other one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray

from ...files import read_model
from ...runtime import Runner, load
from ...runtime.interpreter.kernels.contrib.rounding import OTHER_ROUNDING
from ...runtime.runner import Model
from ...walking import walk_graphs
from ..model.arrays import joined

Arrays = Mapping[str, NDArray[Any]]

NOISE = 1e-4
"""Relative change of the inputs: a thousand times float32's rounding, about a hundredth of a step.

In eight runs most layers of a hundred values then see a flip."""
RUNS = 8
CHOOSING = {"DynamicQuantizeLSTM", "MatMulNBits"}
"""Operators that a runtime may round otherwise: by its threads, or by what the processor has."""
ROOM = 2.0
"""Flips on another runtime are others than those that were seen."""


def rounds_to_integers(op_type: str) -> bool:
    """Say whether an operator rounds activations to 8 bits.

    >>> rounds_to_integers("QLinearConv"), rounds_to_integers("DequantizeLinear")
    (True, False)
    """
    return op_type.startswith(("QLinear", "DynamicQuantize")) or op_type in {
        "QuantizeLinear",
        "QGemm",
        "QAttention",
        "MatMulNBits",
    }


class Runs(Protocol):
    """The runs of one model that rounding is measured with."""

    def reference(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """Return the reference's values for other feeds."""
        ...

    def float32(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """Return NumPy's values in the model's own types."""
        ...

    def otherwise(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """Return the reference's values with the other rounding of the operators of `CHOOSING`."""
        ...


class Rounding:
    """What rounding otherwise does to the values of one model, for one set of feeds."""

    def __init__(self, model: onnx.ModelProto, feeds: Arrays, runs: Runs) -> None:
        """Look whether the model rounds at all; nothing is run yet."""
        self._feeds, self._runs = feeds, runs
        operators = {node.op_type for graph in walk_graphs(model) for node in graph.node}
        self.rounds = any(map(rounds_to_integers, operators))
        self._has_choice = not operators.isdisjoint(CHOOSING)

    def allowances(self, wanted: Arrays) -> dict[str, float]:
        """Return by how much each of the reference's values `wanted` may be off for rounding alone.

        That is twice the largest change seen; 0 for all where the model does not round.
        """
        found = dict.fromkeys(wanted, 0.0)
        if not self.rounds or not wanted:
            return found
        for other in self._other_runs(list(wanted)):
            for name, value in wanted.items():
                found[name] = max(found[name], ROOM * _distance(other[name], value))
        return found

    def _other_runs(self, names: Sequence[str]) -> Iterator[Arrays]:
        """Yield the values of runs that round some numbers otherwise."""
        generator = np.random.default_rng(0)
        changing = any(array.dtype.kind == "f" for array in self._feeds.values())
        for _ in range(RUNS if changing else 0):
            yield self._runs.reference(_changed(self._feeds, generator), names)
        if not changing:
            yield self._runs.float32(self._feeds, names)
        if self._has_choice:
            yield self._runs.otherwise(self._feeds, names)


class LocalRuns:
    """Runs in this process."""

    def __init__(self, model: Model, reference: Runner, options: Mapping[str, Any]) -> None:
        self._model, self._reference, self._options = model, reference, options

    def reference(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.reference`."""
        return self._reference.run(feeds, names)

    def float32(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.float32`."""
        return load(self._model, on="numpy", **self._options).run(feeds, names)

    def otherwise(self, feeds: Arrays, names: Sequence[str]) -> Arrays:
        """As `Runs.otherwise`."""
        return self._other.run(feeds, names)

    @cached_property
    def _other(self) -> Runner:
        whole = self._model if isinstance(self._model, onnx.ModelProto) else read_model(self._model)
        return load(rounding_otherwise(whole), on="numpy:float64", **self._options)


def rounding_otherwise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose operators that have a choice of rounding make the other one."""
    other = onnx.ModelProto()
    other.CopyFrom(model)
    for graph in walk_graphs(other):
        for node in graph.node:
            if node.op_type in CHOOSING:
                node.domain = OTHER_ROUNDING
    other.opset_import.add(domain=OTHER_ROUNDING, version=1)
    return other


def _changed(feeds: Arrays, generator: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Return the feeds with every float changed by up to `NOISE` of itself."""
    return {
        name: (array * generator.uniform(1 - NOISE, 1 + NOISE, array.shape)).astype(array.dtype)
        if array.dtype.kind == "f"
        else array
        for name, array in feeds.items()
    }


def _distance(one: Any, other: Any) -> float:
    """Return max |one - other| over what is finite; 0 where they cannot be compared."""
    ours, theirs = joined(one), joined(other)
    if ours.shape != theirs.shape or ours.dtype.kind not in "fiu" or not ours.size:
        return 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(ours.astype(np.float64) - theirs.astype(np.float64))
    return float(np.max(apart, initial=0.0, where=np.isfinite(apart)))
