"""RNN, GRU and LSTM in float32 against onnxruntime's CPU kernels, wherever these do the option.

Where they do not is listed, and asserted, in `test_recurrent_disagreements`.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from .node_case import Case, onnxruntime, plain
from .recurrent_cases import DIRECTIONS, LENGTHS, NAMES, OPS, grid
from .recurrent_oracle import ACTIVATIONS

pytest.importorskip("onnxruntime")

SEEDS = 4
LARGEST = 50.0
"""Unbounded activations may explode; beyond this, onnxruntime's Softplus overflows."""


def supported(case: Case) -> Case | None:
    """Return the case as onnxruntime can be asked for it, or None where it disagrees."""
    if case.attributes.get("layout") or (case.op == "LSTM" and "clip" in case.attributes):
        return None
    R = case.feeds()["R"]
    attributes = case.attributes | {"hidden_size": R.shape[2]}
    names = [name.lower() for name in attributes.get("activations", [])]
    if names:
        attributes["activations"] = [NAMES[name] for name in names]
        for position, key in ((1, "activation_alpha"), (2, "activation_beta")):
            given = list(attributes.get(key, []))
            takers = [name for name in names if ACTIVATIONS[name][position] is not None]
            defaults = [ACTIVATIONS[name][position] for name in takers]
            if takers:
                attributes[key] = given + defaults[len(given) :]
    return Case(case.op, case.opset, attributes, case.inputs).astype("float32")


def running_rows(case: Case) -> NDArray[np.bool_]:
    """Return which rows of the batch are not empty."""
    X, lens = case.feeds()["X"], case.feeds().get("sequence_lens")
    rows: NDArray[np.bool_] = np.ones(X.shape[1], bool) if lens is None else lens > 0
    return rows


@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("op", OPS)
def test_agrees_where_onnxruntime_supports_the_options(
    op: str, direction: str, lengths: str
) -> None:
    compared = 0
    for case in grid(op, direction, lengths, SEEDS):
        asked = supported(case)
        if asked is None:
            continue
        results = plain(asked)
        if max(abs(result).max() for result in results) > LARGEST:
            continue
        rows = running_rows(asked)
        for got, wanted in zip(results, onnxruntime(asked), strict=True):
            assert got.dtype == wanted.dtype
            np.testing.assert_allclose(
                got[..., rows, :], wanted[..., rows, :], rtol=1e-4, atol=1e-4, err_msg=str(asked)
            )
        compared += 1
    assert compared >= 2 * SEEDS
