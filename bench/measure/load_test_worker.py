"""Put load on one model in this process; request and reply as of ``worker.py`` beside it.

``closed``: so many clients, each sending its next request when the last is answered. ``open``:
requests arrive at random (a Poisson process) whether or not the last is answered, and a request's
latency counts from the moment it was due, so that waiting in the queue is part of it.
"""

import importlib.util
import os
import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any

Call = Callable[[], Any]

KEPT = 20_000
"""Latencies that are reported of one process; of more, a random choice."""


def closed_loop(calls: list[Call], seconds: float) -> dict[str, Any]:
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


def open_loop(calls: list[Call], rate: float, seconds: float, seed: int) -> dict[str, Any]:
    """Answer requests due at Poisson times with one thread per call; return latencies.

    All requests due within `seconds` are answered, however long that takes: the worst waits are
    what the measurement is for.
    """
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


def _loaded(latencies: list[list[float]], errors: list[str], wall_s: float) -> dict[str, Any]:
    return {
        "latencies_s": [latency for mine in latencies for latency in mine],
        "wall_s": wall_s,
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
    }


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


def measure(worker: Any, request: dict[str, Any], say: Callable[[Any], None]) -> dict[str, Any]:
    """Open the model, once for every client where runners cannot be shared, and load it."""
    say({"stage": "import"})
    feeds = worker.read_feeds(request["feeds"])
    engine = (worker.Onnxruntime if request.get("provider") else worker.Ours)(request)
    engine.library = importlib.import_module(engine.module)
    say({"stage": "session"})
    calls = [engine.open(request["model"], feeds)[0]]
    for _ in range(request["clients"] - 1):
        # An onnxruntime session answers any number of threads at once.
        more = calls[0] if request.get("provider") else engine.open(request["model"], feeds)[0]
        calls.append(more)
    say({"stage": "warm-up"})
    for call in dict.fromkeys(calls):
        worker.sampling.warm_up(call, worker.sampling.calibrate(call), request.get("warmup_s", 0.3))
    say({"stage": "load"})
    if request.get("rate"):
        loaded = open_loop(calls, request["rate"], request["seconds"], request["seed"])
    else:
        loaded = closed_loop(calls, request["seconds"])
    latencies = loaded["latencies_s"]
    kept = random.Random(0).sample(latencies, KEPT) if len(latencies) > KEPT else latencies
    return {**loaded, "requests": len(latencies), "latencies_s": kept}


def main() -> None:
    """Answer the request on stdin with the engines of ``worker.py``."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
    spec: Any = importlib.util.spec_from_file_location("worker", path)
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    worker.main(lambda request, say: measure(worker, request, say))


if __name__ == "__main__":
    main()
