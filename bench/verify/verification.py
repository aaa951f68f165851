"""Hold a runtime's outputs against the float64 reference's, and find where they part."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...files import read_model
from ...runtime import Runner, RunnerError, load
from ...runtime.interpreter.numpy_runner import NumpyRunner
from ...runtime.ort.placement import Placement
from ...runtime.ort.runner import OrtRunner
from ...runtime.runner import Model
from ..model.arrays import Value, joined
from ..model.shapes import infer_shapes
from .accuracy import Accuracy, Tolerance, compare, default_tolerance, with_room
from .divergence import Found, locate
from .lineage import lineage
from .reference import find_reference
from .rounding import LocalRuns, Rounding

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Tolerances:
    """What `verify` allows; None for the default of each output's dtype."""

    atol: float | None = None
    rtol: float | None = None
    tap_bytes: int = 2**29
    """Bytes that values tapped in one run may take together, on both sides."""

    def tolerance(self, dtype: np.dtype[Any]) -> Tolerance:
        """Return the tolerance for outputs of `dtype`."""
        usual = default_tolerance(dtype)
        return Tolerance(
            usual.atol if self.atol is None else self.atol,
            usual.rtol if self.rtol is None else self.rtol,
        )


@dataclass(frozen=True)
class Divergence:
    """The first node whose result is wrong while what it reads is right."""

    node: str
    """Its name, which may be empty."""
    op_type: str
    position: int
    """Position of the node in the graph's list."""
    found: Found
    fusion_changed: bool
    """Tapping moved the model's own outputs: what was found belongs to the tapped model."""
    outputs_moved: float
    """How far it moved them: max abs over all outputs and runs."""
    vanished: bool
    """Tapped, the wrong outputs came out right at least once: a fused operator is the suspect."""


@dataclass(frozen=True)
class Verification:
    """The result of `verify`."""

    on: str
    reference: str
    """What its outputs were held against: onnxruntime where the float64 reference has no kernel."""
    precision: str | None
    """How the runtime computes float32, where that needs saying."""
    outputs: tuple[Accuracy, ...]
    placement: Placement | None
    """None on NumPy."""
    divergence: Divergence | None
    """None when all outputs agree, or when it could not be located."""
    borrowed: tuple[str, ...] = ()
    """Operators that the reference computes by the onnx package's own reference kernels."""
    note: str = ""
    """Why the divergence could not be located, or empty."""

    @property
    def passed(self) -> bool:
        """All outputs agree."""
        return all(output.passed for output in self.outputs)


def verify(
    model: Model,
    on: str,
    feeds: Arrays,
    limits: Tolerances | None = None,
    *,
    search: bool = True,
    reference_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> Verification:
    """Run the model on `on` and on the float64 reference, and compare every output.

    Parameters
    ----------
    model
        Model or path.
    on
        The runtime to verify, as for :func:`onnxwright.runtime.load`, which takes `options` too.
    feeds
        All inputs.
    limits
        Tolerances and the memory for tapped values.
    search
        Look for the first divergent node when an output disagrees.
    reference_options
        The limits of the reference: memory_limit and max_steps of :func:`onnxwright.runtime.load`.

    Raises
    ------
    RunnerError
        The model cannot be loaded or run on one of the two.
    """
    limits = limits or Tolerances()
    proto = model if isinstance(model, onnx.ModelProto) else read_model(model, embedded=False)
    reference, note = find_reference(model, on, **(reference_options or {}))
    runner = load(model, on=on, **options)
    got, want = runner.run(feeds), reference.run(feeds)
    rounding = Rounding(proto, feeds, LocalRuns(model, reference, reference_options or {}))
    outputs = _compare(got, want, limits, rounding)
    native = runner if isinstance(runner, OrtRunner) else None
    divergence = None
    if search and not note and not all(output.passed for output in outputs):
        try:
            divergence = _Search(
                proto, reference, runner, feeds, got, outputs, limits, rounding
            ).find()
        except RunnerError as error:
            note = f"the first divergent node was not found: {error.problem}"
    return Verification(
        on=runner.on,
        reference=reference.on,
        precision=native.precision if native else None,
        outputs=outputs,
        placement=_placement(native, feeds) if native else None,
        divergence=divergence,
        borrowed=reference.borrowed if isinstance(reference, NumpyRunner) else (),
        note=note,
    )


def _placement(runner: OrtRunner, feeds: Arrays) -> Placement:
    """Return where the nodes run; if some fell back their time too, from another session."""
    placement = runner.placement()
    return runner.placement(feeds) if placement.fell_back else placement


def _compare(
    got: Mapping[str, Value], want: Arrays, limits: Tolerances, rounding: Rounding
) -> tuple[Accuracy, ...]:
    """Compare every value of `got`; what is off is allowed what 8-bit rounding may move it."""
    found = {
        name: compare(name, value, want[name], limits.tolerance(joined(value).dtype))
        for name, value in got.items()
    }
    outside = {name: want[name] for name, row in found.items() if not row.passed}
    for name, room in rounding.allowances(outside).items():
        usual = limits.tolerance(joined(got[name]).dtype)
        found[name] = with_room(found[name], got[name], want[name], usual, room)
    return tuple(found.values())


class _Search:
    """The probes of one search, and what they did to the model's own outputs."""

    def __init__(
        self,
        model: onnx.ModelProto,
        reference: Runner,
        runner: Runner,
        feeds: Arrays,
        untapped: Arrays,
        outputs: Sequence[Accuracy],
        limits: Tolerances,
        rounding: Rounding,
    ) -> None:
        self.rounding = rounding
        self.graph, self.reference, self.runner = model.graph, reference, runner
        self.feeds, self.untapped, self.limits = feeds, untapped, limits
        self.failing = {output.output: output for output in outputs if not output.passed}
        self.shapes = infer_shapes(model, {name: np.shape(feeds[name]) for name in feeds})
        self.moved, self.vanished = 0.0, False

    def find(self) -> Divergence | None:
        """Return the first divergent node; None where an input is handed out as an output."""
        values = lineage(self.graph)
        # Eight bytes on the reference's side, at most as many on the runtime's.
        bytes_of = {name: 16 * math.prod(shape) for name, shape in self.shapes.items()}
        found = locate(values, self.failing, self._probe, bytes_of, self.limits.tap_bytes)
        if found.value not in values.order:
            return None
        position = values.order[found.value]
        node = self.graph.node[position]
        return Divergence(
            node=node.name,
            op_type=node.op_type,
            position=position,
            found=found,
            fusion_changed=self.moved > 0,
            outputs_moved=self.moved,
            vanished=self.vanished,
        )

    def _probe(self, names: Sequence[str]) -> dict[str, Accuracy]:
        """Measure `names`, and note what tapping them did to the model's outputs."""
        asked = list(dict.fromkeys([*self.untapped, *names]))
        runner = self.runner.tapped(names) if isinstance(self.runner, OrtRunner) else self.runner
        got, want = runner.run(self.feeds, asked), self.reference.run(self.feeds, asked)
        for name, before in self.untapped.items():
            now = compare(name, got[name], before, Tolerance(0.0, 0.0))
            self.moved = max(self.moved, now.max_abs or float(not now.passed))
        rows = {row.output: row for row in _compare(got, want, self.limits, self.rounding)}
        self.vanished = self.vanished or all(rows[name].passed for name in self.failing)
        return {name: rows[name] for name in names}
