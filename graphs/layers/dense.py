"""Fully connected layers and table look-ups."""

import numpy as np

from ..activations.emit import activate
from ..builder.builder import Builder
from ..errors import ValueMismatchError, WeightError
from ..values import Value
from ..weights import DenseWeights, EmbeddingWeights
from ..weights.arrays import ArrayLike, plain
from .checks import check_dtype, check_float, check_layout, check_size, take_weights


class Dense(Builder):
    """Adds ``dense`` and ``embedding``."""

    def dense(
        self,
        x: Value,
        weights: DenseWeights,
        *,
        activation: str | None = None,
        name: str | None = None,
    ) -> Value:
        """Return ``f(W x + b)`` over the last dim of `x`, of any rank.

        ``x`` is ``[..., in]``, ``W`` ``[out, in]``, ``b`` ``[out]``, the result ``[..., out]``.
        A matrix goes through ``Gemm(transB=1)``; at any other rank the weights are stored
        transposed and go through ``MatMul`` and ``Add``.

        Raises
        ------
        ValueMismatchError
            `x` has another size than the weights take, or is not of floats.
        """
        layer = self.layer_name("dense", name)
        label = f"dense '{layer}'"
        take_weights(self, layer, weights, DenseWeights, label)
        check_float(self.own(x, label), label)
        if x.rank == 0:
            raise ValueMismatchError(f"{label}: takes [..., in], got {x}", "give it a dim")
        check_dtype(x, self.dtype, label)
        check_size(x, -1, weights.input_size, label, "the columns of w")
        check_layout(self, x, weights, label)
        dims = (*x.dims[:-1], weights.output_size)
        bias = None if weights.b is None else self.weight(layer, "b", weights.b)
        if x.rank == 2:
            w = self.weight(layer, "W", weights.w)
            inputs = (x, w) if bias is None else (x, w, bias)
            y = self.emit("Gemm", *inputs, layer=layer, dims=dims, transB=1)
        else:
            y = self.emit("MatMul", x, self.weight(layer, "W", weights.w.T), layer=layer, dims=dims)
            if bias is not None:
                y = self.emit("Add", y, bias, layer=layer, dims=dims)
        return activate(self, y, activation, layer)

    def embedding(
        self, ids: Value, table: ArrayLike | EmbeddingWeights, *, name: str | None = None
    ) -> Value:
        """Return the rows of `table` that `ids` name.

        ``ids`` is ``[...]`` of int32 or int64, ``table`` ``[words, features]``, an array or its
        container; the result ``[..., features]``. A negative id counts from the end, as the
        operator ``Gather`` does.

        Raises
        ------
        WeightError
            `table` is no matrix of floats.
        ValueMismatchError
            `ids` is not of int32 or int64.
        """
        layer = self.layer_name("embedding", name)
        if isinstance(table, EmbeddingWeights):
            take_weights(self, layer, table, EmbeddingWeights, f"embedding '{layer}'")
            table = table.w
        rows = plain(table)
        if rows.ndim != 2:
            raise WeightError(
                f"embedding '{layer}': table has shape {list(rows.shape)}, "
                "needs [words, features]: one row of features per word",
                "give a matrix",
            )
        if self.own(ids, f"embedding '{layer}'").dtype not in (np.int32, np.int64):
            raise ValueMismatchError(
                f"embedding '{layer}': takes ids of int32 or int64, got {ids}",
                'declare the input with dtype="int64"',
            )
        weight = self.weight(layer, "table", rows)
        dims = (*ids.dims, rows.shape[1])
        return self.emit("Gather", weight, ids, layer=layer, dims=dims, axis=0)
