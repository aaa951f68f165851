"""Feeds are checked before anything runs, in words that are pinned here."""

import types
from typing import Any, cast

import ml_dtypes
import numpy as np
import onnx.parser
import pytest

from onnxwright import runtime
from onnxwright.runtime.errors import FeedError
from onnxwright.runtime.feeds import FeedChecker, check_feeds
from onnxwright.runtime.interpreter.dtypes import WIDENED
from onnxwright.runtime.runner import TensorInfo

F32, I64 = np.dtype("float32"), np.dtype("int64")
X = TensorInfo("x", F32, ("batch", "time", 40))
LENGTHS = TensorInfo("lengths", np.dtype("int32"), ("batch",))
GOOD = {"x": np.zeros((2, 5, 40), F32), "lengths": np.zeros(2, "int32")}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "missing": (
        {"x": GOOD["x"]},
        r"^input 'lengths' is missing\nthe model needs 'x', 'lengths'$",
    ),
    "unknown": (
        {**GOOD, "lenghts": GOOD["lengths"]},
        r"^the model has no input 'lenghts'\nits inputs are 'x', 'lengths'$",
    ),
    "not an array": (
        {**GOOD, "lengths": [5, 5]},
        r"^input 'lengths': a list, not an array\ngive numpy\.asarray\(value, dtype='int32'\)$",
    ),
    "dtype": (
        {**GOOD, "lengths": np.zeros(2, I64)},
        r"^input 'lengths': dtype is int64, but the model takes int32\n"
        r"give x\.astype\('int32'\) if that keeps its meaning$",
    ),
    "byte order": (
        {**GOOD, "lengths": np.zeros(2, ">i4")},
        r"^input 'lengths': dtype is >i4, but the model takes int32\n",
    ),
    "rank": (
        {**GOOD, "x": np.zeros((5, 40), F32)},
        r"^input 'x': rank is 2 \(shape \[5, 40\]\), but the model takes rank 3\n"
        r"give an array of shape \[batch, time, 40\]$",
    ),
    "fixed dim": (
        {**GOOD, "x": np.zeros((2, 5, 41), F32)},
        r"^input 'x': dim 2 is 41, but the model fixes it at 40\n"
        r"give an array of shape \[batch, time, 40\]$",
    ),
    "named dim": (
        {**GOOD, "lengths": np.zeros(3, "int32")},
        r"^input 'lengths': dim 0 \(batch\) is 3, but 2 in 'x'\n"
        r"give arrays with one size for batch$",
    ),
}


def test_what_fits_is_taken() -> None:
    check_feeds([X, LENGTHS], GOOD)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name: str) -> None:
    feeds, message = REFUSED[name]
    with pytest.raises(FeedError, match=message):
        check_feeds([X, LENGTHS], feeds)


def test_an_unknown_dim_or_rank_takes_anything() -> None:
    infos = [TensorInfo("a", F32, (None, 2)), TensorInfo("b", F32, None)]
    feeds = {"a": np.zeros((7, 2), F32), "b": np.zeros((1, 2, 3), F32)}
    check_feeds(infos, feeds)


def test_an_unknown_dim_is_a_question_mark_in_the_remedy() -> None:
    info = TensorInfo("a", F32, (None, 2))
    with pytest.raises(FeedError, match=r"give an array of shape \[\?, 2\]"):
        check_feeds([info], {"a": np.zeros(2, F32)})


def test_a_numpy_scalar_is_an_array_of_rank_0() -> None:
    info = TensorInfo("k", I64, ())
    check_feeds([info], {"k": np.int64(3)})


def test_strings_and_sequences_are_arrays_all_the_same() -> None:
    infos = [TensorInfo("text", np.dtype(object), None)]
    check_feeds(infos, {"text": [np.zeros(2)]})
    check_feeds(infos, {"text": None})
    with pytest.raises(FeedError, match=r"^input 'text': a int, not an array\ngive an array \(of"):
        check_feeds(infos, {"text": [3]})


def test_an_optional_input_may_be_given_and_must_fit() -> None:
    weight = TensorInfo("w", F32, (2,))
    check_feeds([], {}, optional=[weight])
    with pytest.raises(FeedError, match="input 'w': dim 0 is 3"):
        check_feeds([], {"w": np.zeros(3, F32)}, optional=[weight])


@pytest.mark.parametrize("declared", [F32, np.dtype(ml_dtypes.bfloat16)])
def test_the_judge_takes_float64_for_any_float(declared: np.dtype[Any]) -> None:
    info = TensorInfo("x", declared, (2,))
    feeds = {"x": np.zeros(2)}
    check_feeds([info], feeds, also=WIDENED)
    with pytest.raises(FeedError, match="dtype is float64, but the model takes"):
        check_feeds([info], feeds)


def test_the_judge_takes_no_float_for_an_integer() -> None:
    with pytest.raises(FeedError, match="dtype is float64, but the model takes int64"):
        check_feeds([TensorInfo("k", I64, ())], {"k": np.zeros(())}, also=WIDENED)


def test_no_inputs_at_all() -> None:
    with pytest.raises(FeedError, match=r"no input 'x'\nits inputs are none at all$"):
        check_feeds([], {"x": np.zeros(1)})


def negative(on: str) -> runtime.Runner:
    if on == "cpu":
        pytest.importorskip("onnxruntime")
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x) => (float[n] yy) { yy = Neg (x) }""")
    return runtime.load(model, on=on)


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_outputs_given_as_one_text_are_refused(on: str) -> None:
    with pytest.raises(FeedError, match="outputs is the text 'yy', not a list of names"):
        negative(on).run({"x": np.ones(2, F32)}, outputs="yy")


@pytest.mark.parametrize(
    ("feeds", "outputs", "problem"),
    [
        (
            None,
            None,
            "feeds are a NoneType, not a mapping of names to arrays\ngive a dict; .* 'x'$",
        ),
        ("x", None, "feeds are a str, not a mapping"),
        ({"x": object}, None, "input 'x': a type, not an array\n"),
        ({3: np.ones(2, F32)}, None, "the model has no input 3\n"),
        ({"x": np.ones(2, F32)}, 3, r"outputs is a int that is no list of names\nwrite outputs=\["),
        ({"x": np.ones(2, F32)}, [["yy"]], "outputs is a list that is no list of names"),
        ({"x": np.ones(2, F32)}, b"yy", "outputs is a bytes that is no list of names"),
    ],
)
@pytest.mark.parametrize("on", ["numpy", "numpy:float64", "cpu"])
def test_arguments_of_another_kind_are_refused(
    on: str, feeds: Any, outputs: Any, problem: str
) -> None:
    with pytest.raises(FeedError, match=problem):
        negative(on).run(feeds, outputs)


@pytest.mark.parametrize("on", ["numpy", "cpu"])
def test_no_outputs_asked_for_are_no_outputs(on: str) -> None:
    np.testing.assert_equal(negative(on).run({"x": np.ones(2, F32)}, []), {})


MASKED = np.ma.masked_array(np.ones((2, 3), np.float32), mask=[[False, True, False]] * 2)
HIDDEN = (
    r"input 'x': a masked array that hides 2 of its 6 numbers\nfill them first: array.filled\(0.0\)"
)


@pytest.mark.parametrize("on", ["numpy", "numpy:float64", "cpu"])
def test_numbers_that_a_mask_hides_are_not_computed_with(on: str) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n, 3] x) => (float[n, 3] y) { y = Neg (x) }""")
    runner = runtime.load(model, on=on)
    with pytest.raises(runtime.FeedError, match=HIDDEN):
        runner.run({"x": MASKED})
    found = runner.run({"x": np.ma.masked_array(MASKED.data)})["y"]
    np.testing.assert_equal((type(found), found.tolist()), (np.ndarray, [[-1.0] * 3] * 2))


def test_texts_that_a_mask_hides_are_refused_too() -> None:
    x = TensorInfo("x", np.dtype(object), (3,))
    texts = np.ma.masked_array(np.array(["a", "b", "c"], object), mask=[True, False, False])
    with pytest.raises(runtime.FeedError, match="input 'x': a masked array that hides 1 of its 3"):
        check_feeds([x], {"x": texts})


@pytest.mark.parametrize("on", ["numpy", "numpy:float64", "cpu"])
def test_an_output_that_is_not_there_is_one_error_everywhere(on: str) -> None:
    if on == "cpu":
        pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    model = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[n] x) => (float[n] y) { y = Neg (x) }""")
    with pytest.raises(runtime.FeedError, match=r"the model has no (value|output) 'z'\n.*y"):
        runtime.load(model, on=on).run({"x": np.ones(2, np.float32)}, ["z"])


def test_a_checker_that_saw_arrays_fit_checks_all_others() -> None:
    check = FeedChecker([TensorInfo("x", np.dtype("f4"), ("n", 3))])
    fits = np.zeros((2, 3), np.float32)
    for _ in range(2):
        check({"x": fits})
        check({"x": np.zeros((5, 3), np.float32)})
    for feeds, problem in (
        ({}, "input 'x' is missing"),
        ({"x": fits, "y": fits}, "the model has no input 'y'"),
        ({"y": fits}, "the model has no input 'y'"),
        ({"x": fits.astype("f8")}, "dtype is float64"),
        ({"x": fits.T}, "dim 1 is 2"),
        ({"x": fits[0]}, "rank is 1"),
        ({"x": fits.tolist()}, "a list, not an array"),
        ({"x": np.ma.masked_greater(fits - 1, -2)}, "a masked array that hides"),
        ([fits], "the feeds are a list"),
    ):
        check({"x": fits})
        with pytest.raises(FeedError, match=problem):
            check(cast(Any, feeds))
    check(types.MappingProxyType({"x": fits}))
