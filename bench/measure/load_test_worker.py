"""Put load on one model in this process, which `start` began.

``closed``: so many clients, each sending its next request when the last is answered. ``open``:
requests arrive at random (a Poisson process) whether or not the last is answered, and a request's
latency counts from the moment it was due, so that waiting in the queue is part of it.
"""

import math
import queue
import random
import threading
import time
from dataclasses import replace

from ..results.elements import Loaded
from . import answering
from .engines import choose_engine, read_feeds
from .load_processes import READY, load_by_processes, wait_for
from .sampling import Call, calibrate, warm_up
from .wire import LoadRequest

AWAKE_S = 0.0002
"""How long before a request is due its server is awake: a sleep ends up to 0.1 ms late."""
KEPT = 20_000
"""Latencies that are reported of one process; of more, a random choice."""


def closed_loop(calls: list[Call], seconds: float) -> Loaded:
    """Run every call in a thread of its own, again and again, for `seconds`; return latencies."""
    latencies: list[list[float]] = [[] for _ in calls]
    errors: list[str] = []
    begin, start = threading.Barrier(len(calls) + 1), [0.0]

    def client(call: Call, mine: list[float]) -> None:
        begin.wait()
        while (sent := time.perf_counter()) - start[0] < seconds:
            if _answered(call, errors):
                mine.append(time.perf_counter() - sent)

    pairs = zip(calls, latencies, strict=True)
    threads = [threading.Thread(target=client, args=pair) for pair in pairs]
    _together(threads, begin, start)
    return _loaded(latencies, errors, time.perf_counter() - start[0])


def open_loop(calls: list[Call], rate: float, seconds: float, seed: int) -> Loaded:
    """Answer requests due at Poisson times with one thread per call; return latencies.

    All requests due within `seconds` are answered, however long that takes: the worst waits are
    what the measurement is for.
    """
    if len(calls) == 1:
        return _one_server(calls[0], arrivals(rate, seconds, seed))
    due_times, waiting = arrivals(rate, seconds, seed), queue.SimpleQueue[float]()
    latencies: list[list[float]] = [[] for _ in calls]
    errors: list[str] = []
    begin, start = threading.Barrier(len(calls) + 1), [0.0]

    def server(call: Call, mine: list[float]) -> None:
        begin.wait()
        while (due := waiting.get()) >= 0:
            if _answered(call, errors):
                mine.append(time.perf_counter() - start[0] - due)

    def send() -> None:
        for due in due_times:
            time.sleep(max(0.0, due - (time.perf_counter() - start[0])))
            waiting.put(due)
        for _ in calls:
            waiting.put(-1.0)

    pairs = zip(calls, latencies, strict=True)
    threads = [threading.Thread(target=server, args=pair) for pair in pairs]
    _together(threads, begin, start, send)
    return _loaded(latencies, errors, time.perf_counter() - start[0])


def _one_server(call: Call, due_times: list[float]) -> Loaded:
    """Answer requests one after the other in this thread, which looks out for the next.

    A queue with one server needs no second thread, and waking none keeps that out of latencies.
    """
    latencies: list[float] = []
    errors: list[str] = []
    start = time.perf_counter()
    for due in due_times:
        _wait_until(start + due)
        if _answered(call, errors):
            latencies.append(time.perf_counter() - start - due)
    return _loaded([latencies], errors, time.perf_counter() - start)


def _wait_until(moment: float) -> None:
    """Sleep until shortly before the moment, then look at the clock until it has come."""
    if (left := moment - time.perf_counter() - AWAKE_S) > 0:
        time.sleep(left)
    while time.perf_counter() < moment:
        pass


def _loaded(latencies: list[list[float]], errors: list[str], wall_s: float) -> Loaded:
    together = tuple(latency for mine in latencies for latency in mine)
    return Loaded(
        latencies_s=together,
        requests=len(together),
        wall_s=wall_s,
        errors=len(errors),
        first_error=errors[0] if errors else None,
        mean_s=math.fsum(together) / len(together) if together else None,
    )


def _answered(call: Call, errors: list[str]) -> bool:
    """Make one request; note why it failed, if it did: the others go on."""
    try:
        call()
    except Exception as error:
        errors.append(" ".join(str(error).split())[:300])
        return False
    return True


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the times of a Poisson process: gaps are exponential with mean ``1 / rate``."""
    generator, times = random.Random(seed), []
    now = generator.expovariate(rate)
    while now < seconds:
        times.append(now)
        now += generator.expovariate(rate)
    return times


def _together(
    threads: list[threading.Thread],
    begin: threading.Barrier,
    start: list[float],
    then: Call = lambda: None,
) -> None:
    """Start the threads, let them go at one moment, do `then`, and wait for all."""
    for thread in threads:
        thread.start()
    start[0] = time.perf_counter()
    begin.wait()
    then()
    for thread in threads:
        thread.join()


def measure(request: LoadRequest, say: answering.Say) -> Loaded:
    """Open the model, once for every client where runners cannot be shared, and load it."""
    if request.processes:
        say("load by processes")
        return _kept(load_by_processes(request))
    say("import")
    feeds = read_feeds(request.feeds)
    engine = choose_engine(request)
    engine.load_library()
    say("session")
    calls = [engine.open(request.model, feeds)]
    for _ in range(request.clients - 1):
        # An onnxruntime session answers any number of threads at once.
        more = calls[0] if request.engine.provider else engine.open(request.model, feeds)
        calls.append(more)
    say("warm-up")
    for call in dict.fromkeys(calls):
        warm_up(call, calibrate(call), request.warmup_s)
    if request.go:
        say(READY)
        wait_for(request.go)
    say("load")
    loaded, server = engine.shared(lambda: _load(request, calls))
    return _kept(replace(loaded, server=server))


def _load(request: LoadRequest, calls: list[Call]) -> Loaded:
    if request.rate:
        return open_loop(calls, request.rate, request.seconds, request.seed)
    return closed_loop(calls, request.seconds)


def _kept(loaded: Loaded) -> Loaded:
    """Leave out latencies at random where there are more than are reported."""
    if loaded.requests <= KEPT:
        return loaded
    return replace(loaded, latencies_s=tuple(random.Random(0).sample(loaded.latencies_s, KEPT)))


def main() -> None:
    """Answer the request on stdin."""
    answering.answer(LoadRequest, measure)
