import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.runtime.interpreter import NumpyRunner
from onnxwright.runtime.interpreter.run_limits import LEAST

from .limit_cases import GROWING, asking, attributes, growing, sizes

FEEDS: dict[str, NDArray[Any]] = {"x": np.zeros((2, 3), np.float32), "i": np.array([0, 1])}
IMAGE = {"x": np.zeros((1, 1, 3, 3), np.float32), "w": np.zeros((1, 1, 2, 2), np.float32)}
MEMORY = 1 << 24
"""The limit that these tests set; what they allow a refused run to take in all is twice that."""
REFUSED = r"takes .*, but the memory limit is 16 MiB for one array.*\n.*memory_limit="


@contextmanager
def quick_and_small() -> Iterator[None]:
    """Fail where the block takes seconds, or at any moment memory like what it is refused."""
    tracemalloc.start()
    start = time.process_time()
    try:
        yield
        assert time.process_time() - start < 30
        assert tracemalloc.get_traced_memory()[1] < 2 * MEMORY
    finally:
        tracemalloc.stop()


def once(size: int) -> dict[str, NDArray[Any]]:
    return {**FEEDS, "m": np.array(size)}


@pytest.mark.parametrize(("name", "size"), [(name, m) for name in GROWING for m in sizes(name)])
def test_a_size_that_an_input_asks_for_is_refused(name: str, size: int) -> None:
    runner = runtime.load(growing(name), memory_limit=MEMORY)
    operator = name.split()[0].rstrip(",")
    refused = pytest.raises(runtime.NodeError, match=rf"\({operator}, opset.*{REFUSED}")
    with quick_and_small(), refused:
        runner.run(once(size))


@pytest.mark.parametrize("name", GROWING)
def test_a_sane_size_runs(name: str) -> None:
    assert runtime.load(growing(name)).run(once(3))["y"].size


@pytest.mark.parametrize(
    ("left", "right"), [("600", "600,400"), ("500,600", "600"), ("600", "600")]
)
def test_a_product_with_a_vector_is_not_asked_about(left: str, right: str) -> None:
    """It is no larger than the other factor, and has no rows or columns to ask for."""
    model = onnx.parser.parse_model(f"""<ir_version: 8, opset_import: ["" : 17]>
        g (float[{left}] a, float[{right}] b) => (float y) {{ y = MatMul (a, b) }}""")
    a, b = (np.ones([*map(int, dims.split(","))], np.float32) for dims in (left, right))
    y = runtime.load(model).run({"a": a, "b": b})["y"]
    np.testing.assert_array_equal(y, np.full(a.shape[:-1] + b.shape[1:], 600, np.float32))


@pytest.mark.parametrize("name", attributes(1))
@pytest.mark.parametrize("size", [1 << 24, 1 << 40])
def test_a_size_that_an_attribute_asks_for_is_refused(name: str, size: int) -> None:
    refused = pytest.raises(runtime.RunnerError, match=rf"{REFUSED}|splits into {size} parts")
    with quick_and_small(), refused:  # Split is refused when the model is loaded
        runtime.load(asking(name, size), memory_limit=MEMORY).run(IMAGE)


@pytest.mark.parametrize("name", attributes(1))
def test_a_sane_attribute_runs(name: str) -> None:
    assert runtime.load(asking(name, 2)).run(IMAGE)["y"].size


def test_the_default_limit_is_half_of_what_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxwright.runtime.interpreter.run_limits.available", lambda: 2 * MEMORY)
    runner = runtime.load(growing("ConstantOfShape"))
    np.testing.assert_equal(runner.run(once(1000))["y"].size, 1000)
    with quick_and_small(), pytest.raises(runtime.NodeError, match=REFUSED):
        runner.run(once(MEMORY // 4 + 1))


def test_by_default_a_large_array_must_fit_what_is_free_when_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [1 << 40]
    monkeypatch.setattr("onnxwright.runtime.interpreter.run_limits.available", lambda: left[0])
    runner = runtime.load(growing("ConstantOfShape"))
    left[0] = LEAST
    with pytest.raises(runtime.NodeError, match=r"256 GiB, but only 1 MiB of memory are free"):
        runner.run(once(1 << 36))


DEFAULT = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import numpy as np, onnx
from onnxwright import runtime
try:
    runtime.load(onnx.load_model({{path!r}})).run({{{{"x": np.zeros((2, 3), np.float32),
        "i": np.array([0, 1]), "m": np.array({1 << 44})}}}})
except runtime.NodeError as error:
    # VmHWM counts from this program's start; ru_maxrss would count the process that forked it too.
    print(error, next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_without_options_an_absurd_size_never_reaches_the_system(tmp_path: Any) -> None:
    onnx.save(growing("ConstantOfShape"), tmp_path / "m.onnx")
    script = DEFAULT.format(path=str(tmp_path / "m.onnx"))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    problem, rest = done.stdout.split("\n", 1)
    assert "takes 64 TiB, but the memory limit is" in problem
    assert int(rest.split()[-2]) < 500 << 10, "KiB that the process took at most"


def test_the_judge_has_the_limit_too() -> None:
    runner = runtime.load(growing("ConstantOfShape"), "numpy:float64", memory_limit="2M")
    np.testing.assert_equal(runner.run(once(1 << 18))["y"].nbytes, 1 << 21)
    with pytest.raises(runtime.NodeError, match="memory limit is 2 MiB"):
        runner.run(once((1 << 18) + 1))


def test_profile_has_the_limit_too() -> None:
    runner = runtime.load(growing("Tile"), memory_limit="2M")
    assert isinstance(runner, NumpyRunner)
    with pytest.raises(runtime.NodeError, match="memory limit is 2 MiB"):
        runner.profile(once(1 << 20))


def test_the_limit_ends_with_the_run() -> None:
    small = runtime.load(growing("ConstantOfShape"), memory_limit="1M")
    with pytest.raises(runtime.NodeError, match="memory limit is 1 MiB"):
        small.run(once(1 << 20))
    np.testing.assert_equal(
        runtime.load(growing("ConstantOfShape")).run(once(1 << 20))["y"].size, 1 << 20
    )


HEAD = '<ir_version: 8, opset_import: ["" : 17]> g '
FOREVER = """(int64 m) => (float[2] y) { t = Constant <value_ints = [1]> ()
    c = Cast <to = 9> (t)  x = Constant <value_floats = [0.0, 0.0]> ()
    y = Loop <body = step (int64 i, bool a, float[2] u) => (bool b, float[2] v)
        { b = Identity (a)  v = Neg (u) }> (MMM, c, x) }"""
NESTED = """(int64 m) => (float[2] y) { x = Constant <value_floats = [0.0, 0.0]> ()
    y = Loop <body = outer (int64 i, bool a, float[2] u) => (bool b, float[2] v)
        { b = Identity (a)
          v = Loop <body = inner (int64 j, bool c, float[2] p) => (bool d, float[2] q)
              { d = Identity (c)  q = Neg (p) }> (m, , u) }> (m, , x) }"""
LONG_SCAN = """(int64 m) => (float[2] y) { x = Constant <value_floats = [0.0, 0.0]> ()
    zero = Constant <value_ints = [0]> ()  v = Unsqueeze (m, zero)  a = Expand (zero, v)
    y = Scan <num_scan_inputs = 1, body = step (float[2] u, int64 e) => (float[2] w)
        { w = Neg (u) }> (x, a) }"""
MAPPED = """(int64 m) => (seq(int64) y) { zero = Constant <value_ints = [0]> ()
    v = Unsqueeze (m, zero)  a = Expand (zero, v)  s = SplitToSequence (a)
    y = SequenceMap <body = step (int64[1] e) => (int64[1] w) { w = Neg (e) }> (s) }"""
STORED = """(int64 m) => (float[k, n] y) { t = Constant <value_ints = [1000000]> ()
    y = Loop <body = step (int64 i, bool a) => (bool b, float[n] v)
        { b = Identity (a)  v = ConstantOfShape (t) }> (m, ) }"""
SCANNED = """(int64 m) => (float[k, n] y) { t = Constant <value_ints = [1000000]> ()
    zero = Constant <value_ints = [0]> ()  v = Unsqueeze (m, zero)  a = Expand (zero, v)
    y = Scan <num_scan_inputs = 1, body = step (int64 e) => (float[n] w)
        { w = ConstantOfShape (t) }> (a) }"""
LONG = {
    "Loop without end": FOREVER.replace("MMM", ""),
    "Loop of so many trips": FOREVER.replace("MMM", "m"),
    "Loop in a Loop": NESTED,
    "Scan": LONG_SCAN,
    "SequenceMap": MAPPED,
}


def load(text: str, **options: Any) -> runtime.Runner:
    return runtime.load(onnx.parser.parse_model(HEAD + text), **options)


@pytest.mark.parametrize("name", LONG)
def test_too_many_steps_end_with_an_error(name: str) -> None:
    runner = load(LONG[name], max_steps=1000)
    problem = r"more than 1000 steps of Loop, Scan, SequenceMap .* in one run.*\n.*max_steps="
    with quick_and_small(), pytest.raises(runtime.NodeError, match=problem):
        runner.run({"m": np.array(1001)})


@pytest.mark.parametrize("name", sorted(LONG.keys() - {"Loop without end", "Loop in a Loop"}))
def test_as_many_steps_as_are_allowed_run_and_every_run_has_them_anew(name: str) -> None:
    runner = load(LONG[name], max_steps=1000)
    for _ in range(2):
        assert len(runner.run({"m": np.array(1000)})["y"])


def test_steps_are_counted_by_default_too() -> None:
    runner = load(LONG["Scan"], memory_limit="1G")
    with quick_and_small(), pytest.raises(runtime.NodeError, match="more than 10000000 steps"):
        runner.run({"m": np.array(10_000_001)})


@pytest.mark.parametrize("text", [STORED, SCANNED], ids=["Loop", "Scan"])
def test_what_a_body_gives_at_every_step_is_counted_together(text: str) -> None:
    runner = load(text, memory_limit=MEMORY)
    np.testing.assert_equal(runner.run({"m": np.array(3)})["y"].shape, (3, 1_000_000))
    with pytest.raises(runtime.NodeError, match=r"takes .*, but the memory limit is 16 MiB"):
        runner.run({"m": np.array(100)})


def test_constants_that_grow_while_they_are_folded_are_left_for_the_run() -> None:
    """Each Concat doubles: 2**40 elements from one."""
    doubling = "".join(f"c{i + 1} = Concat <axis = 0> (c{i}, c{i})\n" for i in range(40))
    with quick_and_small():
        runner = load(
            "(float[1] x) => (float[n] y) { c0 = Constant <value_floats = [1.0]> ()\n"
            f"{doubling} y = Add (x, c40) }}",
            memory_limit=MEMORY,
        )
        with pytest.raises(runtime.NodeError, match=r"Concat.*the result takes 32 MiB, but"):
            runner.run({"x": np.zeros(1, np.float32)})


def test_constants_that_are_large_together_are_left_for_the_run() -> None:
    many = "".join(f"c{i} = ConstantOfShape (s)\n" for i in range(40))
    names = ", ".join(f"c{i}" for i in range(40))
    with quick_and_small():
        load(
            "(float[1] x) => (float[n] y) { s = Constant <value_ints = [500000]> ()\n"
            f"{many} c = Max ({names})  y = Add (x, c) }}",
            memory_limit=MEMORY,
        )


@pytest.mark.parametrize("dims", [(0, 1 << 40), (1 << 40, 0, 1 << 20)])
def test_an_empty_initializer_of_absurd_dims_is_refused(dims: tuple[int, ...]) -> None:
    model = onnx.parser.parse_model(HEAD + "(float[1] x) => (float[n] y) { y = Neg (x) }")
    model.graph.initializer.append(onnx.TensorProto(name="w", data_type=1, dims=dims))
    with pytest.raises(runtime.ModelError, match=r"tensor 'w' .* cannot be read: .*memory limit"):
        runtime.load(model)


def test_a_wide_window_of_lrn_takes_no_longer_than_all_channels() -> None:
    def lrn(size: int) -> Any:
        return load(f"(float[1, 4, 2] x) => (float[1, 4, 2] y) {{ y = LRN <size = {size}> (x) }}")

    x = {"x": np.arange(8, dtype=np.float32).reshape(1, 4, 2)}
    with quick_and_small():
        absurd = lrn((1 << 62) + 1).run(x)["y"]
    np.testing.assert_allclose(absurd, x["x"], rtol=1e-6)  # alpha / size is nearly 0
    np.testing.assert_equal(lrn(9).run(x)["y"].shape, (1, 4, 2))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"memory_limit": "much"}, r"memory_limit is 'much', which is no size\nwrite a number"),
        ({"memory_limit": -1}, "memory_limit is -1, which is no size"),
        ({"memory_limit": True}, "memory_limit is True, which is no size"),
        ({"memory_limit": "1K"}, "memory_limit is 1 KiB, but must be at least 1 MiB"),
        ({"max_steps": 0}, "max_steps must be a whole number above 0, got 0"),
        ({"max_steps": "9"}, "max_steps must be a whole number above 0, got '9'"),
        (
            {"threads": 2},
            r"on='numpy' has no option 'threads'\nits options are memory_limit, max_steps",
        ),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(runtime.ProviderError, match=problem):
        load("(float[1] x) => (float[1] y) { y = Neg (x) }", **options)
