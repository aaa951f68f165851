"""Large weights are read apart from the model, and whatever is unusual as a whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from onnxwright import runtime
from onnxwright.cutting import LARGE, UnusualError, read_cut
from onnxwright.files import FileError, read_apart, read_model

SIDE = 160
W = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32)
X = np.ones((2, SIDE), np.float32)


def model_of(*, constant: bool = False, weight: Any = W) -> onnx.ModelProto:
    """Return y = x w + b, the weight an initializer or a Constant node."""
    tensor = numpy_helper.from_array(weight, "w")
    nodes = [helper.make_node("Constant", [], ["w"], value=tensor)] if constant else []
    nodes += [
        helper.make_node("MatMul", ["x", "w"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["y"]),
    ]
    small = numpy_helper.from_array(np.ones(SIDE, weight.dtype), "b")
    kind = helper.np_dtype_to_tensor_dtype(weight.dtype)
    x = helper.make_tensor_value_info("x", kind, ["n", SIDE])
    y = helper.make_tensor_value_info("y", kind, ["n", SIDE])
    graph = helper.make_graph(nodes, "g", [x], [y], [small] if constant else [tensor, small])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def saved(model: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i8", "u1"])
def test_weights_stand_beside_the_model(constant: bool, dtype: str, tmp_path: Path) -> None:
    weight = (
        np.tile((4 * W).astype(dtype), (1, 2))[:, :SIDE]
        if dtype != "u1"
        else np.zeros((LARGE // SIDE + 1, SIDE), "u1")
    )
    path = saved(model_of(constant=constant, weight=weight), tmp_path)
    model, arrays = read_apart(path)
    large = weight.nbytes >= LARGE
    assert list(arrays) == (["w"] if large else [])
    assert model.ByteSize() < 4000 or not large
    if large:
        np.testing.assert_array_equal(arrays["w"], weight)
        assert arrays["w"].dtype == weight.dtype
        assert not arrays["w"].flags.writeable
        assert arrays["w"].flags.aligned
    assert [node.op_type for node in model.graph.node][-2:] == ["MatMul", "Add"]


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("on", ["numpy", "numpy:float64"])
@pytest.mark.parametrize("map_weights", [True, False])
@pytest.mark.parametrize("external", [True, False])
def test_it_computes_what_the_model_in_memory_does(
    constant: bool, on: str, map_weights: bool, external: bool, tmp_path: Path
) -> None:
    model = model_of(constant=constant)
    path = saved(model, tmp_path)
    if external:
        onnx.save(onnx.load(path), path, save_as_external_data=True, location="w", size_threshold=0)
    runner = runtime.load(path, on=on, map_weights=map_weights)
    expected = runtime.load(model, on=on).run({"x": X})
    np.testing.assert_array_equal(runner.run({"x": X})["y"], expected["y"])


def test_without_the_weights_the_model_is_as_it_was(tmp_path: Path) -> None:
    path = saved(model_of(), tmp_path)
    content, (cut,) = read_cut(path, path.stat().st_size)
    assert cut.content.tobytes() == W.tobytes()
    model = onnx.load_model_from_string(content)
    model.graph.initializer[0].raw_data = cut.content.tobytes()
    assert model.SerializeToString() == path.read_bytes()


def _whole(path: Path) -> onnx.ModelProto:
    model, arrays = read_apart(path)
    assert not arrays
    return model


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "two graphs": lambda content: content + bytes([0x3A, 0]),
    "a group": lambda content: content + bytes([0x0B, 0x0C]),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_what_is_unusual_is_read_as_a_whole(case: str, tmp_path: Path) -> None:
    path = saved(model_of(), tmp_path)
    path.write_bytes(UNUSUAL[case](path.read_bytes()))
    model = _whole(path)
    np.testing.assert_array_equal(numpy_helper.to_array(model.graph.initializer[0]), W)


@pytest.mark.parametrize("size", [0, 1, 9, 100, 60_000, -1])
def test_a_file_cut_off_is_the_same_error(size: int, tmp_path: Path) -> None:
    path = saved(model_of(), tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: size % len(content)] if size else b"")
    with pytest.raises(FileError) as whole:
        read_model(path)
    with pytest.raises(FileError) as apart:
        read_apart(path)
    assert str(apart.value) == str(whole.value)


def test_every_flipped_byte_of_the_structure_gives_the_same_answer(tmp_path: Path) -> None:
    content = bytearray(model_of().SerializeToString())
    path, places = (
        tmp_path / "m.onnx",
        [n for n in range(len(content)) if not 250 < n < len(content) - 250],
    )
    for place in places:
        for flip in (0x01, 0x88):
            content[place] ^= flip
            path.write_bytes(content)
            content[place] ^= flip
            assert _answer(path, read_model) == _answer(path, lambda p: read_apart(p)[0]), place


def _answer(path: Path, read: Callable[[Path], onnx.ModelProto]) -> str:
    """Return the error, or what the model is besides where its weights stand."""
    try:
        model = read(path)
    except FileError as error:
        return str(error)
    for tensor in model.graph.initializer:
        tensor.ClearField("raw_data")
        tensor.ClearField("data_location")
    return str(model)


def tensor_of(model: onnx.ModelProto) -> TensorProto:
    first: TensorProto = model.graph.initializer[0]
    return first


CHANGES: dict[str, tuple[Callable[[onnx.ModelProto], Any], str]] = {
    "too short": (
        lambda m: m.graph.initializer[0].dims.append(2),
        "needs 204800 bytes, has 102400",
    ),
    "negative dims": (
        lambda m: m.graph.initializer[0].dims.__setitem__(slice(0, 2), [-SIDE, -SIDE]),
        "has a negative dim",
    ),
    "no such type": (lambda m: setattr(tensor_of(m), "data_type", 99), "element type 99"),
    "external and inside": (
        lambda m: setattr(tensor_of(m), "data_location", TensorProto.EXTERNAL),
        "the location '' is not a file",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_tensors_that_do_not_fit_are_refused(case: str, tmp_path: Path) -> None:
    change, problem = CHANGES[case]
    model = model_of()
    change(model)
    with pytest.raises(FileError, match=problem):
        read_apart(saved(model, tmp_path))


def test_a_constant_named_as_something_else_stays_a_node(tmp_path: Path) -> None:
    model = model_of(constant=True)
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "w"))
    assert _whole(saved(model, tmp_path)).graph.node[0].op_type == "Constant"
    with pytest.raises(runtime.ModelError, match="value 'w' is defined twice"):
        runtime.load(tmp_path / "m.onnx")


def test_tied_external_weights_are_not_read_without_end(tmp_path: Path) -> None:
    path = saved(model_of(), tmp_path)
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="w", size_threshold=0)
    model = onnx.load(path, load_external_data=False)
    for n in range(4):
        model.graph.initializer.add().CopyFrom(model.graph.initializer[0])
        model.graph.initializer[-1].name = f"w{n}"
    with pytest.raises(FileError, match=r"its tensors take \d+ bytes from files of"):
        read_apart(saved(model, tmp_path), map_external=False)
    assert len(read_apart(path)[1]) == 6


def test_numbers_without_end_are_unusual(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\xff" * LARGE)
    assert read_cut(path, LARGE) == (b"\xff" * LARGE, [])
    assert issubclass(UnusualError, Exception)
