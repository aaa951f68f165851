"""Quantizing with proof: every choice measured against the float model, one of them kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from numpy.typing import NDArray

from ...graphs.quantization.report import NodeReport
from ...graphs.quantization.run import Quantization, quantize
from ...runtime import RunnerError
from ..errors import BenchError
from .against import Damage, measure_damage

Arrays = Mapping[str, NDArray[Any]]

WORTH_CHANNELS = 0.8
"""Scales per channel are kept where their error is below so much of that per array: products with
them take up to a fifth more time (onnxruntime 1.32, MatMulInteger of one row)."""


@dataclass(frozen=True)
class Choice:
    """One way of quantizing a model, and how far it is from the model."""

    per_channel: bool
    made: Quantization
    damage: Damage | None
    """None where the model could not be run."""
    note: str = ""
    """Why it could not."""

    @property
    def error(self) -> float | None:
        """The largest relative L2 error of an output, infinity where one is not finite."""
        if self.damage is None:
            return None
        rows = [row for rows in self.damage.outputs.values() for row in rows]
        return max((_error(row.rel_l2, row.max_abs) for row in rows), default=None)

    def error_of(self, node: NodeReport) -> float | None:
        """Return the relative L2 error that one layer makes alone, None where it is not known."""
        layers = self.damage.layers if self.damage is not None else ()
        errors = {layer.value: layer.alone for layer in layers}
        return next((errors[name] for name in node.outputs if name in errors), None)


def _error(rel_l2: float | None, max_abs: float | None) -> float:
    return float(max_abs or 0.0) if rel_l2 is None else rel_l2


def quantize_measured(
    model: onnx.ModelProto,
    feeds: Arrays | None,
    per_channel: Sequence[bool],
    *,
    made_up: bool,
    **options: Any,
) -> list[Choice]:
    """Quantize in each way, measure on exact integers, and return the ways, the one to keep first.

    That is the nearest one, but scales per channel must be nearer by a fifth.

    `feeds` are all inputs, or None where nothing is known to run the model with. Those that were
    `made_up` need not fit: then the error is not known. `options` are those of
    :func:`~onnxwright.graphs.quantization.run.quantize`.

    Raises
    ------
    QuantizationError
        The model cannot be quantized.
    RunnerError
        It does not take the feeds that were given.
    """
    choices = []
    for each in per_channel:
        made = quantize(model, per_channel=each, **options)
        damage, note = None, "no inputs were given, and none could be made up"
        if feeds is not None:
            try:
                damage, note = measure_damage(made.model, model, {"numpy": {}}, feeds), ""
            except (RunnerError, BenchError) as error:
                if not made_up:
                    raise
                note = error.problem
        choices.append(Choice(each, made, damage, note))
    return sorted(choices, key=_cost)


def _cost(choice: Choice) -> float:
    """Return the error, of scales per channel as much larger as they must be nearer."""
    if choice.error is None:
        return float("inf")
    return choice.error / WORTH_CHANNELS if choice.per_channel else choice.error
