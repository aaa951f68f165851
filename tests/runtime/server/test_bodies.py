"""What a request's JSON and an answer's take while they are read and written."""

import json
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from onnxwright.runtime.protocol.datatypes import datatype_of
from onnxwright.runtime.protocol.numbers import MOST_PARTS
from onnxwright.runtime.server.failures import RequestError
from onnxwright.runtime.server.http_messages import read_request, write_answer
from onnxwright.runtime.server.settings import Limits

COUNT = 200_000
LISTS = {
    "digits": ("7," * (COUNT - 1) + "7", [COUNT], "int8"),
    "short numbers": ("1.5," * (COUNT - 1) + "1.5", [COUNT], "float32"),
    "lists of one": ("[1.5]," * (COUNT - 1) + "[1.5]", [COUNT, 1], "float64"),
}


def request(data: str, shape: list[int], dtype: str) -> bytes:
    tensor = f'"name": "x", "shape": {shape}, "datatype": "{datatype_of(np.dtype(dtype))}"'
    return f'{{"inputs": [{{{tensor}, "data": [{data}]}}]}}'.encode()


def peak(call: Callable[[], object]) -> int:
    """Return the most bytes that a call takes at one time, after it has been made once."""
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", LISTS)
def test_a_request_takes_a_few_times_its_size(name: str) -> None:
    data, shape, dtype = LISTS[name]
    body = request(data, shape, dtype)
    found = read_request(body, None, Limits()).request.inputs["x"]
    element = np.asarray(7 if dtype == "int8" else 1.5, dtype)
    np.testing.assert_array_equal(found, np.full(shape, element), strict=True)
    assert peak(lambda: read_request(body, None, Limits())) < 4 * len(body) + found.nbytes


def test_lists_and_objects_without_end_are_refused_before_they_take_room() -> None:
    body = b'{"inputs": [], "junk": [' + b"{}," * MOST_PARTS + b"{}]}"

    def refused() -> None:
        with pytest.raises(RequestError, match=f"more than {MOST_PARTS} lists and objects"):
            read_request(body, None, Limits())

    assert peak(refused) < 4 * len(body)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused_in_long_lists_too(word: str) -> None:
    data, shape, dtype = LISTS["short numbers"]
    with pytest.raises(Exception, match="'x' hold a number that is not finite as float32"):
        read_request(request(data[:-3] + word, shape, dtype), None, Limits())


def test_an_answer_takes_a_few_times_its_size() -> None:
    asked = read_request(b'{"id": "a"}', None, Limits())
    arrays = {"y": np.full((COUNT, 2), 1.5, "float32"), "z": np.zeros((0, 3), "int64")}
    headers, body = write_answer(("net", "1"), asked, arrays)
    outputs = [
        {"name": "y", "datatype": "FP32", "shape": [COUNT, 2], "data": [1.5] * 2 * COUNT},
        {"name": "z", "datatype": "INT64", "shape": [0, 3], "data": []},
    ]
    whole = {"model_name": "net", "model_version": "1", "id": "a", "outputs": outputs}
    assert (headers, json.loads(body)) == ({"content-type": "application/json"}, whole)
    assert peak(lambda: write_answer(("net", "1"), asked, arrays)) < 4 * len(body)
