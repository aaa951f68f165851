"""RNN, GRU and LSTM as the operator specification writes them, row by row and step by step.

Slow on purpose: one row of the batch, one direction and one gate at a time, in float64, with none
of the kernels' code.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Function = Callable[[Array], Array]
Step = Callable[[Array, tuple[Array, ...]], tuple[Array, ...]]

# name -> (function of x, alpha, beta; default alpha; default beta), None for no such parameter.
ACTIVATIONS: dict[str, tuple[Callable[[float, Any, Any], float], float | None, float | None]] = {
    "relu": (lambda x, a, b: max(0.0, x), None, None),
    "tanh": (lambda x, a, b: math.tanh(x), None, None),
    "sigmoid": (lambda x, a, b: 1 / (1 + math.exp(-max(x, -700.0))), None, None),
    "affine": (lambda x, a, b: a * x + b, 1.0, 0.0),
    "leakyrelu": (lambda x, a, b: x if x >= 0 else a * x, 0.01, None),
    "thresholdedrelu": (lambda x, a, b: x if x >= a else 0.0, 1.0, None),
    "scaledtanh": (lambda x, a, b: a * math.tanh(b * x), 1.0, 1.0),
    "hardsigmoid": (lambda x, a, b: min(max(a * x + b, 0.0), 1.0), 0.2, 0.5),
    "elu": (lambda x, a, b: x if x >= 0 else a * (math.exp(x) - 1), 1.0, None),
    "softsign": (lambda x, a, b: x / (1 + abs(x)), None, None),
    "softplus": (
        lambda x, a, b: math.log(1 + math.exp(min(x, 40.0))) + max(x - 40.0, 0.0),
        None,
        None,
    ),
}
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
DEFAULTS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}


def recurrent_oracle(
    op: str, inputs: Sequence[Array | None], attributes: Mapping[str, Any]
) -> list[Array]:
    """Return Y, Y_h and, for LSTM, Y_c."""
    X, W, R, B, lens, h0, c0, P = (inputs[i] if i < len(inputs) else None for i in range(8))
    states = [h0, c0] if op == "LSTM" else [h0]
    assert X is not None
    assert W is not None
    assert R is not None
    batch_first = attributes.get("layout", 0) == 1
    if batch_first:
        X = X.transpose(1, 0, 2)
        states = [None if s is None else s.transpose(1, 0, 2) for s in states]
    steps, batch, _ = X.shape
    directions, _, hidden = R.shape
    Y = np.zeros((steps, directions, batch, hidden))
    finals = [np.zeros((directions, batch, hidden)) for _ in range(len(states))]
    functions = list(_functions(op, attributes, directions))
    for d in range(directions):
        step = make_step(
            op,
            W[d],
            R[d],
            np.zeros(2 * GATES[op] * hidden) if B is None else B[d],
            np.zeros(3 * hidden) if P is None else P[d],
            functions[d],
            attributes,
        )
        backwards = d == 1 or attributes.get("direction") == "reverse"
        for b in range(batch):
            length = steps if lens is None else int(lens[b])
            state = tuple(np.zeros(hidden) if s is None else s[d, b] for s in states)
            for t in reversed(range(length)) if backwards else range(length):
                state = step(X[t, b], state)
                Y[t, d, b] = state[0]
            for final, value in zip(finals, state, strict=True):
                final[d, b] = value
    if batch_first:
        return [Y.transpose(2, 0, 1, 3), *(final.transpose(1, 0, 2) for final in finals)]
    return [Y, *finals]


def _functions(op: str, attributes: Mapping[str, Any], directions: int) -> Iterator[list[Function]]:
    """Yield each direction's activations, clipped; parameters are consumed in order."""
    count = len(DEFAULTS[op])
    names = attributes.get("activations") or DEFAULTS[op] * directions
    alphas = list(attributes.get("activation_alpha") or [])
    betas = list(attributes.get("activation_beta") or [])
    flat = []
    for name in names:
        function, alpha, beta = ACTIVATIONS[name.lower()]
        a = alphas.pop(0) if alpha is not None and alphas else alpha
        b = betas.pop(0) if beta is not None and betas else beta
        flat.append(_elementwise(function, a, b, attributes.get("clip")))
    for d in range(directions):
        yield flat[d * count : (d + 1) * count]


def _elementwise(
    function: Callable[[float, Any, Any], float], a: Any, b: Any, clip: float | None
) -> Function:
    def apply(values: Array) -> Array:
        bound = math.inf if clip is None else clip
        return np.array([function(min(max(v, -bound), bound), a, b) for v in values.tolist()])

    return apply


def make_step(
    op: str,
    W: Array,
    R: Array,
    B: Array,
    P: Array,
    functions: list[Function],
    attributes: Mapping[str, Any],
) -> Step:
    """Return the function from one input and the states to the new states (h first)."""
    w, r = np.split(W, GATES[op]), np.split(R, GATES[op])
    wb, rb = (np.split(half, GATES[op]) for half in np.split(B, 2))
    p = np.split(P, 3)

    def rnn(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        (f,) = functions
        return (f(w[0] @ x + r[0] @ state[0] + wb[0] + rb[0]),)

    def gru(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        f, g = functions
        h = state[0]
        zt = f(w[0] @ x + r[0] @ h + wb[0] + rb[0])
        rt = f(w[1] @ x + r[1] @ h + wb[1] + rb[1])
        if attributes.get("linear_before_reset", 0) != 0:
            ht = g(w[2] @ x + rt * (r[2] @ h + rb[2]) + wb[2])
        else:
            ht = g(w[2] @ x + r[2] @ (rt * h) + rb[2] + wb[2])
        return ((1 - zt) * ht + zt * h,)

    def lstm(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        f, g, h = functions
        H, C = state
        it = f(w[0] @ x + r[0] @ H + p[0] * C + wb[0] + rb[0])
        ft = f(w[2] @ x + r[2] @ H + p[2] * C + wb[2] + rb[2])
        if attributes.get("input_forget", 0) == 1:
            ft = 1 - it
        ct = g(w[3] @ x + r[3] @ H + wb[3] + rb[3])
        new = ft * C + it * ct
        ot = f(w[1] @ x + r[1] @ H + p[1] * new + wb[1] + rb[1])
        return ot * h(new), new

    return {"RNN": rnn, "GRU": gru, "LSTM": lstm}[op]
