"""How fast the nets run: several fresh processes, each measuring every net on every runtime.

The process is the unit of replication: means of identical processes vary by 16 %, their medians
by 2 %, so calls within one process say little about the next. Each process measures all cases in
an order of its own; a case's figure is the median of the processes' medians, and its interval
lies between two order statistics of theirs.

The matrix of :mod:`..measure.matrix` does not serve here: it starts a process for each case and
round, so that each session, import and memory peak is a case's own. For the demo's 84 cases that
is 756 processes, which take minutes only to start; nine are enough to compare medians.
"""

import contextlib
import functools
import multiprocessing
import os
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from ... import runtime
from ...runtime.providers import NUMPY
from ..digits.cases import case
from ..errors import BenchError
from ..measure.conditions import observed
from ..measure.sampling import sample
from ..results.elements import Sample
from ..results.measured import Conditions
from ..stats import median_interval, smallest_sample

BATCHES = (1, 64)
PROCESSES = 9
"""The fewest whose 95 % interval of the median leaves out the fastest and the slowest one."""
FEWEST = smallest_sample(0.5)
"""With fewer processes there is no 95 % interval of their median."""
BUDGET_S = 25.0
"""Time for all samples and their warm-up together, whatever the number of cases."""
LONGEST_S = 0.06
"""Time for one case in one process, where there are few."""
MOST_SAMPLES = 40
"""Samples kept of one case in one process, so that the results file stays near a megabyte."""


THREADS = 1
"""For every runtime. Nets this small gain nothing from a second thread, and OpenBLAS's threads wait
for each other: while another program holds one of two cores, a run of the two-layer nets took up to
100 ms instead of 0.6 ms (measured with NumPy 2.4.6)."""
BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Request:
    """What one process measures: files ``folder/NET.onnx`` by pairs of net and runtime."""

    folder: Path
    cases: tuple[tuple[str, str], ...]
    seed: int
    seconds: float
    """For each pair and batch, warm-up included."""


@dataclass(frozen=True)
class Measured:
    """What one process found."""

    taken: Mapping[tuple[str, str, int], Sample]
    """By net, runtime and batch size."""
    conditions: Conditions


@dataclass(frozen=True)
class Timing:
    """One net on one runtime at one batch size, in each of the processes.

    `samples_s[p]` holds the samples of process p, in seconds a call; each is the mean of
    `loops[p]` calls.
    """

    batch: int
    medians_s: tuple[float, ...]
    samples_s: tuple[tuple[float, ...], ...]
    loops: tuple[int, ...]

    @property
    def latency_s(self) -> tuple[float, float, float]:
        """The median of the processes' medians, and its 95 % interval."""
        return (statistics.median(self.medians_s), *median_interval(self.medians_s))

    @property
    def items_per_s(self) -> tuple[float, float, float]:
        """Inputs per second, with the interval; from the latency of a batch."""
        median, low, high = self.latency_s
        return self.batch / median, self.batch / high, self.batch / low


def make_requests(folder: Path, cases: Sequence[tuple[str, str]], processes: int) -> list[Request]:
    """Return one request per process, each with the same cases and another seed."""
    share = BUDGET_S / (processes * len(BATCHES) * max(1, len(cases)))
    seconds = min(LONGEST_S, share)
    return [Request(folder, tuple(cases), seed, seconds) for seed in range(processes)]


def run_processes(requests: Sequence[Request]) -> Iterator[Measured]:
    """Yield what `measure` returns for each request, each in a fresh process, one at a time.

    Raises
    ------
    BenchError
        A process died.
    """
    context = multiprocessing.get_context("spawn")
    with (
        _blas_threads(THREADS),
        ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool,
    ):
        try:
            yield from pool.map(measure, requests)
        except BrokenProcessPool as error:
            raise BenchError(
                "a measuring process died, as it does when a provider crashes or memory runs out",
                "measure one runtime at a time: onnxwright bench NET.onnx --on cpu",
            ) from error


@contextlib.contextmanager
def _blas_threads(count: int) -> Iterator[None]:
    """Let the processes started meanwhile use `count` BLAS threads; NumPy reads it on import."""
    before = {name: os.environ.get(name) for name in BLAS_THREADS}
    os.environ.update(dict.fromkeys(BLAS_THREADS, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def measure(request: Request) -> Measured:
    """Measure every case of the request in this process."""
    cases = list(request.cases)
    random.Random(request.seed).shuffle(cases)

    def take() -> dict[tuple[str, str, int], Sample]:
        pairs = ((net, on, _sample(request, net, on)) for net, on in cases)
        return {(net, on, batch): found for net, on, taken in pairs for batch, found in taken}

    return Measured(*observed(take))


def _sample(request: Request, net: str, on: str) -> Iterator[tuple[int, Sample]]:
    """Load the net once; yield the samples of each batch size."""
    options = {} if on in NUMPY else {"threads": THREADS}
    runner = runtime.load(request.folder / f"{net}.onnx", on=on, **options)
    warmup_s, sample_s = request.seconds / 3, request.seconds * 2 / 3
    for batch in BATCHES:
        run = functools.partial(runner.run, case(net).batch(batch))
        yield batch, sample(run, warmup_s, sample_s, MOST_SAMPLES)


def gather(processes: Sequence[Measured], net: str, on: str) -> tuple[Timing, ...]:
    """Return the timings of one net on one runtime from all processes, one per batch size."""
    return tuple(
        _timing(batch, [process.taken[net, on, batch] for process in processes])
        for batch in BATCHES
    )


def _timing(batch: int, found: Sequence[Sample]) -> Timing:
    return Timing(
        batch,
        tuple(one.median_s for one in found),
        tuple(one.samples_s for one in found),
        tuple(one.loops for one in found),
    )
