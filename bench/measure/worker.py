"""Measure one model on one runtime in this process; JSON request on stdin, JSON lines on stdout.

Started as ``PYTHON worker.py`` by the interpreter of any environment, so this file imports
nothing of this project: it needs numpy and that environment's onnxruntime (its onnxwright for
``numpy`` and served models). A line of the reply is ``{"stage": name}`` as a stage begins, the
last ``{"result": {...}}`` or ``{"error": {...}}``: one that dies said where. Times are in seconds.
"""

import contextlib
import copy
import functools
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

Call = Callable[[], Any]

PROFILED_RUNS = 5


def load_beside(*parts: str) -> Any:
    """Return the module in a file of the project, by its path from here; it imports no other."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), *parts)
    name = os.path.splitext(os.path.basename(path))[0]
    spec: Any = importlib.util.spec_from_file_location(f"onnxwright_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


native = load_beside("..", "..", "runtime", "ort", "native.py")
sampling = load_beside("sampling.py")
KINDS: dict[type[Exception], str] = {
    ImportError: "not installed",
    MemoryError: "out of memory",
    native.AbsentError: "missing provider",
    native.NotStartedError: "missing provider",
}


def read_feeds(path: str) -> dict[str, Any]:
    """Return the arrays of an ``.npz`` file."""
    with importlib.import_module("numpy").load(path, allow_pickle=False) as archive:
        return dict(archive)


def save_outputs(path: str, names: list[str], arrays: list[tuple[Any, str]]) -> None:
    """Write arrays with their element types' names: NumPy's format has no bfloat16."""
    told = {"names": json.dumps(names), "elements": json.dumps([kind for _, kind in arrays])}
    # By number: savez takes names as its own arguments.
    importlib.import_module("numpy").savez(path, *(array for array, _ in arrays), **told)


def measure(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return everything the request asks for, announcing each stage."""
    say({"stage": "import"})
    numpy_s = sampling.clock(lambda: importlib.import_module("numpy"))[0]
    feeds = read_feeds(request["feeds"])
    engine = (Onnxruntime if request.get("provider") else Ours)(request)
    import_s, engine.library = sampling.clock(lambda: importlib.import_module(engine.module))
    versions = {name: str(importlib.import_module(name).__version__) for name in engine.packages}
    result: dict[str, Any] = {"import_s": numpy_s + import_s, "versions": versions}
    result["host_memory_before_bytes"] = sampling.status("VmRSS", 1024)
    say({"stage": "session"})
    opening = functools.partial(engine.open, request["model"], feeds)
    result["session_s"], (call, names) = sampling.clock(opening)
    versions |= {"server": name} if (name := getattr(engine.runner, "server", "")) else {}
    say({"stage": "first run"})
    result["first_run_s"], outputs = sampling.clock(call)
    if request.get("outputs"):
        save_outputs(request["outputs"], names, engine.arrays(outputs, names))
    if request.get("once"):
        return result
    say({"stage": "steady run"})
    result["steady_run"] = sampling.sample(call, request)
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
        limits = self.request.get("limits") or {}
        self.runner = runner = self.library.load(model, on=self.request["on"], **limits)
        kinds = {info.name: info.dtype for info in runner.inputs}
        fed = {k: v.view(kinds[k]) if v.dtype.kind == "V" else v for k, v in feeds.items()}
        return functools.partial(runner.run, fed), [output.name for output in runner.outputs]

    def arrays(self, outputs: Any, names: list[str]) -> list[tuple[Any, str]]:
        """Return each output with its element type; one that NumPy lacks as its bytes."""
        found = [(outputs[name], outputs[name].dtype) for name in names]
        return [(a.view(f"u{d.itemsize}") if d.kind == "V" else a, d.name) for a, d in found]

    def further(self, feeds: dict[str, Any]) -> dict[str, Call]:
        """Return what else to measure, by stage."""
        steps = {"call overhead": self._overhead} if self.request.get("empty_model") else {}
        profile = {"profile": functools.partial(self._profile, feeds)}
        return steps | (profile if self.request.get("profile_to") else {})

    def _overhead(self) -> float:
        """Return the median time of an empty model's run, or of asking a server if it is ready."""
        x = importlib.import_module("numpy").zeros(1, "float32")
        ready = getattr(self.runner, "ready", None)
        call = ready or copy.copy(self).open(self.request["empty_model"], {"x": x})[0]
        loops = sampling.calibrate(call)
        times = [sampling.timed(call, loops) for _ in range(3 * sampling.WINDOW)]
        return float(median(times))

    def _profile(self, feeds: dict[str, Any]) -> Any:
        record = importlib.import_module("onnxwright.bench.measure.profiles").record
        return record(self.runner, feeds, self.request["profile_to"], PROFILED_RUNS)


class Onnxruntime(Ours):
    """A provider of onnxruntime."""

    module, packages = "onnxruntime", ("onnxruntime", "numpy")

    def open(self, model: str, feeds: dict[str, Any]) -> tuple[Call, list[str]]:
        """Create the session; return the call that runs it once, and its outputs' names."""
        self.session = self._session(model, profile=False)
        self.elements = {
            value.name: native.element_of(value.type)
            for value in (*self.session.get_inputs(), *self.session.get_outputs())
        }
        names = [output.name for output in self.session.get_outputs()]
        if not any(element in native.FOREIGN for element in self.elements.values()):
            return functools.partial(self.session.run, None, feeds), names
        run = self.session.run_with_ort_values
        return functools.partial(run, names, self._values(feeds)), names

    def arrays(self, outputs: Any, names: list[str]) -> list[tuple[Any, str]]:
        """Return each output with its element type; a foreign one as its bytes."""
        values = zip(outputs, map(self.elements.__getitem__, names), strict=True)
        return [
            (native.from_ort_value(v, kind) if hasattr(v, "data_ptr") else v, kind)
            for v, kind in values
        ]

    def _values(self, feeds: dict[str, Any], device: str = "cpu") -> dict[str, Any]:
        """Return the inputs as ``OrtValue`` on a device; on the CPU they share the arrays."""
        ort, kinds = self.library, self.elements
        if device == "cpu":
            return {k: native.to_ort_value(ort, v, kinds[k]) for k, v in feeds.items()}
        return {k: ort.OrtValue.ortvalue_from_numpy(v, device) for k, v in feeds.items()}

    def _session(self, model: str, profile: bool) -> Any:
        request = self.request
        settings = native.session_options(
            self.library,
            request["provider"],
            threads=request.get("threads"),
            config=request.get("session_config"),
            profile_prefix=request["profile_to"] if profile else None,
        )
        options, plugin = request.get("provider_options") or {}, request.get("plugin")
        return native.open_native(
            self.library, model, settings, request["provider"], options, plugin=plugin
        )

    def further(self, feeds: dict[str, Any]) -> dict[str, Call]:
        """Return what else to measure, by stage."""
        return {"bound run": functools.partial(self._bound, feeds), **super().further(feeds)}

    def _bound(self, feeds: dict[str, Any]) -> dict[str, Any]:
        """Time the run with inputs and outputs bound on the device, and the copies it saves."""
        device = native.DEVICES.get(self.request["provider"], "cpu")
        to_device_s, values = sampling.clock(lambda: self._values(feeds, device))
        names = [output.name for output in self.session.get_outputs()]
        binding = native.bind(self.session, values, names, device)
        run = functools.partial(self.session.run_with_iobinding, binding)
        steady: dict[str, Any] = sampling.sample(run, self.request)
        copy = binding.get_outputs if device == "cpu" else binding.copy_outputs_to_cpu
        steady |= {"to_device_s": to_device_s, "device_memory_bytes": _device_memory(device)}
        return steady | {"from_device_s": sampling.clock(copy)[0]}

    def _profile(self, feeds: dict[str, Any]) -> dict[str, Any]:
        """Return each node's provider, and the file of a session of its own that was profiled."""
        session = self._session(self.request["model"], profile=True)
        names = [output.name for output in session.get_outputs()]
        for _ in range(PROFILED_RUNS):
            session.run_with_ort_values(names, self._values(feeds))
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
