from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from tests.runtime.remote.feeds import FEEDS, Arrays
from tests.runtime.remote.server import Server, say, serving, tensors


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
              "float16", "float32", "float64", "bfloat16"],
)  # fmt: skip
@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("shape", [(2, 3), (0, 3)])
def test_every_element_type_arrives(dtype: str, binary: bool, shape: tuple[int, ...]) -> None:
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    runner = runtime.load(identity(kind))
    array = extremes(kind)[: shape[0] * 3].reshape(shape)
    with serving(runner, binary=binary) as server:
        remote = runtime.load(on=server.url)
        if dtype in ("float16", "bfloat16") and not binary:
            with pytest.raises(runtime.NodeError, match=rf"'x' is {dtype}, which has no JSON form"):
                remote.run({"x": array})
            return
        got = remote.run({"x": array})["y"]
    np.testing.assert_equal(got.dtype, kind)
    np.testing.assert_equal(got.tobytes(), array.tobytes())
    np.testing.assert_equal(got.shape, shape)
    assert got.flags.writeable


def identity(dtype: np.dtype[Any]) -> onnx.ModelProto:
    kind = onnx.helper.np_dtype_to_tensor_dtype(dtype)
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    graph = onnx.helper.make_graph(
        [node], "g", [value("x", kind, ["n", 3])], [value("y", kind, ["n", 3])]
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])


def extremes(dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return six elements, the ends of the range among them."""
    if dtype.kind == "b":
        return np.array([True, False, True, True, False, False])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([info.min, info.max, 0, 1, info.max - 1, 3], dtype)
    largest = float(np.finfo(np.float32 if dtype.itemsize < 8 else dtype).max)
    with np.errstate(over="ignore"):
        return np.array([largest, -largest, 1e-300, 0.1, -0.0, 1 / 3]).astype(dtype)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_json_cannot_carry(model: Path, value: float) -> None:
    feeds: Arrays = {**FEEDS, "x": np.full((2, 3), value, np.float32)}
    with serving(runtime.load(model)) as server:
        runner = runtime.load(model, on=server.url)
        with pytest.raises(runtime.NodeError, match="'x' holds a NaN or an infinity, which JSON"):
            runner.run(feeds)
        forced = runtime.load(model, on=server.url, binary=True)
        np.testing.assert_equal(forced.run(feeds)["y"], feeds["x"])
        null = {"name": "y", "shape": [2, 3], "datatype": "FP32", "data": [None] + [0.0] * 5}
        server.answers["infer"] = lambda: say({"outputs": [null]})
        with pytest.raises(runtime.NodeError, match="'y' has a null where a number should be"):
            runner.run(FEEDS, ["y"])


def test_constants_that_only_some_json_has_are_read(json_server: Server) -> None:
    y = np.array([[np.nan, np.inf, -np.inf]] * 2, np.float32)
    json_server.answers["infer"] = lambda: tensors({"y": y}, binary=False)
    np.testing.assert_equal(runtime.load(on=json_server.url).run(FEEDS, ["y"])["y"], y)


def test_large_arrays_go_as_bytes(server: Server, model: Path) -> None:
    x = np.random.default_rng(0).standard_normal((20_000, 3)).astype(np.float32)
    feeds: Arrays = {"x": x[::2], "shift": np.arange(10_000)}  # not contiguous
    got = runtime.load(model, on=server.url).run(feeds)
    np.testing.assert_equal(got["y"], x[::2] * np.array([1, 2, 3], np.float32))
