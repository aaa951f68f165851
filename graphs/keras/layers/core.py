"""Dense layers, table look-ups, and the layer that makes a mask."""

import numpy as np

from ...lowering.directions import where
from ...weights import DenseWeights
from .. import activations
from ..masks import INT32, Mask, any_of, cast, differs
from ..registry import Call, keras_layer
from ..tensor import Tensor


@keras_layer("Dense", masking="keeps")
def dense(call: Call) -> Tensor:
    """Return ``f(x W + b)`` over the last dim, of any rank."""
    fields = call.fields
    fields.integer("units")
    names = ("kernel", "bias") if fields.flag("use_bias", True) else ("kernel",)
    weights = DenseWeights.from_keras(call.vault.take(call.label, *names))
    y = call.net.dense(call.value(), weights, name=call.name())
    return activations.apply(call, Tensor(y))


@keras_layer("Embedding", masking="own")
def embedding(call: Call) -> Tensor:
    """Return rows of a table; with ``mask_zero`` the id 0 is masked."""
    fields, ops = call.fields, call.ops
    fields.integer("output_dim")
    (table,) = call.vault.take(call.label, "embeddings")
    given = call.value()
    ids = given
    if ids.dtype not in (np.int32, np.int64):
        ids = cast(ops, ids, INT32, np.int32)
    rows = Tensor(call.net.embedding(ids, table, name=call.name()))
    if not fields.flag("mask_zero", False):
        return rows
    if ids.rank != 2:
        raise call.refuse(f"mask_zero over {ids.rank - 1} dims of ids cannot be followed")
    return rows.masked(Mask(ops, lambda: differs(ops, ids, 0)))


@keras_layer("Masking", masking="own")
def masking(call: Call) -> Tensor:
    """Mask the steps whose numbers are all `mask_value`, and make them 0."""
    ops, x = call.ops, call.value()
    if x.rank != 3:
        raise call.refuse(f"takes [batch, time, features], got {x}")
    valid = any_of(ops, differs(ops, x, call.fields.number("mask_value", 0.0)), 2)
    zero = call.net.scalar(call.layer, 0.0, x.dtype)
    return Tensor(where(ops, ops.unsqueeze(valid, 2), x, zero), mask=Mask(ops, lambda: valid))
