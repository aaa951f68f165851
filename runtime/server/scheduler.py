"""The queue of one model: requests wait here for a runner, and those of one shape are joined."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from ..errors import RunnerError
from .batching import Arrays, Key, joined, key_of, parted, rows_of
from .failures import busy
from .settings import Batching
from .statistics import Spent, Statistics
from .workers import Worker

Run = Callable[[Arrays, Sequence[str]], dict[str, NDArray[Any]]]


@dataclass(eq=False)
class Job:
    """One request in the queue."""

    feeds: Arrays
    outputs: Sequence[str]
    future: asyncio.Future[dict[str, NDArray[Any]]]
    arrived: int = field(default_factory=time.perf_counter_ns)

    def __post_init__(self) -> None:
        self.rows = rows_of(self.feeds)
        self.key: Key = key_of(self.feeds, self.outputs)


class Scheduler:
    """Gives each of several runners of one model the next requests; made within an event loop."""

    def __init__(
        self, name: str, runs: Sequence[Run], batching: Batching, queue: int, counts: Statistics
    ) -> None:
        self._batching = batching
        self._queue = queue
        self._counts = counts
        self._waiting: deque[Job] = deque()
        self._arrived = asyncio.Event()
        self._workers = [Worker(f"{name} {number}") for number in range(len(runs))]
        self._tasks = [
            asyncio.create_task(self._serve(worker, run))
            for worker, run in zip(self._workers, runs, strict=True)
        ]

    async def run(self, feeds: Arrays, outputs: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Wait for a runner and return what it computes.

        Raises
        ------
        RequestError
            Too many are waiting.
        RunnerError
            The model failed.
        """
        if len(self._waiting) >= self._queue:
            raise busy(f"{self._queue} requests are waiting for this model already")
        job = Job(feeds, outputs, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._arrived.set()
        try:
            return await job.future
        finally:
            if job in self._waiting:  # timed out, or its client is gone
                self._waiting.remove(job)

    def stop(self) -> None:
        """Take no more from the queue."""
        for task in self._tasks:
            task.cancel()
        for worker in self._workers:
            worker.stop()

    async def _serve(self, worker: Worker, run: Run) -> None:
        while True:
            jobs = await self._next()
            began = time.perf_counter_ns()
            try:
                outcomes = await worker.call(partial(_run_all, run, jobs, self._counts))
            except Exception as error:
                outcomes = [error] * len(jobs)
            for job, outcome in zip(jobs, outcomes, strict=True):
                self._settle(job, outcome, began)

    def _settle(self, job: Job, outcome: Any, began: int) -> None:
        whole = time.perf_counter_ns() - job.arrived
        if isinstance(outcome, BaseException):
            self._counts.failed(whole)
            if not job.future.done():
                job.future.set_exception(outcome)
            return
        outputs, spent = outcome
        self._counts.answered(whole, spent(began - job.arrived))
        if not job.future.done():
            job.future.set_result(outputs)

    async def _next(self) -> list[Job]:
        """Wait for a request, then for more of its kind as long as the settings say."""
        while not self._waiting:
            await self._more()
        jobs = [self._waiting.popleft()]
        end = jobs[0].arrived * 1e-9 + self._batching.delay_s
        while self._taken(jobs) < self._batching.most:
            try:
                async with asyncio.timeout(end - time.perf_counter()):
                    await self._more()
            except TimeoutError:
                break
        return jobs

    async def _more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()

    def _taken(self, jobs: list[Job]) -> int:
        """Add those that wait and fit; return the rows of all."""
        rows = sum(job.rows for job in jobs)
        for job in list(self._waiting) if self._batching.most > 1 else []:
            if job.key == jobs[0].key and rows + job.rows <= self._batching.most:
                self._waiting.remove(job)
                jobs.append(job)
                rows += job.rows
        return rows


def _run_all(run: Run, jobs: Sequence[Job], counts: Statistics) -> list[Any]:
    """Run requests together; alone where that fails, so that each gets its own answer or error."""
    try:
        found = _run_joined(run, jobs, counts)
    except RunnerError as error:
        found = [error] if len(jobs) == 1 else None
    if found is not None:
        return found
    return [_run_all(run, [job], counts)[0] for job in jobs]


def _run_joined(run: Run, jobs: Sequence[Job], counts: Statistics) -> list[Any] | None:
    """Return each request's outputs and where its time went; None where they cannot be parted."""
    times = [time.perf_counter_ns()]
    feeds = joined([job.feeds for job in jobs])
    times.append(time.perf_counter_ns())
    outputs = run(feeds, jobs[0].outputs)
    times.append(time.perf_counter_ns())
    parts = parted(outputs, [job.rows for job in jobs])
    times.append(time.perf_counter_ns())
    if parts is None:
        return None
    taken = [later - earlier for earlier, later in pairwise(times)]
    counts.ran(sum(job.rows for job in jobs), Spent(0, *taken))
    return [(part, lambda queue: Spent(queue, *taken)) for part in parts]
