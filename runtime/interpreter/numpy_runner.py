"""The NumPy runtime: a model compiled once, then run, tapped and profiled."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from ..errors import RunnerError
from ..feeds import check_feeds
from . import kernels as _kernels  # noqa: F401  (registers them)
from .compiler import compile_model
from .dtypes import WIDENED, widen
from .plan import Schedule, execute, schedule
from .signature import signature


class NumpyRunner:
    """A model on NumPy: a :class:`~onnxwright.runtime.runner.Runner` that shows every value.

    Parameters
    ----------
    model
        The model, with its external data loaded.
    dtype
        ``"float64"`` makes it the judge: every float of the types float16, bfloat16, float32 and
        float64 is computed in float64, whatever the model says; see :mod:`.judge`.

    Raises
    ------
    ModelError
        The model is broken; an operator that the outputs need and that has no kernel counts too.
    """

    def __init__(self, model: onnx.ModelProto, *, dtype: Literal["float64"] | None = None) -> None:
        self._float_dtype = None if dtype is None else np.dtype(dtype)
        self.on = "numpy" if dtype is None else f"numpy:{dtype}"
        self.inputs, self._optional, self.outputs = signature(model, self._float_dtype)
        self._program = compile_model(model, self._float_dtype)
        self._schedules: dict[tuple[str, ...], Schedule] = {}
        self._names = tuple(info.name for info in self.outputs)
        self._schedule(self._names)

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute `outputs`, which may name any value of the main graph, and only what they need.

        A value inside a function's body is named ``node/value``. The arrays returned are the
        caller's own: nothing that a later run does changes them.

        Raises
        ------
        FeedError
            The feeds do not fit the model's inputs.
        RunnerError
            An output's name is not known.
        NodeError
            A node failed.
        """
        names = self._names if outputs is None else tuple(outputs)
        plan = self._schedule(names)
        values = self._start(plan, feeds)
        with np.errstate(all="ignore"):
            execute(plan.rows, values)
        return {name: _own(values[slot]) for name, slot in zip(names, plan.outputs, strict=True)}

    def _start(self, plan: Schedule, feeds: Mapping[str, Any]) -> list[Any]:
        also = () if self._float_dtype is None else WIDENED
        check_feeds(self.inputs, feeds, optional=self._optional, also=also)
        values = plan.start(
            widen(_fed(feeds[info.name]), self._float_dtype) for info in self.inputs
        )
        for slot, default in self._program.defaults.items():
            values[slot] = default
        for info in self._optional:
            if info.name in feeds:
                slot = self._program.names[info.name]
                values[slot] = widen(_fed(feeds[info.name]), self._float_dtype)
        return values

    def _schedule(self, names: tuple[str, ...]) -> Schedule:
        if names not in self._schedules:
            self._schedules[names] = self._new_schedule(names)
        return self._schedules[names]

    def _new_schedule(self, names: tuple[str, ...]) -> Schedule:
        own = dict(zip(self._names, self._program.outputs, strict=True))
        slots = {**self._program.names, **own}
        unknown = [name for name in names if name not in slots]
        if unknown:
            raise RunnerError(
                f"the model has no value {unknown[0]!r}",
                f"ask for an output ({', '.join(self._names)}) or a value between the nodes",
            )
        plan = schedule(self._program, [slots[name] for name in names])
        for row in plan.rows:
            if row[-1].source == "none":
                _refuse(row[0])
        return plan


def _refuse(absent: Any) -> None:
    absent()


def _fed(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, np.generic) else value


def _own(value: Any) -> Any:
    """Return an array for a NumPy scalar, and a copy for what is a constant or a view of one."""
    if isinstance(value, np.ndarray):
        return value if value.flags.writeable else value.copy()
    return np.asarray(value) if isinstance(value, np.generic) else value
