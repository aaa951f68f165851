"""Functions: the model's own, ONNX's bodies where there is no kernel, and the listed fallback."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx.reference.ops import load_op

from onnxwright.runtime.interpreter import NumpyRunner, registry
from onnxwright.runtime.interpreter.coverage import coverage
from onnxwright.runtime.interpreter.fallback import ABSENT, DOMAINS, OPERATORS

X = np.array([1, 4], np.float32)


def parsed(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(f'<ir_version: 9, opset_import: ["" : 18, "own" : 1]>\n{text}')


FUNCTIONS: dict[str, tuple[str, Any]] = {
    "one": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 18]> f (a) => (b) { b = Neg(a) }""",
        -X,
    ),
    "called twice": (
        """g (float[2] x) => (float[2] y) { a = own.f(x)  y = own.f(a) }
        <domain: "own", opset_import: ["" : 18]> f (a) => (b) { c = Neg(a)  b = Sub(c, a) }""",
        4 * X,
    ),
    "one in another": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 18, "own" : 1]> f (a) => (b) {
            c = own.h(a)  b = own.h(c) }
        <domain: "own", opset_import: ["" : 18]> h (a) => (b) { b = Add(a, a) }""",
        4 * X,
    ),
    "an attribute": (
        """g (float[2] x) => (float[2] y) { y = own.f<slope = 0.5>(x) }
        <domain: "own", opset_import: ["" : 18]> f <slope> (a) => (b) {
            n = Neg(a)  b = LeakyRelu<alpha : float = @slope>(n) }""",
        -0.5 * X,
    ),
    "an attribute's default": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 18]> f <slope : float = 0.25> (a) => (b) {
            n = Neg(a)  b = LeakyRelu<alpha : float = @slope>(n) }""",
        -0.25 * X,
    ),
    "a missing input": (
        """g (float[2] x) => (float[2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 18]> f (a, low) => (b) { b = Clip(a, low) }""",
        X,
    ),
    "in a body, reading what the function defines": (
        """g (float[2] x, bool c) => (float[2] y) { y = own.f(x, c) }
        <domain: "own", opset_import: ["" : 18]> f (a, c) => (b) {
            d = Neg(a)
            b = If (c) <then_branch = t () => (float[2] p) { p = Identity(d) },
                        else_branch = e () => (float[2] q) { q = Identity(a) }> }""",
        -X,
    ),
    "an older opset than the model's": (
        """g (float[2] x) => (float[1, 2] y) { y = own.f(x) }
        <domain: "own", opset_import: ["" : 11]> f (a) => (b) { b = Unsqueeze<axes = [0]>(a) }""",
        X[None],
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_models_own(name: str) -> None:
    text, expected = FUNCTIONS[name]
    feeds: dict[str, Any] = {"x": X}
    if "bool c" in text:
        feeds["c"] = np.array(True)
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(NumpyRunner(parsed(text)).run(feeds)["y"], expected)


def test_coverage_follows_functions_and_bodies() -> None:
    found = coverage(parsed(FUNCTIONS["in a body, reading what the function defines"][0]))
    np.testing.assert_equal(
        [(record.node.op_type, record.source) for record in found],
        [("f", "function"), *((op, "own") for op in ("Neg", "If", "Identity", "Identity"))],
    )
    places = [record.place for record in found]
    np.testing.assert_equal(places[0], "graph 'g'")
    np.testing.assert_equal(places[1], "graph 'g' / function 'f' of node 'y'")
    np.testing.assert_equal(found.counts(), {"own": 4, "function": 1, "fallback": 0, "none": 0})
    np.testing.assert_equal(next(iter(found)).kernel, "the model's function")


def test_coverage_reads_a_file(tmp_path: Path) -> None:
    onnx.save(parsed("g (float[2] x) => (float[2] y) { y = Neg(x) }"), tmp_path / "net.onnx")
    kernels = [record.kernel for record in coverage(tmp_path / "net.onnx")]
    np.testing.assert_equal(kernels, ["elementwise.ufuncs.negative"])


def test_coverage_names_what_cannot_run() -> None:
    found = coverage(parsed("g (float[2] x) => (float[2] y) { y = own.Magic(x) }"))
    np.testing.assert_equal([record.node.op_type for record in found.missing()], ["Magic"])


def test_an_operator_without_a_kernel_runs_on_onnxs_body(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "g (float[2] x) => (float[2] y) { y = Softplus(x) }"
    monkeypatch.delitem(registry._kernels, ("", "Softplus"))
    np.testing.assert_equal(next(r.source for r in coverage(parsed(text))), "function")
    y = NumpyRunner(parsed(text)).run({"x": X})["y"]
    np.testing.assert_allclose(y, np.log1p(np.exp(X)), rtol=1e-6)


def test_a_body_that_depends_on_types_is_asked_for_at_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "g (float[2] x, float l) => (float[2] y) { y = Clip(x, l) }"
    monkeypatch.delitem(registry._kernels, ("", "Clip"))
    runner = NumpyRunner(parsed(text))
    for _ in range(2):
        y = runner.run({"x": X, "l": np.array(2, "f4")})["y"]
        np.testing.assert_array_equal(y, [2, 4])


def test_the_fallback_runs_onnxs_reference_kernels() -> None:
    text = """g (float[1, n, 1] x, int64[2] size, int64[2] block) => (float[a, b, c, d] y) {
        y = Col2Im(x, size, block) }"""
    x, size = np.arange(4, dtype="f4").reshape(1, 4, 1), np.array([2, 2])
    got = NumpyRunner(parsed(text)).run({"x": x, "size": size, "block": size})
    np.testing.assert_array_equal(got["y"], x.reshape(1, 1, 2, 2))
    record = next(iter(coverage(parsed(text))))
    np.testing.assert_equal((record.source, record.kernel), ("fallback", OPERATORS["", "Col2Im"]))


def test_every_listed_fallback_exists_and_has_no_kernel_of_ours() -> None:
    known = {(schema.domain, schema.name) for schema in onnx.defs.get_all_schemas_with_history()}
    np.testing.assert_equal(sorted(OPERATORS.keys() - known), [])
    own = {(one.domain, one.op_type) for one in registry.registrations()}
    np.testing.assert_equal(sorted(OPERATORS.keys() & own), [])
    np.testing.assert_equal(sorted(DOMAINS.keys() - {domain for domain, _ in known}), [])


def test_what_falls_back_is_there_to_fall_back_on() -> None:
    for (domain, name), _ in OPERATORS.items():
        assert load_op(domain, name, None) is not None
    for domain, folder in zip(DOMAINS, ("aionnx_preview_training",), strict=True):
        load = import_module(f"onnx.reference.ops.{folder}._op_list").load_op
        for schema in onnx.defs.get_all_schemas():
            if schema.domain == domain and schema.name not in ABSENT:
                assert load(domain, schema.name, None) is not None


def test_multinomial_draws_classes_by_their_probability() -> None:
    runner = NumpyRunner(
        parsed("""g (float[n, c] x) => (int64[n, k] y) {
        y = Multinomial <sample_size = 4000, seed = 1.5, dtype = 7> (x) }""")
    )
    x = np.log(np.array([[0.1, 0.6, 0.3], [1, 0, 1]], "f4") + 1e-30)
    y = runner.run({"x": x})["y"]
    shares = [np.bincount(row, minlength=3) / 4000 for row in y]
    np.testing.assert_allclose(shares, [[0.1, 0.6, 0.3], [0.5, 0, 0.5]], atol=0.04)
    np.testing.assert_array_equal(runner.run({"x": x})["y"], y)


def test_every_operator_of_onnx_is_somewhere() -> None:
    own = {one.op_type for one in registry.registrations() if one.domain == ""}
    listed = {name for domain, name in OPERATORS if domain == ""}
    schemas: list[Any] = [s for s in onnx.defs.get_all_schemas() if s.domain == ""]
    bodies = {s.name for s in schemas if s.has_function or s.has_context_dependent_function}
    np.testing.assert_equal(sorted({s.name for s in schemas} - own - listed - bodies), [])
