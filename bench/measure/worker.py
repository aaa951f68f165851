"""Measure one model on one runtime in this process, which `start` began. Times are in seconds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from statistics import median

from . import answering, sampling
from .engines import Feeds, Onnxruntime, Ours, choose_engine, read_feeds, save_outputs
from .wire import Answer, Request

Step = Callable[[Answer], Answer]


def measure(request: Request, say: answering.Say) -> Answer:
    """Return everything the request asks for, announcing each stage."""
    say("import")
    numpy_s = sampling.clock(lambda: import_module("numpy"))[0]
    feeds = read_feeds(request.feeds)
    engine = choose_engine(request)
    import_s, versions = sampling.clock(engine.load_library)
    before = sampling.status("VmRSS", 1024)
    say("session")
    session_s, call = sampling.clock(partial(engine.open, request.model, feeds))
    versions |= {"server": name} if (name := getattr(engine.runner, "server", "")) else {}
    say("first run")
    first_run_s, outputs = sampling.clock(call)
    if request.outputs:
        save_outputs(request.outputs, engine.names, engine.arrays(outputs))
    answer = Answer(
        import_s=numpy_s + import_s,
        session_s=session_s,
        first_run_s=first_run_s,
        versions=versions,
        host_memory_before_bytes=before,
    )
    return answer if request.once else _steady(request, engine, feeds, call, answer, say)


def _steady(
    request: Request,
    engine: Ours,
    feeds: Feeds,
    call: sampling.Call,
    answer: Answer,
    say: answering.Say,
) -> Answer:
    """Measure the model at its steady pace, and then what else is asked for."""
    say("steady run")
    pace = request.warmup_s, request.sample_s, request.max_samples
    steady, server = engine.shared(lambda: sampling.sample(call, *pace))
    answer = replace(answer, steady_run=steady, server=server)
    for stage, step in _further(request, engine, feeds).items():
        say(stage)
        try:
            answer = step(answer)
        except Exception as error:  # the case is measured; what failed is said beside it
            failed = {**answer.failed, stage: answering.describe(error).message}
            answer = replace(answer, failed=failed)
    return answer


def _further(request: Request, engine: Ours, feeds: Feeds) -> dict[str, Step]:
    """Return what else to measure, by stage."""
    steps: dict[str, Step] = {}
    if isinstance(engine, Onnxruntime):
        steps["bound run"] = lambda answer: replace(
            answer, bound_run=engine.bound_run(feeds, request)
        )
    if empty := request.empty_model:
        steps["call overhead"] = lambda answer: replace(
            answer, call_overhead=_middle(engine.empty_call(empty))
        )
    if prefix := request.profile_to:
        steps["profile"] = lambda answer: replace(answer, profile=engine.profile(feeds, prefix))
    return steps


def _middle(call: sampling.Call) -> float:
    """Return the median time of a call."""
    loops = sampling.calibrate(call)
    return median(sampling.timed(call, loops) for _ in range(3 * sampling.WINDOW))


def main() -> None:
    """Answer the request on stdin."""
    answering.answer(Request, measure)
