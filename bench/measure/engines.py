"""What opens and runs a model in a worker: runtimes of ours, and onnxruntime's providers.

Libraries are imported when they are used: importing them is measured, and they may be missing.
"""

import contextlib
import copy
import functools
import importlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, TypeVar

from ...runtime.ort import native
from ..results.elements import BoundSample, Share
from .sampling import Call, clock, sample
from .wire import Opening, ProfileFile, Request

PROFILED_RUNS = 5
COPIES = 5
"""How often copies to and from the device are timed."""
Value = TypeVar("Value")
Feeds = Mapping[str, Any]


def read_feeds(path: str) -> Feeds:
    """Return the arrays of an ``.npz`` file."""
    with importlib.import_module("numpy").load(path, allow_pickle=False) as archive:
        return dict(archive)


def save_outputs(path: str, names: Sequence[str], arrays: Sequence[tuple[Any, str]]) -> None:
    """Write arrays with their element types' names: NumPy's format has no bfloat16."""
    told = {"names": json.dumps(names), "elements": json.dumps([kind for _, kind in arrays])}
    # By number: savez takes names as its own arguments.
    importlib.import_module("numpy").savez(path, *(array for array, _ in arrays), **told)


def flat(value: Any) -> Any:
    """Return an array as it is; the items of a sequence, and the values of maps, as one array."""
    if not isinstance(value, list):
        return value
    numpy = importlib.import_module("numpy")
    items = [[item[k] for k in sorted(item)] if isinstance(item, dict) else item for item in value]
    return numpy.concatenate([numpy.ravel(item) for item in items]) if items else numpy.empty(0)


def copied(copy: Callable[[], Value]) -> tuple[float, Value]:
    """Return the median time of several copies, the first left out, and what the last made."""
    value, times = copy(), []
    for _ in range(COPIES):
        seconds, value = clock(copy)
        times.append(seconds)
    return median(times), value


def choose_engine(opening: Opening) -> "Ours":
    """Return what runs the model; nothing is imported or opened yet."""
    return (Onnxruntime if opening.engine.provider else Ours)(opening)


class Ours:
    """onnxwright's own runtimes, from the interpreter that runs this process."""

    module, packages = "onnxwright.runtime", ("onnxwright", "numpy")
    library: Any
    runner: Any = None
    names: list[str]
    """The outputs'."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening

    def load_library(self) -> dict[str, str]:
        """Import the runtime; return the versions of what computes."""
        self.library = importlib.import_module(self.module)
        return {name: str(importlib.import_module(name).__version__) for name in self.packages}

    def open(self, model: str, feeds: Feeds) -> Call:
        """Load `model`; return the call that runs it once."""
        engine, options = self.opening.engine, self.opening.limits.options()
        if "://" in engine.on and engine.provider_options:
            options["provider_options"] = dict(engine.provider_options)
        self.runner = runner = self.library.load(model, on=engine.on, **options)
        self.names = [output.name for output in runner.outputs]
        if getattr(runner, "sequences", False):  # chunk after chunk of one endless sequence
            kept = {info.name for info in runner.kept}
            feeds = {name: feed for name, feed in feeds.items() if name not in kept}
            runner = runner.sequence()
        kinds = {info.name: info.dtype for info in self.runner.inputs}
        fed = {k: v.view(kinds[k]) if v.dtype.kind == "V" else v for k, v in feeds.items()}
        return functools.partial(runner.run, fed)

    def shared(self, work: Callable[[], Value]) -> tuple[Value, Share | None]:
        """Do `work`; return what it returns, and the server's part if there is a server."""
        before = self._counts()
        found, after = work(), self._counts()
        told = after.since(before) if before is not None and after is not None else None
        return found, told and Share(told.queue_s, told.compute_s, told.batch)

    def _counts(self) -> Any:
        """Return what the server has counted, None where there is none or it does not tell."""
        with contextlib.suppress(Exception):
            return self.runner.counts()
        return None

    def arrays(self, outputs: Any) -> list[tuple[Any, str]]:
        """Return each output with its element type; one that NumPy lacks as its bytes."""
        values = [flat(outputs[name]) for name in self.names]
        found = [(value, value.dtype) for value in values]
        return [(a.view(f"u{d.itemsize}") if d.kind == "V" else a, d.name) for a, d in found]

    def empty_call(self, empty_model: str) -> Call:
        """Return a call that computes nothing: an empty model, or asking a server if it is up."""
        ready: Call | None = getattr(self.runner, "ready", None)
        x = importlib.import_module("numpy").zeros(1, "float32")
        return ready or copy.copy(self).open(empty_model, {"x": x})

    def profile(self, feeds: Feeds, prefix: str) -> ProfileFile:
        """Profile some runs into a file whose path begins with `prefix`."""
        record = importlib.import_module("onnxwright.bench.measure.profiles").record
        return ProfileFile(record(self.runner, feeds, prefix, PROFILED_RUNS), PROFILED_RUNS)


class Onnxruntime(Ours):
    """A provider of onnxruntime."""

    module, packages = "onnxruntime", ("onnxruntime", "numpy")

    def open(self, model: str, feeds: Feeds) -> Call:
        """Create the session; return the call that runs it once."""
        self.session = self._session(model)
        self.names = [output.name for output in self.session.get_outputs()]
        self.elements = {
            value.name: native.element_of(value.type)
            for value in (*self.session.get_inputs(), *self.session.get_outputs())
        }
        if not any(element in native.FOREIGN for element in self.elements.values()):
            return functools.partial(self.session.run, None, feeds)
        run = self.session.run_with_ort_values
        return functools.partial(run, self.names, self._values(feeds))

    def arrays(self, outputs: Any) -> list[tuple[Any, str]]:
        """Return each output with its element type; a foreign one as its bytes."""
        values = zip(outputs, map(self.elements.__getitem__, self.names), strict=True)
        return [
            (native.from_ort_value(v, kind) if hasattr(v, "data_ptr") else flat(v), kind)
            for v, kind in values
        ]

    def bound_run(self, feeds: Feeds, request: Request) -> BoundSample:
        """Time the run with inputs and outputs bound on the device, and the copies it saves."""
        device = native.DEVICES.get(request.engine.provider or "", "cpu")
        to_device_s, values = copied(lambda: self._values(feeds, device))
        binding = native.bind(self.session, values, self.names, device)
        run = functools.partial(self.session.run_with_iobinding, binding)
        steady = sample(run, request.warmup_s, request.sample_s, request.max_samples)
        device_memory = _device_memory(device)
        fetch = binding.get_outputs if device == "cpu" else binding.copy_outputs_to_cpu
        return BoundSample(
            **vars(steady),
            to_device_s=to_device_s,
            from_device_s=copied(fetch)[0],
            device_memory_bytes=device_memory,
        )

    def profile(self, feeds: Feeds, prefix: str) -> ProfileFile:
        """Profile a session of its own; say which provider takes each node."""
        session = self._session(self.opening.model, prefix)
        for _ in range(PROFILED_RUNS):
            session.run_with_ort_values(self.names, self._values(feeds))
        parts: list[Any] = getattr(session, "get_provider_graph_assignment_info", list)()
        placed = tuple(
            (n.name, n.op_type, part.ep_name) for part in parts for n in part.get_nodes()
        )
        return ProfileFile(session.end_profiling(), PROFILED_RUNS, placed)

    def _session(self, model: str, profile_prefix: str | None = None) -> Any:
        engine = self.opening.engine
        provider = str(engine.provider)
        settings = native.session_options(
            self.library,
            provider,
            threads=engine.threads,
            level=self.opening.level,
            config=self.opening.session_config,
            profile_prefix=profile_prefix,
        )
        return native.open_native(
            self.library,
            model,
            settings,
            provider,
            engine.provider_options,
            plugin=engine.plugin,
        )

    def _values(self, feeds: Feeds, device: str = "cpu") -> dict[str, Any]:
        """Return the inputs as ``OrtValue`` on a device; on the CPU they share the arrays."""
        ort, kinds = self.library, self.elements
        if device == "cpu":
            return {k: native.to_ort_value(ort, v, kinds[k]) for k, v in feeds.items()}
        return {k: ort.OrtValue.ortvalue_from_numpy(v, device) for k, v in feeds.items()}


def _device_memory(device: str) -> int | None:
    """Return the bytes of GPU memory this process holds, as nvidia-smi tells."""
    query = "nvidia-smi --query-compute-apps=pid,used_memory --format=csv,noheader,nounits"
    told = ""
    with contextlib.suppress(Exception):
        told = subprocess.check_output(query.split(), text=True) if device == "cuda" else ""
    mine = [line.split(",")[1] for line in told.splitlines() if line.startswith(f"{os.getpid()},")]
    return sum(int(mib) << 20 for mib in mine if mib.strip().isdigit()) or None
