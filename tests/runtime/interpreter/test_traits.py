"""What a kernel's registration says of it, held against what it does: every output of every node.

The nodes are those of ONNX's own backend suite, and a few that it has not.
"""

import inspect
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter.attribute_binding import parameters
from onnxwright.runtime.interpreter.plan import Step
from onnxwright.runtime.interpreter.registry import registrations
from onnxwright.runtime.interpreter.resolve import sized
from onnxwright.runtime.interpreter.run_limits import LimitError, RunLimits, within

from .test_backend_suite import EXCLUDED, cases, feeds_of

pytestmark = pytest.mark.filterwarnings("ignore")  # the suite itself casts with overflow
RANDOM = np.random.default_rng(7)
X = np.abs(RANDOM.standard_normal((2, 3, 4, 4))).astype(np.float32)
V = np.ones(3, np.float32)
EXTRA: dict[str, tuple[str, dict[str, Any], int]] = {
    "training of opset 7": (
        "y, a, b, c, d = BatchNormalization (x, s, s, s, s)",
        {"x": X, "s": V},
        7,
    ),
    "training of opset 9": (
        "y, a, b, c, d = BatchNormalization (x, s, s, s, s)",
        {"x": X, "s": V},
        9,
    ),
    "inference of opset 9": ("y = BatchNormalization (x, s, s, s, s)", {"x": X, "s": V}, 9),
    "old arithmetic": ("y = Add <broadcast = 1, axis = 1> (x, s)", {"x": X, "s": V}, 6),
    "one pixel": ("y = GlobalAveragePool (x)", {"x": X[:, :, :1, :1]}, 20),
    "a window of one": ("y = MaxPool <kernel_shape = [1, 1]> (x)", {"x": X}, 20),
    "an average of one": ("y = AveragePool <kernel_shape = [1, 1]> (x)", {"x": X}, 20),
    "one to join": ("y = Concat <axis = 0> (x)", {"x": X}, 20),
    "the power one": ("y = Pow (x, s)", {"x": X, "s": np.ones((), np.float32)}, 20),
    "times one": ("y = Mul (x, s)", {"x": X, "s": np.ones((), np.float32)}, 20),
    "always the same": (
        "y = Where (c, x, x)",
        {"x": X, "c": np.ones((), bool)},
        20,
    ),
    "the identity": ("y = MatMul (x, e)", {"x": X, "e": np.eye(4, dtype=np.float32)}, 20),
    "no bias": ("y = Gemm (e, e)", {"e": np.eye(4, dtype=np.float32)}, 20),
    "drawn": ("y = Multinomial <sample_size = 5, dtype = 1> (e)", {"e": np.eye(4, dtype="f4")}, 20),
    "a maximum of one": ("y = Max (x)", {"x": X}, 20),
}


@dataclass(frozen=True)
class Call:
    """A kernel's call: the step, what goes in, and what came out of two runs."""

    step: Step
    inputs: list[Any]
    first: list[Any]
    second: list[Any]


def model_of(text: str, feeds: dict[str, Any], opset: int) -> onnx.ModelProto:
    kinds = {"float32": "float", "bool": "bool"}
    inputs = ", ".join(
        f"{kinds[value.dtype.name]}[{','.join(map(str, value.shape))}] {name}".replace("[]", "")
        for name, value in feeds.items()
    )
    names = [name.strip() for name in text.partition("=")[0].split(",")]
    outputs = ", ".join(f"float[{'n' * (i + 1)}] {name}" for i, name in enumerate(names))
    head = f'<ir_version: 8, opset_import: ["" : {opset}]>'
    return onnx.parser.parse_model(f"{head}\ng ({inputs}) => ({outputs}) {{ {text} }}")


def calls(runner: NumpyRunner, feeds: dict[str, Any]) -> Iterator[Call]:
    """Run the model's first step twice by itself, where it is a kernel of ours."""
    plan = runner._schedule(tuple(info.name for info in runner.outputs))
    if len(plan.rows) != 1 or plan.rows[0][-1].source != "own":
        return
    values = plan.start([feeds.get(info.name) for info in runner.inputs])
    function, take, *_, step = plan.rows[0]
    inputs = list(take(values))
    with np.errstate(all="ignore"):
        first, second = (function(*inputs) for _ in range(2))
    yield Call(step, inputs, listed(first), listed(second))


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


@pytest.fixture(scope="module")
def made() -> list[Call]:
    """Return the calls of every single-node model that there is."""
    found: list[Call] = []
    for text, feeds, opset in EXTRA.values():
        found += calls(NumpyRunner(model_of(text, feeds, opset)), feeds)
    for case in cases():
        if case.name in EXCLUDED or len(case.model.graph.node) != 1:
            continue
        runner = NumpyRunner(case.model)
        for inputs, _ in case.data[:1]:
            found += calls(runner, feeds_of(case, runner, inputs))
    return found


def arrays(values: list[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, np.ndarray)]


def test_every_claim_is_met_by_a_node(made: list[Call]) -> None:
    met = {(call.step.node.op_type, call.step.traits) for call in made}
    newest = {each.op_type: each.traits for each in registrations() if each.until is None}
    missing = [op for op, traits in newest.items() if traits.fresh and (op, traits) not in met]
    np.testing.assert_equal(missing, [])


def test_fresh_outputs_share_no_memory_with_anything(made: list[Call]) -> None:
    fresh = [call for call in made if call.step.traits.fresh]
    wrong = [
        f"{call.step.node.op_type} of opset {call.step.node.opset}: output {place}"
        for call in fresh
        for place, output in enumerate(call.first)
        if isinstance(output, np.ndarray)
        and any(
            np.may_share_memory(output, other)
            for other in (*arrays(call.inputs), *arrays(call.second))
        )
    ]
    np.testing.assert_equal((wrong, len(fresh) > 100), ([], True))


def test_outputs_are_as_large_as_is_said_at_most(made: list[Call]) -> None:
    wrong = []
    checked = Counter[str]()
    for call in made:
        growth, inputs = call.step.traits.growth, arrays(call.inputs)
        if growth is None or growth == "sized" or not inputs:
            continue
        size = sum(np.size(output) for output in call.first)
        checked[growth] += 1
        if size > allowed(growth, inputs):
            wrong.append(f"{call.step.node.op_type}: {size} > {allowed(growth, inputs)}")
    np.testing.assert_equal(wrong, [])
    np.testing.assert_equal(
        [kind for kind in ("bounded", "broadcast", "product") if checked[kind] < 4], []
    )


def test_what_grows_as_its_size_says_says_so_without_attributes() -> None:
    sized = [each for each in registrations() if each.traits.growth == "sized"]
    np.testing.assert_equal(
        [each.op_type for each in sized], ["ConstantOfShape", "Expand", "Range", "Tile"]
    )
    for each in sized:
        assert each.traits.size is not None
        inspect.signature(each.traits.size).bind(*[None] * parameters(each.kernel).least)


def test_a_kernel_whose_size_is_declared_is_refused_a_byte_less(made: list[Call]) -> None:
    met = set()
    for call in made:
        largest = max((output.nbytes for output in arrays(call.first)), default=0)
        if call.step.traits.size is not None and largest > 1:
            met.add((call.step.node.op_type, call.step.traits))
            refused = pytest.raises(LimitError, match=r"takes .*, but the memory limit is")
            with within(RunLimits(memory=largest - 1, steps=math.inf)), refused:
                call.step.function(*call.inputs)
    declared = {(each.op_type, each.traits) for each in registrations() if each.traits.size}
    np.testing.assert_equal([op for op, _ in declared - met], [])


def test_what_is_refused_is_not_computed() -> None:
    def kernel(x: Any, *, k: int) -> None:
        raise AssertionError("it was called")

    run = sized(partial(kernel, k=1 << 40), lambda x, *, k: ((len(x), k), np.float32))
    with within(RunLimits(memory=1 << 30, steps=1)), pytest.raises(LimitError, match="8 TiB"):
        run([1, 2])


def allowed(growth: str, inputs: list[Any]) -> float:
    axes = max(value.ndim for value in inputs)
    if growth == "bounded":
        # NonZero gives an index for each axis of each element; Shape a number for each axis.
        return float(max(axes, 1) * max(sum(value.size for value in inputs), axes, 1))
    if growth == "broadcast":
        return float(math.prod(np.broadcast_shapes(*(value.shape for value in inputs))))
    return float(math.prod(max(1, value.size) for value in inputs))


def test_what_is_computed_over_an_input_is_the_same(made: list[Call]) -> None:
    checked = set()
    for call in made:
        over = call.step.traits.over
        floats = all(value.dtype.kind == "f" for value in arrays(call.inputs))
        if over is None or not floats or not isinstance(call.first[0], np.ndarray):
            continue
        first = call.inputs[0].copy()
        if call.first[0].shape != first.shape:
            continue
        with np.errstate(all="ignore"):
            if isinstance(over, np.ufunc):
                got = over(first, *call.inputs[1:], out=first)
            else:
                got = over(first)
        assert got is first
        np.testing.assert_array_equal(got, call.first[0])
        checked.add(call.step.node.op_type)
    assert {"Relu", "Exp", "Tanh", "Add", "Mul", "Sub", "Neg", "Sqrt"} <= checked, checked


@pytest.mark.parametrize("opset", [7, 9])
def test_training_leaves_the_callers_arrays_alone(opset: int) -> None:
    text = """y, a, b, saved_mean, saved_var = BatchNormalization (x, s, s, m, v)
        p = Neg (x) q = Relu (p) mean = Tanh (saved_mean) """
    head = f'<ir_version: 8, opset_import: ["" : {opset}]>'
    model = onnx.parser.parse_model(
        f"{head}\ng (float[2, c] x, float[c] s, float[c] m, float[c] v) => "
        f"(float[k] y, float[c] mean) {{ {text} }}"
    )
    count = 1 << 17
    feeds: dict[str, Any] = {"x": np.ones((2, count), np.float32)}
    feeds |= {name: np.full(count, 0.5, np.float32) for name in "smv"}
    before = {name: value.copy() for name, value in feeds.items()}
    NumpyRunner(model).run(feeds)
    for name, value in feeds.items():
        np.testing.assert_array_equal(value, before[name])
