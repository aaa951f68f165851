import os
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import StringStringEntryProto, TensorProto

from onnxwright.files import FileError, read_mapped, read_model

MODEL = onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
    g (float[n, 3] x) => (float[n, 3] y) <float[3] w = {1.0, 2.0, 3.0}> { y = Add (x, w) }""")


def test_a_model_comes_back(tmp_path: Path) -> None:
    onnx.save(MODEL, tmp_path / "m.onnx")
    np.testing.assert_equal(read_model(tmp_path / "m.onnx"), MODEL)
    np.testing.assert_equal(read_model(str(tmp_path / "m.onnx")), MODEL)


def test_external_data_are_embedded_or_left(tmp_path: Path) -> None:
    model = onnx.ModelProto()
    model.CopyFrom(MODEL)
    onnx.save(
        _raw(model),
        tmp_path / "m.onnx",
        save_as_external_data=True,
        location="w.bin",
        size_threshold=0,
    )
    left = read_model(tmp_path / "m.onnx", embedded=False).graph.initializer[0]
    np.testing.assert_equal(left.data_location, TensorProto.EXTERNAL)
    inside = read_model(tmp_path / "m.onnx").graph.initializer[0]
    np.testing.assert_equal(
        onnx.numpy_helper.to_array(inside), np.arange(1.0, 4.0, dtype=np.float32)
    )


def _raw(model: onnx.ModelProto) -> onnx.ModelProto:
    array = onnx.numpy_helper.to_array(model.graph.initializer[0])
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(array, "w"))
    return model


def test_every_truncation_is_told_or_still_a_model(tmp_path: Path) -> None:
    content = MODEL.SerializeToString()
    path = tmp_path / "m.onnx"
    refused = 0
    for length in range(len(content)):
        path.write_bytes(content[:length])
        try:
            read_model(path)
        except FileError:
            refused += 1
    assert refused > len(content) // 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is an empty file, not a model"),
        (b"\x08\x08", "it holds no graph"),
        (b"no protobuf at all", "cut off, damaged, or nested too deep"),
        (b"\x3a" * 100_000, "cut off, damaged, or nested too deep"),
    ],
)
def test_what_is_no_model_is_told(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(FileError, match=problem):
        read_model(tmp_path / "m.onnx")


def test_graphs_nested_deeper_than_protobuf_allows_are_refused(tmp_path: Path) -> None:
    # Field 7 of a model is its graph; 1 of a graph a node; 5 of a node an attribute; 6 of that a
    # graph. Each level wraps the bytes of the one inside it.
    content = b""
    for _ in range(2000):
        for tag in (0x32, 0x2A, 0x0A):
            content = bytes([tag]) + _varint(len(content)) + content
    (tmp_path / "m.onnx").write_bytes(b"\x3a" + _varint(len(content)) + content)
    with pytest.raises(FileError, match="nested too deep"):
        read_model(tmp_path / "m.onnx")


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


@pytest.mark.parametrize(
    ("name", "problem"),
    [("none.onnx", "No such file"), ("", "is a folder"), ("pipe", "not a regular file")],
)
def test_paths_that_hold_no_file_are_told_at_once(name: str, problem: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match=problem):
        read_model(tmp_path / name)


def test_a_nul_in_the_path_is_told() -> None:
    with pytest.raises(FileError, match="cannot read"):
        read_model("a\0b")


def test_a_file_larger_than_protobuf_allows_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "m.onnx").open("wb") as stream:
        stream.truncate(2**31)
    with pytest.raises(FileError, match="holds at most 2147483647\nexport the model with external"):
        read_model(tmp_path / "m.onnx")


def test_many_tensors_over_one_file_do_not_multiply_it(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(bytes(4096))
    model = onnx.ModelProto()
    model.CopyFrom(MODEL)
    for i in range(100):
        tensor = model.graph.initializer.add(name=f"t{i}", data_type=1, dims=[1024])
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.append(StringStringEntryProto(key="location", value="w.bin"))
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(FileError, match="its tensors take 409600 bytes from files of 4096 bytes"):
        read_model(tmp_path / "m.onnx")


def test_external_data_outside_the_folder_are_refused(tmp_path: Path) -> None:
    model = onnx.ModelProto()
    model.CopyFrom(MODEL)
    tensor = model.graph.initializer[0]
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.append(StringStringEntryProto(key="location", value="/etc/hostname"))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(FileError, match=r"external data of tensor 'w' in .* cannot be used: the"):
        read_model(tmp_path / "m.onnx")


TYPES = [n for n in TensorProto.DataType.keys() if n not in ("UNDEFINED", "STRING")]  # noqa: SIM118


@pytest.mark.parametrize("shape", [(3,), (0, 2), ()])
@pytest.mark.parametrize("name", TYPES)
def test_external_initializers_are_mapped_not_read(
    name: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    """Types that share bytes, and tensors inside attributes, are embedded instead."""
    dtype = onnx.helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(name))
    want = np.ones(shape, dtype)
    tensor = onnx.numpy_helper.from_array(want, "w")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [], [tensor]))
    model.graph.node.add(op_type="Constant").attribute.add(name="value").t.CopyFrom(tensor)
    for found in (model.graph.initializer[0], model.graph.node[0].attribute[0].t):
        (tmp_path / "w.bin").write_bytes(b"12345" + found.raw_data)
        found.ClearField("raw_data")
        found.data_location = TensorProto.EXTERNAL
        entries = {"location": "w.bin", "offset": "5"}.items()
        found.external_data.extend(StringStringEntryProto(key=k, value=v) for k, v in entries)
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    read, arrays = read_mapped(tmp_path / "m.onnx")
    shared = name.startswith(("INT4", "UINT4", "FLOAT4", "FLOAT6", "INT2", "UINT2"))
    np.testing.assert_equal(list(arrays), [] if shared else ["w"])
    array = onnx.numpy_helper.to_array(read.graph.initializer[0]) if shared else arrays["w"]
    np.testing.assert_equal([array.dtype, array.shape], [dtype, shape])
    np.testing.assert_equal(array.tobytes(), want.tobytes())
    inside = onnx.numpy_helper.to_array(read.graph.node[0].attribute[0].t)
    np.testing.assert_equal(inside.tobytes(), want.tobytes())
