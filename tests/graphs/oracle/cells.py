"""One step of each recurrent cell, for one row: vectors in, vectors out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .functions import FUNCTIONS, Array, Function

State = tuple[Array, ...]
Step = Callable[[Array, State], State]
"""Takes x[t] and the state, returns the next state; its first part is what the layer gives."""
AnyArray = NDArray[Any]

sigmoid, tanh = FUNCTIONS["sigmoid"], FUNCTIONS["tanh"]


def _doubles(array: AnyArray) -> Array:
    return np.asarray(array, dtype=np.float64)


def _held(clip: float | None) -> Function:
    """Return the clip, which the specification puts before every activation."""
    if clip is None:
        return lambda x: x
    return lambda x: np.minimum(np.maximum(x, -clip), clip)


def _gates(w: AnyArray, r: AnyArray, b: AnyArray | None, count: int) -> tuple[Array, ...]:
    """Return the weights by gate: ``[count, H, I]``, ``[count, H, P]``, two ``[count, H]``."""
    hidden = len(w) // count
    bias = np.zeros(2 * len(w)) if b is None else _doubles(b)
    wb, rb = bias.reshape(2, count, hidden)
    return (
        _doubles(w).reshape(count, hidden, -1),
        _doubles(r).reshape(count, hidden, -1),
        wb,
        rb,
    )


def rnn(
    w: AnyArray,
    r: AnyArray,
    b: AnyArray | None = None,
    *,
    f: Function = tanh,
    clip: float | None = None,
) -> Step:
    """``h' = f(W x + wb + R h + rb)``."""
    (W,), (R,), (wb,), (rb,) = _gates(w, r, b, 1)
    held = _held(clip)

    def step(x: Array, state: State) -> State:
        return (f(held(W @ x + wb + R @ state[0] + rb)),)

    return step


def lstm(
    w: AnyArray,
    r: AnyArray,
    b: AnyArray | None = None,
    *,
    functions: Sequence[Function] = (sigmoid, tanh, tanh),
    p: AnyArray | None = None,
    lecture: bool = False,
    coupled: bool = False,
    projection: AnyArray | None = None,
    clip: float | None = None,
) -> Step:
    """Gates in the order i, o, f, c; `p` in the order i, o, f, and with `lecture` c.

    ::

        zi = f(Wi x + Ri h + bi + pi c)      zf = f(... + pf c), or 1 - zi when coupled
        z  = g(Wc x + Rc h + bc)             c' = zf c + zi z
        zo = f(Wo x + Ro h + bo + po c')     h' = zo h(c')

    In the lecture's form zo sees c in place of c', and z sees pc c.
    """
    W, R, wb, rb = _gates(w, r, b, 4)
    hidden = W.shape[1]
    peepholes = np.zeros((4, hidden))
    if p is not None:
        given = _doubles(p).reshape(-1, hidden)
        peepholes[: len(given)] = given
    pi, po, pf, pc = peepholes
    f, g, last = functions
    held = _held(clip)

    def step(x: Array, state: State) -> State:
        h, c = state
        ai, ao, af, ac = (W[k] @ x + wb[k] + R[k] @ h + rb[k] for k in range(4))
        zi = f(held(ai + pi * c))
        zf = 1 - zi if coupled else f(held(af + pf * c))
        z = g(held(ac + pc * c))
        new = zf * c + zi * z
        zo = f(held(ao + po * (c if lecture else new)))
        out = zo * last(held(new))
        return (out if projection is None else _doubles(projection) @ out), new

    return step


def gru(
    w: AnyArray,
    r: AnyArray,
    b: AnyArray | None = None,
    *,
    functions: Sequence[Function] = (sigmoid, tanh),
    reset_after: bool,
    clip: float | None = None,
) -> Step:
    """Gates in the order z, r, h.

    ::

        z = f(Wz x + Rz h + bz)                    r = f(Wr x + Rr h + br)
        before: n = g(Wh x + Rh (r h) + bh)        after: n = g(Wh x + wbh + r (Rh h + rbh))
        h' = (1 - z) n + z h
    """
    W, R, wb, rb = _gates(w, r, b, 3)
    f, g = functions
    held = _held(clip)

    def step(x: Array, state: State) -> State:
        (h,) = state
        z = f(held(W[0] @ x + wb[0] + R[0] @ h + rb[0]))
        r = f(held(W[1] @ x + wb[1] + R[1] @ h + rb[1]))
        inner = r * (R[2] @ h + rb[2]) if reset_after else R[2] @ (r * h) + rb[2]
        return ((1 - z) * g(held(W[2] @ x + wb[2] + inner)) + z * h,)

    return step
