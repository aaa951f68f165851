"""The machine's own peaks: matrix products per dtype and threads, and memory bandwidth.

Measured through every runtime by the worker that measures models, and through NumPy itself
writing into arrays that are there, in a process of their own.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ...runtime.providers import is_served
from ..model.arrays import write_arrays
from ..plan.cases import Case, Group
from ..results.measured import Peak
from .launch import PEAKS, WorkerLimits, launch, run_script
from .wire import Answer, PeaksRequest, Request

MATRIX = 768
"""Rows and columns of the product: large enough for every core, small enough to repeat."""
STREAM = 1 << 24
"""Elements that are read and written, 64 MiB of float32 a side: more than a cache holds."""
DTYPES = ("float32", "float64", "float16")


@dataclass(frozen=True)
class Probe:
    """One peak to measure on one runtime."""

    what: str
    """``gemm DTYPE`` or ``memory``."""
    model: Path
    feeds: Path
    work: float
    """Operations, or bytes read and written."""


def measure_peaks(
    groups: Sequence[Group],
    folder: Path,
    limits: WorkerLimits,
    known: Sequence[Peak] = (),
) -> Iterable[Peak]:
    """Yield one entry per runtime, thread count and peak that is not in `known` yet."""
    done = {peak.probe for peak in known}
    probes = make_probes(folder)
    cases = {(case.label, case.threads): case for group in groups for case in group.cases}
    for threads in sorted({case.threads for case in cases.values()}, key=str):
        name = f"NumPy itself threads={threads}"
        if name not in done:
            request = PeaksRequest(threads=threads, size=MATRIX)
            found = run_script(sys.executable, PEAKS, request, limits).result
            rates: Mapping[str, float | None] = found.rates if found else {"failed": None}
            for what, rate in rates.items():
                yield Peak(
                    probe=name,
                    label="NumPy itself",
                    device="cpu",
                    threads=threads,
                    what=what,
                    rate=rate,
                )
    for case in cases.values():
        for probe in () if is_served(case.on) else probes:  # A server has its own models only.
            name = f"{case.label} {probe.what}"
            if name not in done:
                answer = launch(case.python, _request(case, probe), limits).result
                yield Peak(
                    probe=name,
                    label=case.label,
                    device=case.device,
                    threads=case.threads,
                    what=probe.what,
                    rate=_rate(answer, probe),
                )


def make_probes(folder: Path) -> list[Probe]:
    """Write the models and inputs of the peaks into `folder`."""
    random = np.random.default_rng(0)
    probes = []
    for name in DTYPES:
        square = random.standard_normal((MATRIX, MATRIX)).astype(name)
        model = _model("MatMul", ["x", "w"], square.dtype, [MATRIX, MATRIX], w=square)
        probes.append(_probe(folder, f"gemm {name}", model, square, 2.0 * MATRIX**3))
    stream = np.ones(STREAM, np.float32)
    model = _model("Neg", ["x"], stream.dtype, [STREAM])
    probes.append(_probe(folder, "memory", model, stream, 2.0 * stream.nbytes))
    return probes


def _probe(folder: Path, what: str, model: onnx.ModelProto, x: Any, work: float) -> Probe:
    stem = folder / f"peak-{what.replace(' ', '-')}"
    stem.with_suffix(".onnx").write_bytes(model.SerializeToString())
    write_arrays(stem.with_suffix(".npz"), {"x": x})
    return Probe(what, stem.with_suffix(".onnx"), stem.with_suffix(".npz"), work)


def _model(
    op: str, inputs: list[str], dtype: Any, shape: list[int], **weights: Any
) -> onnx.ModelProto:
    value, kind = onnx.helper.make_tensor_value_info, onnx.helper.np_dtype_to_tensor_dtype(dtype)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(op, inputs, ["y"])],
        "peak",
        [value("x", kind, shape)],
        [value("y", kind, shape)],
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
