"""Checks that several layers make of the values they take."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..builder.builder import Builder
from ..errors import GraphError, ValueMismatchError
from ..given import whole
from ..values import Value
from ..weights.base import Weights
from ..weights.recurrent import RecurrentWeights


def check_float(x: Value, label: str) -> None:
    """Refuse a value of integers or bools where the layer computes in floats.

    Raises
    ------
    ValueMismatchError
        `x` is not of floats.
    """
    if np.issubdtype(x.dtype, np.integer) or x.dtype == np.bool_:
        raise ValueMismatchError(
            f"{label}: takes floats, got {x}",
            "declare the input with a float dtype, or look ids up with embedding first",
        )


def check_dtype(x: Value, needed: np.dtype[Any], label: str) -> None:
    """Refuse a value of another dtype than the network's, which is also that of the weights.

    Raises
    ------
    ValueMismatchError
        The dtype is another.
    """
    if x.dtype != needed:
        raise ValueMismatchError(
            f"{label}: takes {needed.name}, which the network computes in, got {x}",
            f"declare the input with that dtype, or make it Network(..., dtype='{x.dtype.name}')",
        )


def check_size(x: Value, axis: int, needed: int, label: str, why: str) -> None:
    """Refuse a value whose dim at `axis` is not the fixed size that the weights need.

    Raises
    ------
    ValueMismatchError
        The dim has another size, or none that is known.
    """
    dim = x.dims[axis]
    if dim != needed:
        got = "?" if dim is None else dim
        raise ValueMismatchError(
            f"{label}: takes {needed} at dim {axis} ({why}), got {got} in {x}",
            "check which layer feeds this one"
            if isinstance(dim, int)
            else f"give that dim its fixed size, {needed}, where the value comes in",
        )


def check_rank(x: Value, ranks: Iterable[int], label: str, form: str) -> None:
    """Refuse a value of another rank than one of `ranks`; `form` describes what is taken.

    Raises
    ------
    ValueMismatchError
        The rank is another.
    """
    if x.rank not in set(ranks):
        raise ValueMismatchError(
            f"{label}: takes {form}, got {x}", "reshape or flatten the value first"
        )


def check_axis(x: Value, axis: int, label: str) -> int:
    """Return `axis` counted from the front.

    Raises
    ------
    ValueMismatchError
        `x` has no such dim.
    """
    if not -x.rank <= whole(axis, f"{label}: axis") < x.rank:
        raise ValueMismatchError(
            f"{label}: there is no dim {axis} in {x}", f"use one of {-x.rank} to {x.rank - 1}"
        )
    return axis % x.rank


def check_same_dtype(values: Iterable[Value], label: str) -> None:
    """Refuse values of different dtypes.

    Raises
    ------
    ValueMismatchError
        Two dtypes differ.
    """
    first, *rest = values
    for value in rest:
        if value.dtype != first.dtype:
            raise ValueMismatchError(
                f"{label}: takes values of one dtype, got {first} and {value}",
                "declare the inputs with one dtype",
            )


def check_layout(net: Builder, x: Value, weights: Weights, label: str) -> None:
    """Refuse weights from Keras, which flattens channels last, where `x` is flattened otherwise.

    Raises
    ------
    ValueMismatchError
        `x` was flattened with its channels first.
    """
    image = net.layouts.flattened(x) if weights.source == "keras" else None
    if image is not None:
        raise ValueMismatchError(
            f"{label}: the weights are from Keras, which flattens channels last, but {x} is "
            f"{image} flattened channels first",
            "use flatten(..., channels_last=True); channels_last=False says that the order "
            "is right as it is",
        )


def check_covers_no_cell(x: Value, weights: RecurrentWeights, label: str) -> None:
    """Refuse matrices over ``[x; h; c]`` that were taken for some over ``[x; h]``.

    Raises
    ------
    ValueMismatchError
        They have as many columns more than x and h need as c would take.
    """
    beyond = weights.input_size - weights.hidden_size
    if weights.source == "gates" and len(weights.gates) == 4 and x.dims[2] == beyond > 0:
        raise ValueMismatchError(
            f"{label}: the gates' matrices have {weights.hidden_size} columns more than "
            f"[x; h] has rows ({x.dims[2]} and {weights.hidden_size}): they seem to cover c",
            "say which net with peepholes it is: from_gates(..., peephole='lecture') or 'onnx'",
        )


def take_weights(net: Builder, layer: str, weights: Any, kind: type[Weights], label: str) -> None:
    """Refuse weights in another container than the layer's; record where the others come from.

    Raises
    ------
    GraphError
        `weights` is something else.
    """
    if not isinstance(weights, kind):
        raise GraphError(
            f"{label}: takes {kind.__name__}, got {type(weights).__name__}",
            f"put the arrays into {kind.__name__}(...)",
        )
    net.sources.setdefault(weights.source, []).append(layer)
    named_alike = (layer, 0 if isinstance(weights, RecurrentWeights) else None)
    if weights.origin not in (None, named_alike):
        net.origins[layer] = weights.origin
