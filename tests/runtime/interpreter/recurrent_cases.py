"""Generated single-node cases of RNN, GRU and LSTM, over all their options."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .node_case import Case
from .recurrent_oracle import ACTIVATIONS, DEFAULTS, GATES

Array = NDArray[Any]

OPS = ("RNN", "GRU", "LSTM")
DIRECTIONS = ("forward", "reverse", "bidirectional")
LENGTHS = ("absent", "short", "zero")
NAMES = {
    "relu": "Relu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "affine": "Affine",
    "leakyrelu": "LeakyRelu",
    "thresholdedrelu": "ThresholdedRelu",
    "scaledtanh": "ScaledTanh",
    "hardsigmoid": "HardSigmoid",
    "elu": "Elu",
    "softsign": "Softsign",
    "softplus": "Softplus",
}


def grid(op: str, direction: str, lengths: str, seeds: int) -> Iterator[Case]:
    """Yield `seeds` random cases for every combination of the options that have few values."""
    peepholes = (False, True) if op == "LSTM" else (False,)
    flags = (0,) if op == "RNN" else (0, 1)
    choices = product((0, 1), (None, 0.4), (False, True), peepholes, flags, range(seeds))
    position = OPS.index(op), DIRECTIONS.index(direction), LENGTHS.index(lengths)
    for number, (layout, clip, custom, peephole, flag, _) in enumerate(choices):
        yield random_case(
            np.random.default_rng([*position, number]),
            op,
            direction=direction,
            lengths=lengths,
            layout=layout,
            clip=clip,
            custom=custom,
            peephole=peephole,
            flag=flag,
        )


def random_case(
    rng: np.random.Generator,
    op: str,
    *,
    direction: str = "forward",
    lengths: str = "absent",
    layout: int = 0,
    clip: float | None = None,
    custom: bool = False,
    peephole: bool = False,
    flag: int = 0,
) -> Case:
    """Return a case with the given options; sizes, weights and the other options are random."""
    directions = 2 if direction == "bidirectional" else 1
    steps, batch, size, hidden = (int(n) for n in rng.integers(1, [6, 5, 4, 5]))
    attributes: dict[str, Any] = {"direction": direction}
    attributes |= {"layout": 1} if layout else {}
    attributes |= {} if clip is None else {"clip": clip}
    attributes |= {"hidden_size": hidden} if rng.random() < 0.7 else {}
    if flag and op != "RNN":
        attributes["input_forget" if op == "LSTM" else "linear_before_reset"] = 1
    if custom:
        attributes |= random_activations(rng, len(DEFAULTS[op]) * directions)
    rows, state = GATES[op] * hidden, (directions, batch, hidden)
    if layout:
        state = (batch, directions, hidden)

    def weights(*shape: int) -> Array:
        return 0.4 * rng.standard_normal(shape)  # small: unbounded gates must not explode

    def maybe(*shape: int, chance: float = 0.5) -> Array | None:
        return weights(*shape) if rng.random() < chance else None

    inputs: list[Array | None] = [
        rng.standard_normal((batch, steps, size) if layout else (steps, batch, size)),
        weights(directions, rows, size),
        weights(directions, rows, hidden),
        maybe(directions, 2 * rows),
        random_lengths(rng, lengths, steps, batch),
        maybe(*state),
    ]
    if op == "LSTM":
        inputs += [maybe(*state), maybe(directions, 3 * hidden, chance=float(peephole))]
    while inputs[-1] is None:
        inputs.pop()
    opset = int(rng.choice([14, 22] if layout else [7, 14, 22]))
    return Case(op, opset, attributes, inputs)


def random_lengths(
    rng: np.random.Generator, kind: str, steps: int, batch: int
) -> NDArray[np.int32] | None:
    """Return lengths from 1 (short) or 0 (zero, at least one row) to the number of steps."""
    if kind == "absent":
        return None
    lens = rng.integers(1 if kind == "short" else 0, steps + 1, batch).astype(np.int32)
    if kind == "zero":
        lens[rng.integers(batch)] = 0
    return lens


def random_activations(rng: np.random.Generator, count: int) -> dict[str, Any]:
    """Return random functions, their names in any case, with all to none of the parameters."""
    names = [str(name) for name in rng.choice(sorted(ACTIVATIONS), count)]
    alphas = sum(ACTIVATIONS[name][1] is not None for name in names)
    betas = sum(ACTIVATIONS[name][2] is not None for name in names)
    spelled = [str(rng.choice([NAMES[name], name, name.upper()])) for name in names]
    chosen: dict[str, Any] = {"activations": spelled}
    for key, takers in (("activation_alpha", alphas), ("activation_beta", betas)):
        given = int(rng.integers(0, takers + 1))
        if given:
            chosen[key] = [float(np.float32(v)) for v in rng.uniform(0.1, 0.9, given)]
    return chosen
