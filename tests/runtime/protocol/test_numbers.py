"""Long lists of numbers are read as short ones are, and in a few times their own size."""

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from onnxwright.runtime.protocol.datatypes import MalformedError, datatype_of
from onnxwright.runtime.protocol.elements import from_json
from onnxwright.runtime.protocol.numbers import LONG, MOST_PARTS
from onnxwright.runtime.remote.failures import FailedError
from onnxwright.runtime.remote.messages import read_answer, write_request

RNG = np.random.default_rng(0)
ARRAYS: dict[str, NDArray[Any]] = {
    "float32": RNG.normal(size=40_000).astype("float32"),
    "float64, nested": RNG.normal(size=(100, 20, 10)),
    "float64, one in each list": RNG.normal(size=(9_000, 1)),
    "int8": RNG.integers(-128, 128, 50_000, "int8"),
    "int64 that no float holds": RNG.integers(2**62, 2**63, 3_000),
    "uint64": RNG.integers(2**63, 2**64, (3_000, 2), "uint64"),
    "bool": RNG.integers(0, 2, 4_000).astype(bool),
    "around the length": np.ones(LONG // 2, "int16"),
}


def answer(data: str, shape: list[int], datatype: str) -> bytes:
    tensor = f'{{"name": "y", "shape": {shape}, "datatype": "{datatype}", "data": {data}}}'
    return f'{{"model_name": "\\\\\\"data\\": [", "outputs": [{tensor}]}}'.encode()


@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("name", ARRAYS)
def test_every_list_gives_its_array(name: str, flat: bool, compact: bool) -> None:
    array = ARRAYS[name]
    separators = (",", ":") if compact else (" ,\n ", ": ")
    data = json.dumps((array.ravel() if flat else array).tolist(), separators=separators)
    found = read_answer(answer(data, list(array.shape), datatype_of(array.dtype)), None)["y"]
    np.testing.assert_array_equal(found, array, strict=True)


WRONG: dict[str, tuple[str, list[int], str]] = {
    "one too few": ("1," * (LONG - 2) + "1", [LONG], "FP32"),
    "one too many": ("1," * LONG + "1", [LONG], "FP32"),
    "of another kind": ("1," * (LONG - 1) + "1.5", [LONG], "INT32"),
    "too large": ("1," * (LONG - 1) + "300", [LONG], "INT8"),
    "null": ("1," * (LONG - 1) + "null", [LONG], "FP32"),
    "two without a comma": ("1," * (LONG - 1) + "1 1", [LONG], "FP32"),
    "nothing between commas": ("1," * (LONG - 2) + ",1", [LONG], "FP32"),
    "a word": ("1," * (LONG - 1) + "one", [LONG], "FP32"),
    "thousands of digits": ("1," * (LONG - 1) + "9" * 5000, [LONG], "INT64"),
    "ragged": ("[1],[1,1]," * (LONG // 2 - 1) + "[1],[1,1]", [LONG // 2, 3], "FP32"),
    "another nesting": ("[1,1]," * (LONG // 2 - 1) + "[1,1]", [LONG], "FP32"),
    "a list beside numbers": ("1," * (LONG - 1) + "[1]", [LONG], "FP32"),
    "a dim that no list has": ("1," * (LONG - 1) + "1", [2**40, 2**20], "FP32"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_long_list_is_an_error(case: str) -> None:
    numbers, shape, datatype = WRONG[case]
    with pytest.raises(MalformedError, match="'y'"):
        read_answer(answer(f"[{numbers}]", shape, datatype), None)


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_short_list_is_one_too(case: str) -> None:
    """The same lists through the reader of short ones: both refuse the same."""
    numbers, shape, datatype = WRONG[case]
    dtype = {"FP32": "float32"}.get(datatype, datatype.lower())
    with pytest.raises(MalformedError, match=r"the data of 'y' are not|'y' has a null"):
        _short(f"[{numbers}]", np.dtype(dtype), shape)


def _short(text: str, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise MalformedError("the data of 'y' are not JSON") from error
    return from_json("y", data, dtype, shape)


def peak(call: Callable[[], object]) -> int:
    """Return the most bytes that a call takes at one time."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


COUNT = 200_000
DENSE: dict[str, tuple[str, list[int], str]] = {
    "digits": ("[" + "7," * (COUNT - 1) + "7]", [COUNT], "INT8"),
    "short numbers": ("[" + "1.5," * (COUNT - 1) + "1.5]", [COUNT], "FP32"),
    "short numbers for doubles": ("[" + "1.5," * (COUNT - 1) + "1.5]", [COUNT], "FP64"),
    "lists of one": ("[" + "[1.5]," * (COUNT - 1) + "[1.5]]", [COUNT, 1], "FP32"),
    "bools": ("[" + "true," * (COUNT - 1) + "true]", [COUNT], "BOOL"),
}


@pytest.mark.parametrize("name", DENSE)
def test_an_answer_takes_a_few_times_its_size(name: str) -> None:
    body = answer(*DENSE[name])
    read_answer(body, None)  # what is imported and compiled once does not count
    taken = peak(lambda: read_answer(body, None))
    array = np.prod(DENSE[name][1]) * 8
    np.testing.assert_array_less(taken - array, 4 * len(body))


def test_an_answer_of_lists_and_objects_is_refused_before_they_take_room() -> None:
    junk = b'{"outputs": [], "junk": [' + b"{}," * (2 << 20) + b"{}]}"
    assert peak(lambda: _refused(junk)) < 4 * len(junk)


def _refused(body: bytes) -> None:
    with pytest.raises(FailedError, match=f"it has more than {MOST_PARTS} lists and objects"):
        read_answer(body, None)


def test_texts_may_hold_as_many_brackets_as_they_like() -> None:
    texts = ["[" * 1000] * 5000
    body = answer(json.dumps(texts), [5000], "BYTES")
    np.testing.assert_equal(read_answer(body, None)["y"].tolist(), texts)


def test_a_request_takes_a_few_times_its_size() -> None:
    x = np.random.default_rng(0).normal(size=50_000).astype("float32")
    _, body = write_request({"x": x}, ["y"], binary=False)
    taken = peak(lambda: write_request({"x": x}, ["y"], binary=False))
    np.testing.assert_array_less(taken, 3 * len(body))
