"""What a change cost: a quantized, optimised or edited model against the model it was made from.

Every value that both models compute under one name is a place to look. Its error *alone* is what
its own part of the changed model does to the source's values; its error *in all* holds what came
before too. The first tells which layer does the damage, the second what of it arrives.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...files import read_model
from ...runtime import Runner, load
from ...runtime.runner import Model
from ..model.interface import DEFAULT_BUDGET, check_same_interface
from ..model.shapes import infer_shapes
from .accuracy import Accuracy, compare
from .cutting import cut
from .everywhere import batches
from .lineage import lineage

Arrays = Mapping[str, NDArray[Any]]
REFERENCE = "numpy:float64"


@dataclass(frozen=True)
class Layer:
    """One value that both models compute, and how far the changed one is off there."""

    value: str
    node: str
    """Name of the node that computes it in the source."""
    op_type: str
    alone: float | None
    """Relative L2 error where this layer reads the source's values; None against zeros."""
    in_all: float | None
    """Relative L2 error as the changed model computes it."""


@dataclass(frozen=True)
class Damage:
    """How far a model is from the one it was made from."""

    source: str
    budget: float
    """The largest relative L2 error of an output that passes."""
    outputs: Mapping[str, tuple[Accuracy, ...]]
    """By runtime: the changed model there, against the source in float64."""
    layers: tuple[Layer, ...]
    """By their error alone, the largest first."""
    note: str = ""
    """Why there are no layers, or empty."""

    @property
    def passed(self) -> bool:
        """Every output is within the budget on every runtime."""
        return all(map(self.within, (row for rows in self.outputs.values() for row in rows)))

    def within(self, row: Accuracy) -> bool:
        """Say whether an output is within the budget."""
        return within(row, self.budget)

    def to_json(self) -> dict[str, Any]:
        """Return the result, numbers unrounded."""
        rows = {on: [asdict(row) for row in rows] for on, rows in self.outputs.items()}
        found = asdict(self) | {"outputs": rows, "passed": self.passed}
        return {key: found[key] for key in ("passed", *asdict(self))}


def within(row: Accuracy, budget: float) -> bool:
    """Say whether an output's relative L2 error is at most `budget`.

    One that has no relative error must agree, and so must all that is not finite.
    """
    if row.rel_l2 is None or row.note or row.not_finite:
        return row.passed
    return row.rel_l2 <= budget


def measure_damage(
    model: Model,
    source: Model,
    runtimes: Mapping[str, Mapping[str, Any]],
    feeds: Arrays,
    *,
    budget: float = DEFAULT_BUDGET,
    tap_bytes: int = 2**29,
    reference_options: Mapping[str, Any] | None = None,
) -> Damage:
    """Run `source` in float64 and `model` on each of `runtimes`, and find what costs most.

    With each runtime go its options of :func:`onnxwright.runtime.load`; `reference_options` are the
    limits of both models on NumPy. `tap_bytes` bounds the values held at one time on each side.

    Raises
    ------
    BenchError
        The two models have other inputs or outputs.
    RunnerError
        One of them cannot be loaded or run.
    """
    limits = reference_options or {}
    changed, original = _read(model), _read(source)
    check_same_interface(_label(model), changed, _label(source), original)
    reference = load(source, on=REFERENCE, **limits)
    wanted = reference.run(feeds)
    outputs = {}
    for on, options in runtimes.items():
        runner = load(model, on=on, **options)
        got = runner.run(feeds)
        outputs[runner.on] = tuple(
            compare(name, got[name], wanted[name], whose="the source's") for name in wanted
        )
    layers = _Layers(changed, original, reference, feeds, tap_bytes, limits).measure()
    note = "" if layers else "no value between inputs and outputs has the same name in both models"
    return Damage(_label(source), budget, outputs, layers, note)


def _read(model: Model) -> onnx.ModelProto:
    return model if isinstance(model, onnx.ModelProto) else read_model(model)


def _label(model: Model) -> str:
    return (model.graph.name or "the model") if isinstance(model, onnx.ModelProto) else str(model)


class _Layers:
    """The values that two models share, measured a few at a time."""

    def __init__(
        self,
        changed: onnx.ModelProto,
        original: onnx.ModelProto,
        reference: Runner,
        feeds: Arrays,
        tap_bytes: int,
        limits: Mapping[str, Any],
    ) -> None:
        self._changed, self._original, self._reference = changed, original, reference
        self._feeds, self._tap_bytes, self._limits = feeds, tap_bytes, limits
        theirs = lineage(original.graph).order
        self._shared = {v: theirs[v] for v in lineage(changed.graph).order if v in theirs}

    def measure(self) -> tuple[Layer, ...]:
        """Return a layer for every shared value that is of floats, most damage first."""
        if not self._shared:
            return ()
        plain = load(self._changed, on="numpy", **self._limits)
        shapes = infer_shapes(self._original, {k: np.shape(v) for k, v in self._feeds.items()})
        grouped = batches(self._shared, shapes, self._tap_bytes)
        found = [layer for names in grouped for layer in self._measured(names, plain)]
        return tuple(sorted(found, key=lambda layer: -(layer.alone or 0.0)))

    def _measured(self, names: Sequence[str], plain: Runner) -> Iterator[Layer]:
        in_all = plain.run(self._feeds, names)
        floats = [name for name in names if np.asarray(in_all[name]).dtype.kind == "f"]
        part = cut(self._changed, floats, self._shared)
        wanted = self._reference.run(self._feeds, list(dict.fromkeys([*floats, *part.reads])))
        kinds = plain.run(self._feeds, list(part.reads)) if part.reads else {}
        alone = part.run(self._feeds, {n: wanted[n].astype(kinds[n].dtype) for n in part.reads})
        for name in floats:
            node = self._original.graph.node[self._shared[name]]
            yield Layer(
                name,
                node.name,
                node.op_type,
                compare(name, alone[name], wanted[name]).rel_l2,
                compare(name, in_all[name], wanted[name]).rel_l2,
            )
