"""Inputs and outputs bound once, so that a benchmark times the model and not the copies."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ..errors import NodeError
from ..runner import TensorInfo
from .library import one_line
from .native import DEVICES
from .session import Session
from .values import from_ort_value, to_ort_value


class BoundRun:
    """A model with its inputs on the provider's device; calling it runs the model once.

    Outputs stay on the device until :meth:`outputs` copies them; the call returns when they are
    complete.
    """

    def __init__(
        self, session: Session, feeds: Mapping[str, NDArray[Any]], outputs: tuple[TensorInfo, ...]
    ) -> None:
        self._native = session.native
        self._outputs = outputs
        self._binding = session.native.io_binding()
        self.device = DEVICES.get(session.spec.ort_name, "cpu")
        device_id = int(session.provider_options.get("device_id", 0))
        # Bound values do not keep the arrays alive that they share memory with.
        self._held = dict(feeds)
        for name, array in feeds.items():
            self._binding.bind_ortvalue_input(name, self._placed(session, array, device_id))
        for info in outputs:
            self._binding.bind_output(info.name, self.device, device_id)

    def __call__(self) -> None:
        """Run the model once.

        Raises
        ------
        NodeError
            The model failed while it ran.
        """
        try:
            self._native.run_with_iobinding(self._binding)
            if self.device != "cpu":
                self._binding.synchronize_outputs()
        except Exception as error:
            raise NodeError(
                f"the bound model failed while it ran: {one_line(error)}",
                "run it without binding, or on='numpy', which names the node",
            ) from error

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Copy the last run's outputs to the CPU."""
        values = self._binding.get_outputs()
        if self.device != "cpu":
            return {
                info.name: array
                for info, array in zip(
                    self._outputs, self._binding.copy_outputs_to_cpu(), strict=True
                )
            }
        return {
            info.name: from_ort_value(value, info)
            for info, value in zip(self._outputs, values, strict=True)
        }

    def _placed(self, session: Session, array: NDArray[Any], device_id: int) -> Any:
        if self.device == "cpu":
            return to_ort_value(session.ort, array)
        return session.ort.OrtValue.ortvalue_from_numpy(array, self.device, device_id)
