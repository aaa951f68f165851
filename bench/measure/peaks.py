"""The machine's own peaks: matrix products per dtype and threads, and memory bandwidth.

Measured through every runtime by the worker that measures models, and through NumPy itself
writing into arrays that are there, in a process of their own. A peak that was disturbed is too low,
and every row's part of it too high: so each is measured several times in the course of a run.
"""

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ...runtime.providers import is_served
from ..model.arrays import write_arrays
from ..plan.cases import Case, Group
from ..results.measured import Peak
from .conditions import flags, observed
from .launch import PEAKS, WorkerLimits, launch, run_script
from .wire import Answer, PeaksRequest, Request

MATRIX = 768
"""Rows and columns of the product: large enough for every core, small enough to repeat."""
SMALL = 320
"""The same, so small that a core computes it between two interruptions by other programs."""
STREAM = 1 << 24
"""Elements that are read and written, 64 MiB of float32 a side: more than a cache holds."""
DTYPES = ("float32", "float64", "float16", "int8")
PASSES = 3
"""How often every peak is measured, spread over the run: the best of the quiet ones counts."""


@dataclass(frozen=True)
class Probe:
    """One peak to measure on one runtime."""

    name: str
    """Tells it apart from the others of the runtime."""
    what: str
    """``gemm DTYPE`` or ``memory``."""
    model: Path
    feeds: Path
    work: float
    """Operations, or bytes read and written."""


@dataclass(frozen=True)
class PeakJob:
    """One process that measures peaks, in one of the passes."""

    name: str
    number: int
    """Which of the passes it belongs to."""
    case: Case | None
    """None for NumPy itself."""
    threads: int | None
    probe: Probe | None = None

    def run(self, limits: WorkerLimits) -> list[Peak]:
        """Measure; return one entry for each peak, with what else happened on the machine."""
        rates, around = observed(lambda: self._rates(limits))
        return [
            Peak(
                probe=self.name,
                round=self.number,
                label=self.case.label if self.case else "NumPy itself",
                device=self.case.device if self.case else "cpu",
                threads=self.threads,
                what=what,
                rate=rate,
                conditions=around,
                flags=tuple(flags(around)),
            )
            for what, rate in rates.items()
        ]

    def _rates(self, limits: WorkerLimits) -> Mapping[str, float | None]:
        if self.case is None or self.probe is None:
            request = PeaksRequest(threads=self.threads, size=MATRIX)
            found = run_script(sys.executable, PEAKS, request, limits).result
            return found.rates if found else {"failed": None}
        answer = launch(self.case.python, _request(self.case, self.probe), limits).result
        return {self.probe.what: _rate(answer, self.probe)}


def peak_jobs(
    groups: Sequence[Group], folder: Path, dtypes: Iterable[str], known: Iterable[Peak] = ()
) -> list[PeakJob]:
    """Return what is to be measured and is not in `known`: every peak once in each pass.

    These are matrix products of the element types `dtypes`, as far as they can be measured, and
    the memory, through NumPy itself and every runtime at each number of threads.
    """
    done = {(peak.probe, peak.round) for peak in known}
    probes = make_probes(folder, [name for name in DTYPES if name in {*dtypes}])
    cases = {(case.label, case.threads): case for group in groups for case in group.cases}
    jobs = []
    for number in range(PASSES):
        for threads in sorted({case.threads for case in cases.values()}, key=str):
            jobs.append(PeakJob(f"NumPy itself threads={threads}", number, None, threads))
        for case in cases.values():
            # A server has its own models only.
            for probe in () if is_served(case.on) else probes:
                name = f"{case.label} {probe.name}"
                jobs.append(PeakJob(name, number, case, case.threads, probe))
    return [job for job in jobs if (job.name, job.number) not in done]


def make_probes(folder: Path, dtypes: Iterable[str]) -> list[Probe]:
    """Write the models and inputs of the peaks into `folder`."""
    random = np.random.default_rng(0)
    probes = []
    for name, size in itertools.product(dtypes, (MATRIX, SMALL)):
        square = (4 * random.standard_normal((size, size))).astype(name)
        # Processors multiply unsigned with signed bytes: so quantized models have them.
        x = square.view(np.uint8) if square.dtype == np.int8 else square
        model, what = _product(x, square), f"gemm {name}"
        probe = _probe(
            folder, what if size == MATRIX else f"{what} {size}", model, x, 2.0 * size**3
        )
        probes.append(replace(probe, what=what))
    stream = np.ones(STREAM, np.float32)
    model = _model("Neg", ["x"], stream.dtype, [STREAM])
    probes.append(_probe(folder, "memory", model, stream, 2.0 * stream.nbytes))
    return probes


def _product(x: NDArray[Any], w: NDArray[Any]) -> onnx.ModelProto:
    """Return a model that multiplies its input, of the shape and type of `x`, with `w`."""
    op, made = ("MatMulInteger", np.int32) if w.dtype == np.int8 else ("MatMul", w.dtype)
    return _model(op, ["x", "w"], x.dtype, list(x.shape), made, w=w)


def _probe(folder: Path, what: str, model: onnx.ModelProto, x: Any, work: float) -> Probe:
    stem = folder / f"peak-{what.replace(' ', '-')}"
    stem.with_suffix(".onnx").write_bytes(model.SerializeToString())
    write_arrays(stem.with_suffix(".npz"), {"x": x})
    return Probe(what, what, stem.with_suffix(".onnx"), stem.with_suffix(".npz"), work)


def _model(
    op: str,
    inputs: list[str],
    dtype: Any,
    shape: list[int],
    made: Any = None,
    **weights: Any,
) -> onnx.ModelProto:
    value = onnx.helper.make_tensor_value_info
    kind, out = (onnx.helper.np_dtype_to_tensor_dtype(np.dtype(d)) for d in (dtype, made or dtype))
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(op, inputs, ["y"])],
        "peak",
        [value("x", kind, shape)],
        [value("y", out, shape)],
        [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opset = onnx.helper.make_opsetid("", 17)
    return onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)


def _request(case: Case, probe: Probe) -> Request:
    model, feeds = str(probe.model), str(probe.feeds)
    return Request(engine=case.engine, model=model, feeds=feeds, warmup_s=0.2, sample_s=0.1)


def _rate(answer: Answer | None, probe: Probe) -> float | None:
    """Return the rate of the fastest sample: a peak is what can be reached, not what is usual."""
    if answer is None:
        return None
    runs = [run for run in (answer.steady_run, answer.bound_run) if run is not None]
    return probe.work / min(time for run in runs for time in run.samples_s)
