"""Activations by name, with their parameters in one notation: ``"leaky_relu(alpha=0.1)"``."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..errors import GraphError

PARAMETERS: dict[str, dict[str, float]] = {
    "identity": {},
    "affine": {"alpha": 1.0, "beta": 0.0},
    "celu": {"alpha": 1.0},
    "clip": {"min": 0.0, "max": 1.0},
    "elu": {"alpha": 1.0},
    "exp": {},
    "gelu": {},
    "gelu_tanh": {},
    "hard_sigmoid": {"alpha": 0.2, "beta": 0.5},
    "hard_swish": {},
    "leaky_relu": {"alpha": 0.01},
    "log_softmax": {},
    "mish": {},
    "relu": {},
    "relu6": {},
    "scaled_tanh": {"alpha": 1.0, "beta": 1.0},
    "selu": {"alpha": 1.67326319217681884765625, "gamma": 1.05070102214813232421875},
    "sigmoid": {},
    "silu": {},
    "softmax": {},
    "softplus": {},
    "softsign": {},
    "tanh": {},
    "thresholded_relu": {"alpha": 1.0},
}
"""Every activation, with its parameters' defaults (those of the ONNX operator of that name)."""

CELL_OPS = {
    "identity": "Affine",
    "affine": "Affine",
    "elu": "Elu",
    "hard_sigmoid": "HardSigmoid",
    "leaky_relu": "LeakyRelu",
    "relu": "Relu",
    "scaled_tanh": "ScaledTanh",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "tanh": "Tanh",
    "thresholded_relu": "ThresholdedRelu",
}
"""The activations that the RNN, LSTM and GRU operators know, by the operators' names for them."""

_NOTATION = re.compile(r"(?P<name>\w+)(\((?P<parameters>[^()]*)\))?")


@dataclass(frozen=True)
class Activation:
    """An activation's name and the value of each of its parameters."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        changed = {k: v for k, v in self.parameters.items() if v != PARAMETERS[self.name][k]}
        inner = ", ".join(f"{key}={value:g}" for key, value in changed.items())
        return f"{self.name}({inner})" if inner else self.name


def parse_activation(text: str, label: str = "") -> Activation:
    """Read an activation such as ``"tanh"`` or ``"hard_sigmoid(alpha=0.2, beta=0.5)"``.

    `label` names in errors the layer that it is for.

    >>> parse_activation("elu(alpha=0.5)")
    Activation(name='elu', parameters={'alpha': 0.5})
    >>> parse_activation("leaky_relu").parameters
    {'alpha': 0.01}

    Raises
    ------
    GraphError
        The name or a parameter is unknown, or a parameter is no number.
    """
    where = f"{label}: " if label else ""
    match = _NOTATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise GraphError(
            f"{where}activation {text!r} is not written as name or name(parameter=number)",
            "write for example 'tanh' or 'leaky_relu(alpha=0.1)'",
        )
    name = "identity" if match["name"] == "linear" else match["name"]
    if name not in PARAMETERS:
        near = get_close_matches(name, PARAMETERS, n=1)
        raise GraphError(
            f"{where}activation '{name}' is not known",
            f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(PARAMETERS)}",
        )
    return Activation(name, _parse_parameters(name, match["parameters"] or "", where))


def _parse_parameters(name: str, text: str, where: str) -> dict[str, float]:
    parameters = dict(PARAMETERS[name])
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = (piece.strip() for piece in part.partition("="))
        if key not in parameters:
            known = ", ".join(parameters) or "none"
            raise GraphError(
                f"{where}activation '{name}' has no parameter '{key}'", f"it has: {known}"
            )
        parameters[key] = _finite(value)
        if math.isnan(parameters[key]):
            raise GraphError(
                f"{where}activation '{name}': {key}={value!r} is not a finite number",
                f"write for example {name}({key}={PARAMETERS[name][key]:g})",
            )
    return parameters


def _finite(text: str) -> float:
    """Return the number that a text is, NaN for anything but a finite one."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
