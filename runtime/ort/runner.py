"""A model on one of onnxruntime's providers."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FeedError, NodeError
from ..feeds import FeedChecker, output_names
from ..runner import Described, TensorInfo
from .empty_feeds import aborts, check_not_empty, dividing
from .empty_inside import EmptyInside
from .io_binding import BoundRun
from .library import one_line
from .placement import Placement, Ran, assigned, read_profile
from .session import Session, open_session
from .taps import tapped_session
from .values import from_ort_value, is_foreign, native_info, to_ort_value


class OrtRunner(Described):
    """A loaded model on an onnxruntime provider; made by :func:`onnxwright.runtime.load`."""

    def __init__(
        self,
        session: Session,
        inputs: tuple[TensorInfo, ...],
        optional: tuple[TensorInfo, ...],
        outputs: tuple[TensorInfo, ...],
    ) -> None:
        self.on = session.spec.name
        self.inputs = inputs
        self._optional = optional
        self._fits = FeedChecker(inputs, optional)
        self.outputs = outputs
        self.session = session
        self._by_name = {info.name: info for info in outputs}
        self._foreign = any(is_foreign(info) for info in (*inputs, *outputs))
        ops = {row.op_type for row in assigned(session.native) or ()}
        self._aborts = aborts(ops, session.ort.__version__)
        inside = dividing(ops, session.ort.__version__)
        self._inside = EmptyInside(session.source, inside) if inside else None

    @property
    def precision(self) -> str | None:
        """How the provider computes float32 where that needs saying, else None."""
        return self.session.spec.stated_precision(self.session.provider_options)

    def bind(self, feeds: Mapping[str, NDArray[Any]]) -> BoundRun:
        """Put `feeds` on the provider's device and return a function that runs the model on them.

        Raises
        ------
        FeedError
            As for :meth:`run`.
        """
        self._check(feeds)
        arrays = {name: np.ascontiguousarray(value) for name, value in feeds.items()}
        return BoundRun(self.session, arrays, self.outputs)

    def tapped(self, names: Sequence[str]) -> "OrtRunner":
        """Return a runner of a copy of the model that also gives the main graph's values `names`.

        The copy may be fused in another way, so its own outputs may differ from this runner's.

        Raises
        ------
        ProviderError, ModelError
            onnxruntime refuses the model with these outputs.
        """
        session = tapped_session(self.session, names)
        known = {info.name for info in self.outputs}
        added = (native_info(value) for value in session.native.get_outputs())
        outputs = (*self.outputs, *(info for info in added if info.name not in known))
        return OrtRunner(session, self.inputs, self._optional, outputs)

    def placement(
        self, feeds: Mapping[str, NDArray[Any]] | None = None, *, runs: int = 3
    ) -> Placement:
        """Say which nodes run on which provider, and with `feeds` how the time is shared.

        The time comes from a profile of a second session with the same options: `runs` runs after
        one that warms up.
        """
        ran = None if feeds is None else self._profile(feeds, runs)
        return Placement(self.on, assigned(self.session.native), ran)

    def _profile(self, feeds: Mapping[str, NDArray[Any]], runs: int) -> tuple[Ran, ...]:
        with tempfile.TemporaryDirectory(prefix="onnxwright-profile-") as folder:
            options = replace(self.session.options, profile_prefix=f"{folder}/run")
            session = open_session(self.session.source, self.session.spec, options)
            runner = OrtRunner(session, self.inputs, self._optional, self.outputs)
            for _ in range(runs + 1):
                runner.run(feeds)
            return read_profile(Path(session.native.end_profiling()), skip_runs=1)

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Compute the named `outputs` (all when None) from `feeds`.

        Raises
        ------
        FeedError
            A feed is missing, unknown, or does not fit; an output is unknown.
        NodeError
            The model failed while it ran.
        """
        names = self._output_names(outputs)
        self._check(feeds)
        if not names:  # onnxruntime takes an empty list for all of them
            return {}
        arrays = {name: _fed(value) for name, value in feeds.items()}
        try:
            if not self._foreign:
                results = self.session.native.run(names, arrays)
                return dict(zip(names, results, strict=True))
            values = {name: to_ort_value(self.session.ort, array) for name, array in arrays.items()}
            found = self.session.native.run_with_ort_values(names, values)
        except Exception as error:
            raise NodeError(
                f"'{self.on}' failed while it ran the model: {one_line(error)}",
                "run it on='numpy', which names the node and its inputs",
            ) from error
        return {
            name: from_ort_value(value, self._by_name[name])
            for name, value in zip(names, found, strict=True)
        }

    def _check(self, feeds: Mapping[str, NDArray[Any]]) -> None:
        self._fits(feeds)
        check_not_empty(feeds, self._aborts)
        if self._inside is not None:
            self._inside.check(feeds)

    def _output_names(self, outputs: Sequence[str] | None) -> list[str]:
        names = list(output_names(outputs, self._by_name))
        for name in names:
            if name not in self._by_name:
                raise FeedError(
                    f"the model has no output '{name}'",
                    f"its outputs are {', '.join(self._by_name)}",
                )
        return names


def _fed(value: Any) -> Any:
    """Return a NumPy scalar as an array, which is all that onnxruntime takes."""
    return np.asarray(value) if isinstance(value, np.generic) else value
