"""Shape arithmetic is computed once for a shape, and never what depends on more than shapes."""

import itertools
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter import remembered as remembered_module
from onnxwright.runtime.interpreter.remembered import SHAPES
from onnxwright.runtime.interpreter.shape_rules import DECIDING

HEADS = """<ir_version: 8, opset_import: ["" : 17]>
g (float[b, t, 6] x) => (float[b, 3, t, 2] y, int64[4] target)
<int64 zero = {0}, int64 one = {1}, int64[1] axis = {0}, int64[2] tail = {3, 2}> {
    shape = Shape (x)
    batch = Gather (shape, zero)
    time = Gather (shape, one)
    rows = Unsqueeze (batch, axis)
    steps = Unsqueeze (time, axis)
    target = Concat <axis = 0> (rows, steps, tail)
    heads = Reshape (x, target)
    moved = Transpose <perm = [0, 2, 1, 3]> (heads)
    y = Neg (moved)
}"""


def runner_of(text: str, **options: Any) -> NumpyRunner:
    return NumpyRunner(onnx.parser.parse_model(text), **options)


def rows(runner: NumpyRunner, feeds: dict[str, Any]) -> int:
    """Return how many nodes the next run on such feeds computes."""
    memory = runner._remembering(tuple(info.name for info in runner.outputs))
    kinds = [(name, array.dtype, array.shape) for name, array in feeds.items()]
    return len(memory.plan(kinds).rows)


def feed(*shape: int) -> dict[str, Any]:
    return {"x": np.arange(np.prod(shape), dtype=np.float32).reshape(shape)}


def test_the_third_run_on_a_shape_computes_no_shapes() -> None:
    runner = runner_of(HEADS)
    for _ in range(2):
        runner.run(feed(2, 5, 6))
    assert rows(runner, feed(2, 5, 6)) == 3  # Reshape, Transpose, Neg
    assert rows(runner, feed(2, 4, 6)) == 9


@pytest.mark.parametrize("on", [None, "float64"])
def test_every_order_of_shapes_gives_the_same(on: Any) -> None:
    runner, sizes = runner_of(HEADS, dtype=on), itertools.product((1, 2), (3, 1), (0, 1, 2))
    for batch, time, _ in [*sizes] * 2:
        x = feed(batch, time, 6)
        found, fresh = runner.run(x), runner_of(HEADS, dtype=on).run(x)
        for name, value in fresh.items():
            np.testing.assert_array_equal(found[name], value)
            assert found[name].dtype == value.dtype


def test_the_reference_computes_all_of_it_every_time() -> None:
    runner = runner_of(HEADS, dtype="float64")
    for _ in range(3):
        runner.run(feed(2, 5, 6))
    memory = runner._remembering(("y", "target"))
    assert not memory._shorter


def test_what_is_returned_may_be_written_over() -> None:
    runner = runner_of(HEADS)
    for _ in range(4):
        target = runner.run(feed(2, 5, 6))["target"]
        np.testing.assert_array_equal(target, [2, 5, 3, 2])
        target[:] = 0


def test_many_shapes_are_forgotten() -> None:
    runner = runner_of(HEADS)
    for time in range(1, 2 * SHAPES + 2):
        for _ in range(3):
            np.testing.assert_array_equal(runner.run(feed(1, time, 6))["y"].shape, [1, 3, time, 2])
    assert len(runner._remembering(("y", "target"))._shorter) <= SHAPES


BY_VALUES = {
    "a shape that is fed": (
        "(float[n] x, int64[k] s) => (int64[m] y) { r = Reshape (x, s) y = Shape (r) }",
        [{"s": np.array(s)} for s in ([6, 1], [2, 3], [3, 2])],
    ),
    "how many are not zero": (
        "(float[n] x, float[n] v) => (int64[m] y) { r = NonZero (v) y = Shape (r) }",
        [{"v": np.array(v, np.float32)} for v in ([1, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0])],
    ),
    "where to cut": (
        "(float[n] x, int64[1] e) => (int64[m] y) "
        "<int64[1] zero = {0}> { r = Slice (x, zero, e) y = Shape (r) }",
        [{"e": np.array([e])} for e in (1, 4, 2)],
    ),
    "how often to repeat": (
        "(float[n] x, int64[1] e) => (int64[m] y) { r = Tile (x, e) y = Shape (r) }",
        [{"e": np.array([e])} for e in (1, 4, 2)],
    ),
    "a length computed of numbers": (
        "(float[n] x, int64[1] e) => (int64[m] y) "
        "{ two = Add (e, e) r = ConstantOfShape (two) q = Neg (r) y = Shape (q) }",
        [{"e": np.array([e])} for e in (1, 4, 2)],
    ),
    "which branch": (
        "(float[n] x, bool c) => (int64[m] y) { r = If (c) <"
        "then_branch = t () => (float[k] a) { a = Identity (x) }, "
        "else_branch = e () => (float[k] b) { b = Concat <axis = 0> (x, x) }> y = Shape (r) }",
        [{"c": np.array(c)} for c in (True, False)],
    ),
}


@pytest.mark.parametrize("case", BY_VALUES)
def test_what_values_decide_is_computed_anew(case: str) -> None:
    body, choices = BY_VALUES[case]
    text = f'<ir_version: 8, opset_import: ["" : 17]> g {body}'
    runner = runner_of(text)
    for choice in choices * 3:
        feeds = {**feed(6), **choice}
        expected = runner_of(text).run(feeds)["y"]
        for _ in range(3):
            np.testing.assert_array_equal(runner.run(feeds)["y"], expected)


def test_what_is_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x) => (float[n] y) { s = Shape (x) z = ConstantOfShape (s) y = Add (x, z) }"""
    for largest, count in ((32, 1), (31, 3)):  # z takes 32 bytes
        monkeypatch.setattr(remembered_module, "LARGEST", largest)
        runner = runner_of(text)
        for _ in range(3):
            np.testing.assert_array_equal(runner.run(feed(8))["y"], feed(8)["x"])
        assert rows(runner, feed(8)) == count


def test_the_operators_are_onnxs_own() -> None:
    for op, positions in DECIDING.items():
        assert onnx.defs.has(op), op
        most = max(s.max_input for s in onnx.defs.get_all_schemas_with_history() if s.name == op)
        assert all(position < most for position in positions), op
