"""RNN, GRU and LSTM in float32 against onnxruntime's CPU kernels, wherever these do the option.

Where they do not is listed, and asserted, in `test_recurrent_disagreements`.
"""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import onnxwright.runtime.interpreter.kernels  # noqa: F401 (registers the kernels)
from onnxwright.runtime.interpreter.registry import find

from .recurrent_cases import DIRECTIONS, LENGTHS, NAMES, OPS, Case, grid
from .recurrent_oracle import ACTIVATIONS

ort = pytest.importorskip("onnxruntime")

SEEDS = 4
LARGEST = 50.0
"""Unbounded activations may explode; beyond this, onnxruntime's Softplus overflows."""


def own(case: Case) -> tuple[NDArray[Any], ...]:
    kernel = find("", case.op, case.opset)
    assert kernel is not None
    result: tuple[NDArray[Any], ...] = kernel(*case.inputs, **case.attributes)
    return result


def other(case: Case) -> list[NDArray[Any]]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(
        case.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    result: list[NDArray[Any]] = session.run(None, case.feeds())
    return result


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
        results = own(asked)
        if max(abs(result).max() for result in results) > LARGEST:
            continue
        rows = running_rows(asked)
        for got, wanted in zip(results, other(asked), strict=True):
            assert got.dtype == wanted.dtype
            np.testing.assert_allclose(
                got[..., rows, :], wanted[..., rows, :], rtol=1e-4, atol=1e-4, err_msg=str(asked)
            )
        compared += 1
    assert compared >= 2 * SEEDS
