"""Tensors that are all batch, at a server that has them as columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright.runtime import ProviderError
from onnxwright.runtime.protocol.sequences import Step
from onnxwright.runtime.remote.columns import as_columns
from onnxwright.runtime.remote.counts import Counts
from onnxwright.runtime.remote.served import Served, Signature, agreed
from onnxwright.runtime.runner import TensorInfo

Shape = tuple[int | str | None, ...]
LOCAL = Signature(
    (
        TensorInfo("x", np.dtype("float32"), ("batch", 3)),
        TensorInfo("lengths", np.dtype("int32"), ("batch",)),
    ),
    (),
    (TensorInfo("sum", np.dtype("int32"), ("batch",)),),
)


def served(*column: int | None) -> Served:
    inputs = (
        TensorInfo("x", np.dtype("float32"), (None, 3)),
        TensorInfo("lengths", np.dtype("int32"), column),
    )
    return Served("s", inputs, (TensorInfo("sum", np.dtype("int32"), column),))


class Doubling:
    """A server that doubles lengths, and wants the shape that it described."""

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def describe(self) -> Served:
        return served(None, 1)

    def ready(self) -> None:
        pass

    def counts(self) -> Counts | None:
        return None

    def infer(
        self,
        feeds: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        largest: int,
        step: Step | None = None,
    ) -> dict[str, NDArray[Any]]:
        np.testing.assert_equal((feeds["lengths"].ndim, feeds["x"].ndim), (self.rank, 2))
        return {"sum": 2 * feeds["lengths"]}


@pytest.mark.parametrize("column", [(None, 1), (None,)])
def test_rows_go_as_the_server_has_them_and_come_back_as_rows(column: Shape) -> None:
    described = served(*column)  # type: ignore[arg-type]
    signature = agreed("u", described, LOCAL)
    np.testing.assert_equal(signature.inputs[1].shape, ("batch",))
    transport = as_columns(Doubling(len(column)), described, signature)
    lengths = np.array([3, 1], np.int32)
    found = transport.infer({"x": np.ones((2, 3)), "lengths": lengths}, ["sum"], 1 << 20)
    np.testing.assert_array_equal(found["sum"], [6, 2])
    assert transport.ready() is None  # type: ignore[func-returns-value]
    np.testing.assert_equal((transport.counts(), transport.describe()), (None, served(None, 1)))


@pytest.mark.parametrize("column", [(None, 2), (2, 1), (None, None), (None, 1, 1)])
def test_other_shapes_are_another_model(column: Shape) -> None:
    with pytest.raises(ProviderError, match="input 'lengths' is int32"):
        agreed("u", served(*column), LOCAL)  # type: ignore[arg-type]
