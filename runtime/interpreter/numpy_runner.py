"""The NumPy runtime: a model compiled once, then run, tapped and profiled."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from ..errors import FeedError
from ..feeds import FeedChecker, output_names
from ..runner import Described
from .alive import made
from .compiler import compile_model
from .dtypes import WIDENED, widen
from .plan import MISSING, Schedule, execute
from .profiling import Profile, profiled
from .remembered import Remembering
from .run_limits import RunLimits, allow, allow_again, default_limits, folding, within
from .signature import signature
from .unchanged import MappedFiles


class NumpyRunner(Described):
    """A model on NumPy: a :class:`~onnxwright.runtime.runner.Runner` that shows every value.

    Parameters
    ----------
    model
        The model. Its external data are loaded, or stand in `arrays`.
    dtype
        ``"float64"`` makes it the reference: float16, bfloat16, float32 and float64 are all
        computed in float64, whatever the model says; see :mod:`.dtypes`.
    arrays
        Contents of the main graph's initializers by name, in place of those in the model. They
        are only read. Files that they are mapped from must stay as they are: every run checks it.
    limits
        The bytes of one array and the steps of the loops of a run; by default what
        :func:`.limits.default_limits` takes from the machine now.

    Raises
    ------
    ModelError
        The model is broken; an operator that the outputs need and that has no kernel counts too.

    Examples
    --------
    >>> import onnx.parser
    >>> model = onnx.parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["" : 17]>
    ...     g (float[n] x) => (float[n] y) { double = Add(x, x)  y = Neg(double) }''')
    >>> runner = NumpyRunner(model)
    >>> runner.run({"x": np.ones(2, "float32")}, outputs=["double"])
    {'double': array([2., 2.], dtype=float32)}
    """

    def __init__(
        self,
        model: onnx.ModelProto,
        *,
        dtype: Literal["float64"] | None = None,
        arrays: Mapping[str, NDArray[Any]] | None = None,
        limits: RunLimits | None = None,
    ) -> None:
        self._float_dtype = None if dtype is None else np.dtype(dtype)
        self.on = "numpy" if dtype is None else f"numpy:{dtype}"
        self.inputs, self._optional, self.outputs = signature(model, self._float_dtype)
        also = () if dtype is None else WIDENED
        self._check = FeedChecker(self.inputs, self._optional, also)
        self._limits = default_limits() if limits is None else limits
        with folding(self._limits):
            self._program, records = compile_model(model, self._float_dtype, arrays)
        self.borrowed = tuple(sorted({r.node.op_type for r in records if r.source == "fallback"}))
        """The operators that the reference kernels of the onnx package compute."""
        self._files = MappedFiles((arrays or {}).values())
        self._schedules: dict[tuple[str, ...], Remembering] = {}
        self._names = tuple(info.name for info in self.outputs)
        self._schedule(self._names)

    @property
    def values(self) -> tuple[str, ...]:
        """The names that ``run(outputs=...)`` takes: every value of the main graph.

        A value inside a function's body is named ``node/value``. Those inside the body of a Scan,
        Loop or If have no name here, because they have another value at every step.
        """
        return tuple(name for name, slot in self._program.names.items() if slot != MISSING)

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute `outputs`, which may be any of `values`, and only the nodes that they need.

        The arrays returned share no memory with the feeds or with the model.

        Raises
        ------
        FeedError
            The feeds do not fit the model's inputs.
        RunnerError
            An output's name is not known, or a file of mapped weights was changed.
        NodeError
            A node failed.
        """
        names = output_names(outputs, self._names)
        self._files.check()
        memory, kinds = self._remembering(names), self._check(feeds)
        plan = memory.plan(kinds) if self._float_dtype is None else memory.full
        values = self._start(plan, feeds)
        before = allow(self._limits)  # `within` does the same, and takes a microsecond
        try:
            with np.errstate(all="ignore"):
                execute(plan.plain, values)
        finally:
            allow_again(before)
        memory.learn(plan)
        fed = [value for value in feeds.values() if isinstance(value, np.ndarray)]
        return {
            name: _own(values[slot], fed) for name, slot in zip(names, plan.outputs, strict=True)
        }

    def profile(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> Profile:
        """Run once as `run` does, and return each node's time and the peak of memory.

        Raises
        ------
        RunnerError
            As `run`.
        """
        plan = self._schedule(output_names(outputs, self._names))
        self._files.check()
        self._check(feeds)
        values = self._start(plan, feeds)
        with np.errstate(all="ignore"), within(self._limits):
            return profiled(plan, values, time.perf_counter)

    def _start(self, plan: Schedule, feeds: Mapping[str, Any]) -> list[Any]:
        values = plan.start([self._fed(feeds[info.name]) for info in self.inputs])
        for slot, default in self._program.defaults.items():
            values[slot] = default
        for info in self._optional:
            if info.name in feeds:
                values[self._program.names[info.name]] = self._fed(feeds[info.name])
        return values

    def _fed(self, value: Any) -> Any:
        if type(value) is not np.ndarray and isinstance(value, (np.ndarray, np.generic)):
            value = np.asarray(value)
        return value if self._float_dtype is None else widen(value, self._float_dtype)

    def _schedule(self, names: tuple[str, ...]) -> Schedule:
        return self._remembering(names).full

    def _remembering(self, names: tuple[str, ...]) -> Remembering:
        if names not in self._schedules:
            self._schedules[names] = self._new_schedule(names)
        return self._schedules[names]

    def _new_schedule(self, names: tuple[str, ...]) -> Remembering:
        own = dict(zip(self._names, self._program.outputs, strict=True))
        slots = {**self._program.names, **own}
        unknown = [name for name in names if name not in slots]
        if unknown:
            raise FeedError(
                f"the model has no value {unknown[0]!r}",
                f"ask for an output ({', '.join(self._names)}) or for one of runner.values",
            )
        plan = Remembering(self._program, [slots[name] for name in names])
        absent = [row.function for row in made(plan.full.rows) if row.step.source == "none"]
        if absent:
            absent[0]()
        return plan


def _own(value: Any, fed: Sequence[NDArray[Any]]) -> Any:
    """Return an array for a NumPy scalar, a copy for what shares memory or lies out of order."""
    if isinstance(value, np.ndarray):
        flags = value.flags
        plain = flags.c_contiguous and flags.writeable
        return value if plain and not _shares(value, fed) else value.copy()
    if isinstance(value, list):
        return [_own(item, fed) for item in value]
    return np.asarray(value) if isinstance(value, np.generic) else value


def _shares(value: NDArray[Any], fed: Sequence[NDArray[Any]]) -> bool:
    """Whether an array may share memory with one that was fed: no view does so by being it."""
    if value.base is None:
        return any(value is array for array in fed)
    return any(np.may_share_memory(value, array) for array in fed)
