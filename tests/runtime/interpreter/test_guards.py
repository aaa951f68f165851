"""Small models that would take memory or time without end in ways that no single shape tells."""

import time
from typing import Any

import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime

MEMORY = 1 << 24
LIMIT = r"takes .* but the memory limit is 16 MiB"
X4 = np.zeros((1, 1, 4, 4), np.float32)


def load(text: str, opset: int = 20, **options: Any) -> runtime.Runner:
    head = f'<ir_version: 8, opset_import: ["" : {opset}]> g '
    return runtime.load(onnx.parser.parse_model(head + text), **options)


def texts(*values: str) -> Any:
    return np.array(values, object)


def test_text_that_doubles_is_refused() -> None:
    doubling = "".join(f"s{i + 1} = StringConcat (s{i}, s{i})\n" for i in range(40))
    runner = load(f"(string[n] s0) => (string[n] s40) {{ {doubling} }}", memory_limit=MEMORY)
    with pytest.raises(runtime.NodeError, match=rf"StringConcat.*the joined text {LIMIT}"):
        runner.run({"s0": texts("ab")})


def test_one_long_text_does_not_make_all_others_as_wide() -> None:
    feeds = {"s": texts("x" * 10_000, *["y"] * 10_000)}
    for node in ("StringConcat (s, s)", "StringSplit (s)", "StringNormalizer (s)"):
        outputs = "y, n" if "Split" in node else "y"
        runner = load(
            f"(string[n] s) => (string[m] y) {{ {outputs} = {node} }}", memory_limit="64M"
        )
        with pytest.raises(runtime.NodeError, match=r"text takes .* the memory limit is 64 MiB"):
            runner.run(feeds)
    runner = load("(string[n] s) => (float[n] y) { y = Cast <to = 1> (s) }", memory_limit="64M")
    with pytest.raises(runtime.NodeError, match=r"Cast.*the text takes .* the memory limit"):
        runner.run(feeds)


def test_parts_of_text_are_counted_for_every_row() -> None:
    runner = load(
        '(string[n] s) => (string[n, m] y) { y, k = StringSplit <delimiter = ","> (s) }',
        memory_limit=MEMORY,
    )
    np.testing.assert_array_equal(
        runner.run({"s": texts("a,b", "c")})["y"], [["a", "b"], ["c", ""]]
    )
    with pytest.raises(runtime.NodeError, match=rf"StringSplit.*the parts of the text {LIMIT}"):
        runner.run({"s": texts("," * 1000, *["a"] * 500)})


def test_numbers_as_text_count_what_numpy_takes_for_them() -> None:
    runner = load("(float[n] x) => (string[n] y) { y = Cast <to = 8> (x) }", memory_limit=MEMORY)
    np.testing.assert_array_equal(runner.run({"x": np.ones(2, "f4")})["y"], ["1.0", "1.0"])
    with pytest.raises(runtime.NodeError, match=rf"Cast.*the numbers as text {LIMIT}"):
        runner.run({"x": np.ones(1 << 18, np.float32)})


SEQUENCE = """(int64 m, float[k] x) => (seq(float) y) {
    c = Constant <value_ints = [1]> ()  t = Cast <to = 9> (c)  e = SequenceEmpty ()
    y = Loop <body = step (int64 i, bool a, seq(float) s) => (bool b, seq(float) r)
        { b = Identity (a)  v = Neg (x)  r = SequenceInsert (s, v) }> (m, t, e) }"""


def test_a_sequence_that_a_loop_fills_is_limited() -> None:
    runner = load(SEQUENCE, memory_limit=MEMORY)
    feeds = {"x": np.zeros(1 << 18, np.float32), "m": np.array(9)}
    np.testing.assert_equal(len(runner.run(feeds)["y"]), 9)
    with pytest.raises(runtime.NodeError, match=rf"SequenceInsert.*the sequence {LIMIT}"):
        runner.run({**feeds, "m": np.array(100)})


def test_copying_a_long_sequence_at_each_step_counts_as_steps() -> None:
    runner = load(SEQUENCE, max_steps=20_000)
    with pytest.raises(runtime.NodeError, match="more than 20000 steps"):
        runner.run({"x": np.zeros(1, np.float32), "m": np.array(10_000)})


@pytest.mark.parametrize("shape", [(1, 5), (1, 3), (4,), (1, 1, 4)])
def test_regions_of_a_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    runner = load(
        """(float[1, 1, 4, 4] x, float r, int64[1] b) => (float y) {
        y = RoiAlign <sampling_ratio = 1073741824> (x, r, b) }""".replace(
            "float r", "float[k] r"
        ).replace("float[k] r", f"float[{', '.join('abcd'[: len(shape)])}] r"),
        opset=16,
    )
    with pytest.raises(runtime.NodeError, match=r"RoiAlign.*rois \[regions, 4\], got .*"):
        runner.run({"x": X4, "r": np.full(shape, 1e9, np.float32), "b": np.array([0])})


def test_the_nodes_of_a_body_count() -> None:
    chain = "".join(f"v{i + 1} = Neg (v{i})\n" for i in range(160))
    runner = load(
        """(int64 m, float[2] x) => (float[2] y) { c = Constant <value_ints = [1]> ()
        t = Cast <to = 9> (c)
        y = Loop <body = step (int64 i, bool a, float[2] v0) => (bool b, float[2] v160)
            { b = Identity (a) CHAIN }> (m, t, x) }""".replace("CHAIN", chain),
        max_steps=2100,
    )
    feeds = {"x": np.ones(2, np.float32), "m": np.array(100)}
    np.testing.assert_array_equal(runner.run(feeds)["y"], feeds["x"])  # 1 and 20 steps for each
    with pytest.raises(runtime.NodeError, match="more than 2100 steps"):
        runner.run({**feeds, "m": np.array(101)})


def test_values_that_are_alive_together_are_limited() -> None:
    names = [f"y{i}" for i in range(200)]
    outputs = ", ".join(f"float[n] {name}" for name in names)
    nodes = "\n".join(f"{name} = Neg (x)" for name in names)
    runner = load(f"(float[n] x) => ({outputs}) {{ {nodes} }}", memory_limit=MEMORY)
    problem = r"Neg.*the values that are alive take .* MiB, but the memory limit is 32 MiB for all"
    np.testing.assert_equal(len(runner.run({"x": np.zeros(1 << 10, np.float32)})), 200)
    with pytest.raises(runtime.NodeError, match=problem):
        runner.run({"x": np.zeros(1 << 19, np.float32)})


def test_views_of_one_array_are_alive_once() -> None:
    names = [f"y{i}" for i in range(200)]
    outputs = ", ".join(f"float[n] {name}" for name in names)
    nodes = "\n".join(f"{name} = Identity (z)" for name in names)
    runner = load(f"(float[n] x) => ({outputs}) {{ z = Neg (x) {nodes} }}", memory_limit=MEMORY)
    np.testing.assert_equal(len(runner.run({"x": np.zeros(1 << 19, np.float32)})), 200)


def test_thousands_of_dims_are_refused_before_they_are_multiplied() -> None:
    dims = ", ".join(["4611686018427387904"] * 40_000)
    runner = load(f"(float x) => (float[n] y) {{ y = RandomNormal <shape = [{dims}]> () }}")
    start = time.process_time()
    with pytest.raises(
        runtime.NodeError, match="40000 dims, but an array has at most 64"
    ) as caught:
        runner.run({"x": np.array(1, np.float32)})
    assert time.process_time() - start < 30
    assert len(str(caught.value)) < 1500


def test_a_chain_of_thousands_of_functions_is_refused_at_once() -> None:
    text = '<ir_version: 8, opset_import: ["" : 17, "own" : 1]> g (float[1] x) => (float[1] y) '
    functions = "".join(
        f'<domain: "own", opset_import: ["" : 17, "own" : 1]> f{i} (a) => (b)'
        f" {{ b = own.f{i + 1} (a) }}\n"
        for i in range(8_000)
    )
    last = '<domain: "own", opset_import: ["" : 17]> f8000 (a) => (b) { b = Neg (a) }'
    model = onnx.parser.parse_model(f"{text} {{ y = own.f0 (x) }}\n{functions}{last}")
    start = time.process_time()
    with pytest.raises(runtime.ModelError, match="nested deeper than 50"):
        runtime.load(model)
    assert time.process_time() - start < 30
