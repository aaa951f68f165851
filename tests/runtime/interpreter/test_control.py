"""If, Loop and Scan, where other evaluators go wrong: axes, directions, ranks, captures."""

from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest

from onnxwright.runtime.errors import NodeError
from onnxwright.runtime.interpreter import NumpyRunner


def run(text: str, opset: int = 17, **feeds: Any) -> dict[str, Any]:
    head = f'<ir_version: 8, opset_import: ["" : {opset}]>'
    return NumpyRunner(onnx.parser.parse_model(f"{head}\n{text}")).run(feeds)


RUNNING = "step (float[2] s, float[2] u) => (float[2] r, float[2] v) { r = Add(s, u)  v = Neg(r) }"
START = np.array([10, 20], "f4")
STEPS = np.arange(6, dtype="f4").reshape(3, 2)


def running(**attributes: list[int]) -> dict[str, Any]:
    given = "".join(f"{name} = {value}, " for name, value in attributes.items())
    text = f"""g (float[2] s, float[m, k] x) => (float[2] y, float[a, b] z) {{
        y, z = Scan <num_scan_inputs = 1, {given} body = {RUNNING}> (s, x) }}"""
    x = STEPS.T if attributes.get("scan_input_axes") else STEPS
    return run(text, s=START, x=x)


SUMS = START + np.cumsum(STEPS, 0)
BACK = START + np.cumsum(STEPS[::-1], 0)
SCANS: dict[str, tuple[dict[str, list[int]], Any]] = {
    "plain": ({}, -SUMS),
    "input axis": ({"scan_input_axes": [1]}, -SUMS),
    "output axis": ({"scan_output_axes": [1]}, -SUMS.T),
    "negative axes": ({"scan_input_axes": [-1], "scan_output_axes": [-1]}, -SUMS.T),
    "reversed input": ({"scan_input_directions": [1]}, -BACK),
    "reversed output": ({"scan_output_directions": [1]}, -SUMS[::-1]),
    "both": ({"scan_input_directions": [1], "scan_output_directions": [1]}, -BACK[::-1]),
    "everything": (
        {"scan_input_axes": [1], "scan_input_directions": [1], "scan_output_axes": [1]},
        -BACK.T,
    ),
}


@pytest.mark.parametrize("name", SCANS)
def test_scan(name: str) -> None:
    attributes, z = SCANS[name]
    got = running(**attributes)
    np.testing.assert_array_equal(got["z"], z)
    np.testing.assert_array_equal(got["y"], SUMS[-1])


def test_scan_without_a_step_gives_what_the_model_says() -> None:
    text = f"""g (float[2] s, float[m, k] x) => (float[2] y, float[a, b] z) {{
        y, z = Scan <num_scan_inputs = 1, body = {RUNNING}> (s, x) }}"""
    got = run(text, s=START, x=np.zeros((0, 2), "f4"))
    np.testing.assert_array_equal(got["y"], START)
    np.testing.assert_equal((got["z"].shape, got["z"].dtype.name), ((0, 2), "float32"))


def test_scan_inputs_of_unequal_length_are_refused() -> None:
    with pytest.raises(NodeError, match=r"the scan inputs differ in length: \[3, 4\]"):
        run(
            """g (float[m] x, float[k] w) => (float[a] z) {
            z = Scan <num_scan_inputs = 2, body = b (float p, float q) => (float r) {
                r = Add(p, q) }> (x, w) }""",
            x=np.ones(3, "f4"),
            w=np.ones(4, "f4"),
        )


def test_scan_8_goes_over_a_batch_with_lengths_and_directions() -> None:
    text = """g (int64[b] n, float[b, k] s, float[b, t, k] x) => (float[b, k] y, float[b, t, k] z) {
        y, z = Scan <num_scan_inputs = 1, directions = [1],
        body = step (float[2] s0, float[2] u) => (float[2] r, float[2] v) {
            r = Add(s0, u)  v = Identity(r) }> (n, s, x) }"""
    x = np.arange(12, dtype="f4").reshape(2, 3, 2)
    got = run(text, opset=8, n=np.array([3, 2]), s=np.zeros((2, 2), "f4"), x=x)
    whole, short = np.cumsum(x[0, ::-1], 0), np.cumsum(x[1, 1::-1], 0)
    np.testing.assert_array_equal(got["z"][0], whole)
    np.testing.assert_array_equal(got["z"][1], [*short, [0, 0]])
    np.testing.assert_array_equal(got["y"], [whole[-1], short[-1]])


def test_a_body_sees_the_outer_scope_through_two_levels() -> None:
    text = """g (bool c, float[2] w, float[2] s, float[t, 2] x) => (float[2] y, float[t, 2] z)
        <float[2] k = {100, 200}> {
        d = Mul(w, w)
        y, z = Scan <num_scan_inputs = 1, body = step (float[2] a, float[2] u) =>
            (float[2] r, float[2] v) {
            v = If (c) <
                then_branch = t () => (float[2] p) { q = Add(u, d)  p = Add(q, k) },
                else_branch = e () => (float[2] o) { o = Identity(w) }>
            r = Add(a, v) }> (s, x) }"""
    w = np.array([2, 3], "f4")
    feeds: dict[str, Any] = {"w": w, "s": START, "x": STEPS}
    got = run(text, c=np.array(True), **feeds)
    np.testing.assert_array_equal(got["z"], STEPS + w * w + [100, 200])
    np.testing.assert_array_equal(run(text, c=np.array(False), **feeds)["y"], START + 3 * w)


def loop(arguments: str, **feeds: Any) -> dict[str, Any]:
    body = """g (int64 M, bool go, float[2] s) =>
        (float[2] y, float[a, 2] z, float[a] q, float[a, 1, 2] m)
        <int64 two = {2}, int64[1] zero = {0}> {
        y, z, q, m = Loop <body = b (int64 i, bool c, float[2] v) =>
            (bool c2, float[2] r, float[2] e, float f, float[1, 2] u) {
            r = Add(v, v)  e = Neg(r)  f = ReduceSum <keepdims = 0> (r)
            u = Unsqueeze(r, zero)  c2 = Less(i, two) }> (ARGS) }"""
    return run(body.replace("ARGS", arguments), **feeds)


LOOPS = {
    "both": ("M, go, s", 2, True, 2),
    "no condition": ("M, , s", 2, False, 2),
    "no count": (", go, s", 0, True, 3),
    "neither": (", , s", 0, False, 3),
    "the condition ends it": ("M, go, s", 9, True, 3),
    "false from the start": ("M, go, s", 9, False, 0),
    "no trip": ("M, go, s", 0, True, 0),
    "a negative count": ("M, go, s", -3, True, 0),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loop(name: str) -> None:
    arguments, count, going, trips = LOOPS[name]
    got = loop(arguments, M=np.array(count), go=np.array(going), s=START)
    rows = np.array([START * 2 ** (i + 1) for i in range(trips)], "f4").reshape(trips, 2)
    np.testing.assert_array_equal(got["y"], START * 2**trips)
    np.testing.assert_array_equal(got["z"], -rows)
    np.testing.assert_array_equal(got["q"], rows.sum(1))
    np.testing.assert_array_equal(got["m"], rows[:, None])


@pytest.mark.parametrize(("cond", "expected"), [(True, [1, 2]), (False, [5])])
def test_if_runs_one_branch_only(cond: bool, expected: list[int]) -> None:
    text = """g (bool c, float[2] x, int64[1] s) => (float[n] y) {
        y = If (c) <then_branch = t () => (float[2] p) { p = Identity(x) },
                    else_branch = e () => (float[k] q) { q = Reshape(five, s) }> }"""
    text = text.replace("=> (float[n] y) {", "=> (float[n] y) <float[1] five = {5}> {")
    shape = np.array([7 if cond else 1])  # The other branch would fail on a 7.
    got = run(text, c=np.array(cond), x=np.array([1, 2], "f4"), s=shape)
    np.testing.assert_array_equal(got["y"], expected)


def test_a_body_that_gets_another_number_of_inputs_fails_clearly() -> None:
    with pytest.raises(NodeError, match="the body takes 1 inputs, but gets 2"):
        run(
            """g (float[2] s, float[t, 2] x) => (float[2] y) {
            y = Scan <num_scan_inputs = 1, body = b (float[2] a) => (float[2] r) {
                r = Neg(a) }> (s, x) }""",
            s=START,
            x=STEPS,
        )
