"""Measure one model on one runtime in this process; JSON request on stdin, JSON lines on stdout.

Started as ``PYTHON worker.py`` by the interpreter of any environment, so this file imports
nothing of this project: it needs numpy and that environment's onnxruntime (its onnxwright for
``numpy`` and served models). A line of the reply is ``{"stage": name}`` as a stage begins, the
last ``{"result": {...}}`` or ``{"error": {...}}``: one that dies said where. Times are in seconds.
"""

import contextlib
import copy
import functools
import importlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

Call = Callable[[], Any]

SAMPLE_NS = 100_000
"""A sample is as many calls as take this long: reading the clock is then below 0.1 % of it."""
WINDOW = 10
"""Samples in each of the two windows that must agree before a run counts as steady."""
TOLERANCE = 0.02
"""How far the medians of the two windows may differ, as a part of the smaller."""
PROFILED_RUNS = 5
DEVICES = {"CUDAExecutionProvider": "cuda", "TensorrtExecutionProvider": "cuda"}
"""Where a provider's bound inputs and outputs live, when that is not the CPU's memory."""


class MissingProviderError(Exception):
    """The provider is not in this environment's build, or its libraries are not there."""


KINDS: dict[type[Exception], str] = {ImportError: "not installed", MemoryError: "out of memory"}
KINDS[MissingProviderError] = "missing provider"


def timed(call: Call, loops: int) -> float:
    """Return the seconds that one of `loops` calls takes; nothing but the calls is in the loop."""
    calls = itertools.repeat(None, loops)
    start = time.perf_counter_ns()
    for _ in calls:
        call()
    # To 0.01 ns, which the clock does not resolve: the product's last digits would fill the files.
    return round((time.perf_counter_ns() - start) / loops * 1e-9, 11)


def calibrate(call: Call, least_ns: float = SAMPLE_NS) -> int:
    """Return how many calls make one sample: doubled until they take `least_ns` together."""
    loops = 1
    while timed(call, loops) * loops * 1e9 < least_ns and loops < 1 << 20:
        loops *= 2
    return loops


def steady_from(times: list[float], window: int, tolerance: float = TOLERANCE) -> int | None:
    """Return the first multiple of `window` from which two adjoining windows agree, or None."""
    for start in range(0, len(times) - 2 * window + 1, window):
        first, second = (median(times[at : at + window]) for at in (start, start + window))
        if abs(first - second) <= tolerance * min(first, second):
            return start
    return None


def warm_up(call: Call, loops: int, limit_s: float) -> dict[str, Any]:
    """Call until the times are steady, for `limit_s` at most; say how it went."""
    start = time.perf_counter()
    times = [timed(call, loops)]
    window = max(2, min(WINDOW, int(limit_s / (4 * loops * times[0] + 1e-9))))
    since = None
    while since is None and time.perf_counter() - start < limit_s:
        times += [timed(call, loops) for _ in range(window)]
        since = steady_from(times, window)
    return {
        "calls": len(times) * loops,
        "steady": since is not None,
        "calls_until_steady": None if since is None else since * loops,
        "seconds": time.perf_counter() - start,
    }


def sample(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Warm up, then take samples for the time asked; each is the mean time of `loops` calls."""
    warm = warm_up(call, calibrate(call), request.get("warmup_s", 0.3))
    loops = calibrate(call)
    seconds, most = request.get("sample_s", 0.1), request.get("max_samples", 1000)
    times: list[float] = []
    cpu, start = time.process_time(), time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - start < seconds and len(times) < most):
        times.append(timed(call, loops))
    cores = (time.process_time() - cpu) / (time.perf_counter() - start)
    said = {"median_s": median(times), "loops": loops, "samples_s": times, "warm_up": warm}
    return {**said, "cores_used": cores, "host_memory_peak_bytes": _status("VmHWM", 1024)}


def read_feeds(path: str) -> dict[str, Any]:
    """Return the arrays of an ``.npz`` file."""
    with importlib.import_module("numpy").load(path, allow_pickle=False) as archive:
        return dict(archive)


def measure(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return everything the request asks for, announcing each stage."""
    say({"stage": "import"})
    numpy_s = _clock(lambda: importlib.import_module("numpy"))[0]
    feeds = read_feeds(request["feeds"])
    engine = (Onnxruntime if request.get("provider") else Ours)(request)
    import_s, engine.library = _clock(lambda: importlib.import_module(engine.module))
    versions = {name: str(importlib.import_module(name).__version__) for name in engine.packages}
    result: dict[str, Any] = {"import_s": numpy_s + import_s, "versions": versions}
    result["host_memory_before_bytes"] = _status("VmRSS", 1024)
    say({"stage": "session"})
    result["session_s"], (call, names) = _clock(lambda: engine.open(request["model"], feeds))
    versions |= {"server": name} if (name := getattr(engine.runner, "server", "")) else {}
    say({"stage": "first run"})
    result["first_run_s"], outputs = _clock(call)
    if request.get("outputs"):  # by number: savez takes names as its own arguments
        values = [outputs[name] for name in names] if isinstance(outputs, dict) else outputs
        importlib.import_module("numpy").savez(request["outputs"], *values, names=json.dumps(names))
    if request.get("once"):
        return result
    say({"stage": "steady run"})
    result["steady_run"] = sample(call, request)
    for stage, step in engine.further(feeds).items():
        say({"stage": stage})
        try:
            result[stage.replace(" ", "_")] = step()
        except Exception as error:  # the case is measured; what failed is said beside it
            result.setdefault("failed", {})[stage] = describe(error)["message"]
    return result


class Ours:
    """onnxwright's own runtimes, from the interpreter that runs this file."""

    module, packages = "onnxwright.runtime", ("onnxwright", "numpy")
    library: Any
    runner: Any = None

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request

    def open(self, model: str, feeds: dict[str, Any]) -> tuple[Call, list[str]]:
        """Load `model`; return the call that runs it once, and its outputs' names."""
        self.runner = runner = self.library.load(model, on=self.request["on"])
        return functools.partial(runner.run, feeds), [output.name for output in runner.outputs]

    def further(self, feeds: dict[str, Any]) -> dict[str, Call]:
        """Return what else to measure, by stage."""
        steps = {"call overhead": self._overhead} if self.request.get("empty_model") else {}
        profile = {"profile": functools.partial(self._profile, feeds)}
        return steps | (profile if self.request.get("profile_to") else {})

    def _overhead(self) -> float:
        """Return the median time of an empty model's run, or of asking a server if it is ready."""
        empty, x = self.request["empty_model"], importlib.import_module("numpy").zeros(1, "float32")
        call = getattr(self.runner, "ready", None) or copy.copy(self).open(empty, {"x": x})[0]
        return median([timed(call, loops) for loops in [calibrate(call)] * 3 * WINDOW])

    def _profile(self, feeds: dict[str, Any]) -> Any:
        record = importlib.import_module("onnxwright.bench.measure.profiles").record
        return record(self.runner, feeds, self.request["profile_to"], PROFILED_RUNS)


class Onnxruntime(Ours):
    """A provider of onnxruntime."""

    module, packages = "onnxruntime", ("onnxruntime", "numpy")
    registered: tuple[str, ...] = ()

    def open(self, model: str, feeds: dict[str, Any]) -> tuple[Call, list[str]]:
        """Create the session; return the call that runs it once, and its outputs' names."""
        self.session = self._session(model, profile=False)
        names = [output.name for output in self.session.get_outputs()]
        return functools.partial(self.session.run, None, feeds), names

    def _session(self, model: str, profile: bool) -> Any:
        options, config = self.library.SessionOptions(), self.request.get("session_config") or {}
        options.log_severity_level = 3
        options.intra_op_num_threads = self.request.get("threads") or 0
        if profile:
            config = config | {"session.record_ep_graph_assignment_info": "1"}
            options.enable_profiling = True
            options.profile_file_prefix = self.request["profile_to"]
        for key, value in config.items():
            options.add_session_config_entry(key, value)
        provider, settings = self.request["provider"], self.request.get("provider_options") or {}
        library, chosen = self.library, [(provider, settings)]
        if provider not in library.get_available_providers():
            options.add_provider_for_devices(self._plugin_devices(), settings)
            chosen = []
        session = library.InferenceSession(model, options, providers=chosen or None)
        if provider not in session.get_providers():
            raise MissingProviderError(f"{provider} is in this build but did not start")
        return session

    def _plugin_devices(self) -> list[Any]:
        provider, plugin = self.request["provider"], self.request.get("plugin")
        if plugin and plugin not in self.registered:
            path = importlib.import_module(plugin).get_library_path()
            self.library.register_execution_provider_library(plugin, path)
            self.registered += (plugin,)
        listed = self.library.get_ep_devices() if plugin else []
        devices = [device for device in listed if device.ep_name == provider]
        if not devices:
            present = ", ".join(self.library.get_available_providers())
            raise MissingProviderError(f"this onnxruntime has {present} and no {provider}")
        return devices[:1]

    def further(self, feeds: dict[str, Any]) -> dict[str, Call]:
        """Return what else to measure, by stage."""
        return {"bound run": functools.partial(self._bound, feeds), **super().further(feeds)}

    def _bound(self, feeds: dict[str, Any]) -> dict[str, Any]:
        """Time the run with inputs and outputs bound on the device, and the copies it saves."""
        device = DEVICES.get(self.request["provider"], "cpu")
        hold = functools.partial(self.library.OrtValue.ortvalue_from_numpy, device_type=device)
        to_device_s, values = _clock(lambda: {k: hold(v) for k, v in feeds.items()})
        binding = self.session.io_binding()
        for name, value in values.items():
            binding.bind_ortvalue_input(name, value)
        for output in self.session.get_outputs():
            binding.bind_output(output.name, device)
        steady = sample(functools.partial(self.session.run_with_iobinding, binding), self.request)
        steady |= {"to_device_s": to_device_s, "device_memory_bytes": _device_memory(device)}
        return steady | {"from_device_s": _clock(binding.copy_outputs_to_cpu)[0]}

    def _profile(self, feeds: dict[str, Any]) -> dict[str, Any]:
        """Return each node's provider, and the file of a session of its own that was profiled."""
        session = self._session(self.request["model"], profile=True)
        for _ in range(PROFILED_RUNS):
            session.run(None, feeds)
        parts: list[Any] = getattr(session, "get_provider_graph_assignment_info", list)()
        placed = [(n.name, n.op_type, part.ep_name) for part in parts for n in part.get_nodes()]
        return {"placement": placed, "file": session.end_profiling(), "runs": PROFILED_RUNS}


def _device_memory(device: str) -> int | None:
    """Return the bytes of GPU memory this process holds, as nvidia-smi tells."""
    query = "nvidia-smi --query-compute-apps=pid,used_memory --format=csv,noheader,nounits"
    told = ""
    with contextlib.suppress(Exception):
        told = subprocess.check_output(query.split(), text=True) if device == "cuda" else ""
    mine = [line.split(",")[1] for line in told.splitlines() if line.startswith(f"{os.getpid()},")]
    return sum(int(mib) << 20 for mib in mine if mib.strip().isdigit()) or None


def _clock(call: Call) -> tuple[float, Any]:
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def _status(field: str, unit: int = 1) -> int | None:
    """Return a number of /proc/self/status: unlike getrusage's peak, not the parent's too."""
    with contextlib.suppress(OSError), open("/proc/self/status") as stream:
        return next((int(row.split()[1]) * unit for row in stream if row.startswith(field)), None)
    return None


def describe(error: Exception) -> dict[str, str]:
    """Return an exception's kind, for the row, and its first lines."""
    text = " ".join(str(error).split()) or type(error).__name__
    kind = next((kind for family, kind in KINDS.items() if isinstance(error, family)), "error")
    return {"kind": kind, "message": text[:600]}


def main(answer_to: Callable[..., dict[str, Any]] = measure) -> None:
    """Answer the request on stdin; what libraries print to stdout goes to stderr."""
    reply = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    sys.path[:] = [p for p in sys.path if os.path.abspath(p) != os.path.dirname(__file__)]
    for name in ("OMP", "OPENBLAS", "MKL") if request.get("threads") else ():
        os.environ[f"{name}_NUM_THREADS"] = str(request["threads"])
    _die_first()
    try:
        answer = {"result": answer_to(request, lambda line: print(json.dumps(line), file=reply))}
    except Exception as error:
        answer = {"error": describe(error)}
    print(json.dumps(answer), file=reply, flush=True)
    os._exit(0)  # some providers crash while they are unloaded, after everything is measured


def _die_first() -> None:
    """Ask Linux to end this process before others when memory runs out, and with its parent."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        with open("/proc/self/oom_score_adj", "w") as stream:
            stream.write("1000")
        importlib.import_module("ctypes").CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


if __name__ == "__main__":
    main()
