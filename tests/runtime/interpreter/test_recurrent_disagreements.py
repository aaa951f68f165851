"""Where onnxruntime (CPU, 1.32) and onnx.reference (1.23) leave RNN, GRU and LSTM as specified.

Every row of the tables is a fact that is asserted: a test fails when the other side is mended,
and the row can go.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from .node_case import Case, onnxruntime, plain, reference

Array = NDArray[Any]
pytest.importorskip("onnxruntime")
STEPS, BATCH, SIZE, HIDDEN = 4, 3, 2, 3
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def make(op: str, dtype: str = "float32", **options: Any) -> Case:
    """Return a case with a bias and initial states; `lens` is no attribute but an input."""
    rng, rows = np.random.default_rng(7), GATES[op] * HIDDEN
    lens, peephole = options.pop("lens", None), options.pop("peephole", False)
    initial = (BATCH, 1, HIDDEN) if options.get("layout") else (1, BATCH, HIDDEN)
    shapes = [(1, rows, SIZE), (1, rows, HIDDEN), (1, 2 * rows)]
    x = (BATCH, STEPS, SIZE) if options.get("layout") else (STEPS, BATCH, SIZE)
    inputs = [rng.standard_normal(shape).astype(dtype) for shape in (x, *shapes)]
    states = [rng.standard_normal(initial).astype(dtype) for _ in range(1 + (op == "LSTM"))]
    weights = [rng.standard_normal((1, 3 * HIDDEN)).astype(dtype)] if peephole else []
    lengths = None if lens is None else np.array(lens, "int32")
    attributes = {"hidden_size": HIDDEN} | options
    given = {name: value for name, value in attributes.items() if value is not None}
    return Case(op, 14, given, [*inputs, lengths, *states, *weights])


def agrees(run: Callable[[Case], list[Array]], case: Case) -> bool:
    """Whether a runtime computes what the kernel does."""
    return all(
        np.allclose(a, b, rtol=1e-4, atol=1e-4) for a, b in zip(plain(case), run(case), strict=True)
    )


def custom(op: str, f: str, **parameters: Any) -> Case:
    """Return a case whose gates and candidate all use the function `f`."""
    return make(op, activations=[f] * {"RNN": 1, "GRU": 2, "LSTM": 3}[op], **parameters)


# onnx.reference is the other side here, not what is tested, and its answers change with onnx.
of_this_reference = pytest.mark.skipif(
    tuple(map(int, onnx.__version__.split(".")[:2])) < (1, 23),
    reason="the tables are of onnx.reference 1.23",
)

# case -> why onnxruntime computes something else
WRONG_IN_ONNXRUNTIME = {
    "RNN zero length": make("RNN", lens=[4, 0, 2]),
    "GRU zero length": make("GRU", lens=[4, 0, 2]),
    "LSTM zero length": make("LSTM", lens=[4, 0, 2]),  # Y_h and Y_c are 0, not the initial state
    "LSTM clip": make("LSTM", clip=0.2),  # C is not clipped before h (onnxruntime#27224)
    "Affine alone": custom("GRU", "Affine"),  # alpha and beta default to 0
    "ScaledTanh alone": custom("GRU", "ScaledTanh"),
    "ThresholdedRelu alone": custom("GRU", "ThresholdedRelu"),
}
REFUSED_BY_ONNXRUNTIME = {
    "RNN layout": make("RNN", layout=1),
    "GRU layout": make("GRU", layout=1),
    "LSTM layout": make("LSTM", layout=1),
    "RNN float64": make("RNN", "float64"),
    "GRU float64": make("GRU", "float64"),
    "LSTM float64": make("LSTM", "float64"),
    "RNN no hidden_size": make("RNN", hidden_size=None),
    "GRU no hidden_size": make("GRU", hidden_size=None),
    "LSTM no hidden_size": make("LSTM", hidden_size=None),
    "GRU clip 0": make("GRU", clip=0.0),
    "LSTM clip 0": make("LSTM", clip=0.0),
    "RNN name in lower case": custom("RNN", "tanh"),
}
# onnx.reference raises for none of these: it computes something else, without a word.
WRONG_IN_REFERENCE = {
    "RNN short": make("RNN", lens=[4, 1, 2]),
    "GRU short": make("GRU", lens=[4, 1, 2]),
    "LSTM short": make("LSTM", lens=[4, 1, 2]),
    "RNN clip": make("RNN", clip=0.2),
    "GRU clip": make("GRU", clip=0.2),
    "LSTM clip": make("LSTM", clip=0.2),
    "GRU activations": custom("GRU", "Relu"),
    "LSTM activations": custom("LSTM", "Relu"),
    "input_forget": make("LSTM", input_forget=1),
}
REFUSED_BY_REFERENCE = {
    "RNN activations": custom("RNN", "Relu"),
}


@pytest.mark.parametrize("case", WRONG_IN_ONNXRUNTIME.values(), ids=WRONG_IN_ONNXRUNTIME)
def test_onnxruntime_computes_something_else(case: Case) -> None:
    assert not agrees(onnxruntime, case)


@pytest.mark.parametrize("op", ["RNN", "GRU", "LSTM"])
def test_onnxruntime_ends_an_empty_row_in_zeros(op: str) -> None:
    case = make(op, lens=[4, 0, 2])
    for theirs, ours in zip(onnxruntime(case)[1:], plain(case)[1:], strict=True):
        np.testing.assert_array_equal(theirs[0, 1], 0)
        assert ours[0, 1].all()


@pytest.mark.parametrize("case", REFUSED_BY_ONNXRUNTIME.values(), ids=REFUSED_BY_ONNXRUNTIME)
def test_onnxruntime_refuses(case: Case) -> None:
    plain(case)
    with pytest.raises(Exception, match=r"ONNXRuntimeError|onnxruntime"):
        onnxruntime(case)


@of_this_reference
@pytest.mark.parametrize("case", WRONG_IN_REFERENCE.values(), ids=WRONG_IN_REFERENCE)
def test_reference_computes_something_else(case: Case) -> None:
    assert not agrees(reference, case)


@pytest.mark.parametrize("case", REFUSED_BY_REFERENCE.values(), ids=REFUSED_BY_REFERENCE)
def test_reference_refuses(case: Case) -> None:
    plain(case)
    with pytest.raises(Exception, match="Relu"):
        reference(case)


@pytest.mark.parametrize("op", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize(
    "run", [onnxruntime, pytest.param(reference, marks=of_this_reference)], ids=["cpu", "reference"]
)
def test_all_agree_on_what_all_support(run: Callable[[Case], list[Array]], op: str) -> None:
    assert agrees(run, make(op))
    assert agrees(run, make(op, direction="reverse"))


def test_onnxruntime_overflows_in_softplus() -> None:
    case = custom("RNN", "Softplus")
    ones = [None if a is None else np.ones_like(a) for a in case.inputs]
    large = replace(case, inputs=[np.full((STEPS, BATCH, SIZE), 100, "float32"), *ones[1:]])
    assert np.isfinite(plain(large)[0]).all()
    assert not np.isfinite(onnxruntime(large)[0]).any()
