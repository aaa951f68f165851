import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onnxwright import graphs
from onnxwright.files import FileError
from onnxwright.graphs.errors import WeightError
from onnxwright.graphs.weights import DenseWeights, load_weights
from onnxwright.graphs.weights.arrays import Array

ARRAYS: dict[str, Array] = {
    "encoder.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "half": np.array([1.5, -0.0], np.float16),
    "double": np.array(np.pi),
    "ids": np.array([[3]], np.int64),
    "none": np.zeros((0, 4), np.float32),
}
RANGES: dict[str, dict[str, Any]] = {
    "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
    "v": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]},
}


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    path = tmp_path / "net.npz"
    # not allow_pickle=False: NumPy 2.0 stores that as an array
    np.savez_compressed(path, **ARRAYS)  # type: ignore[arg-type]
    return path


@pytest.fixture
def tensors(tmp_path: Path) -> Path:
    path = tmp_path / "net.safetensors"
    safetensors.numpy.save_file(ARRAYS, path, metadata={"made": "here"})
    return path


@pytest.mark.parametrize("kind", ["npz", "tensors"])
def test_arrays_come_back(kind: str, request: pytest.FixtureRequest) -> None:
    loaded = load_weights(request.getfixturevalue(kind))
    np.testing.assert_equal(sorted(loaded), sorted(ARRAYS))
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(loaded[name], array, strict=True)
        np.testing.assert_equal(loaded[name].flags.writeable, False)


def test_fortran_order_comes_back(tmp_path: Path) -> None:
    array = np.asfortranarray(ARRAYS["encoder.weight"])
    np.savez(tmp_path / "a.npz", array)
    np.testing.assert_array_equal(load_weights(tmp_path / "a.npz")["arr_0"], array, strict=True)


def test_large_arrays_of_an_npz_are_mapped(tmp_path: Path) -> None:
    large = np.arange(1 << 19, dtype=np.float32).reshape(2, -1)
    np.savez(tmp_path / "a.npz", w=np.asfortranarray(large), v=large, small=large[:, :2])
    loaded = load_weights(tmp_path / "a.npz")
    for name, wanted in (("w", large), ("v", large), ("small", large[:, :2])):
        np.testing.assert_array_equal(loaded[name], wanted, strict=True)
        np.testing.assert_equal(loaded[name].flags.writeable, False)
    np.testing.assert_equal([_is_mapped(loaded[name]) for name in "wv"], [True, True])
    np.testing.assert_equal(_is_mapped(loaded["small"]), False)
    np.testing.assert_array_equal(DenseWeights(loaded["v"]).w, large, strict=True)


def test_damage_in_a_mapped_npz_is_noticed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.ones(1 << 19, np.float32))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[1 << 20] ^= 1
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(WeightError, match=r"not a whole .npz archive \(Bad CRC-32"):
        load_weights(tmp_path / "a.npz")


def _is_mapped(array: Any) -> bool:
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return type(array).__name__ in ("memmap", "mmap")


def test_big_endian_numbers_become_native_in_a_container(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.array([[1.0, 2.0]], ">f4"))
    weights = DenseWeights(load_weights(tmp_path / "a.npz")["w"])
    np.testing.assert_array_equal(weights.w, np.array([[1, 2]], np.float32), strict=True)


def test_safetensors_are_mapped_not_copied(tensors: Path) -> None:
    array = load_weights(tensors)["encoder.weight"]
    np.testing.assert_equal(_is_mapped(array), True)


def test_safetensors_bfloat16_unaligned(tmp_path: Path) -> None:
    values = np.array([1.0, -2.5], ml_dtypes.bfloat16)
    header = {
        "flag": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]},
        "w": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [1, 5]},
    }
    write_tensors(tmp_path / "net.safetensors", header, b"\x01" + values.tobytes())
    weights = DenseWeights(load_weights(tmp_path / "net.safetensors")["w"])
    np.testing.assert_array_equal(weights.w, values[None], strict=True)
    np.testing.assert_equal(weights.w.flags.aligned, True)


def write_tensors(path: Path, header: Any, data: bytes = b"", length: int | None = None) -> None:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw) if length is None else length) + raw + data)


def changed(name: str, **fields: Any) -> dict[str, Any]:
    return RANGES | {name: RANGES[name] | fields}


HOSTILE_TENSORS: list[tuple[Any, bytes, int | None, str]] = [
    (b"{", b"", None, "a header of 1 bytes is claimed in 9"),
    (RANGES, bytes(12), 2**63, r"a header of 9223372036854775808 bytes is claimed in \d+"),
    (b"{]", bytes(12), None, "its header is not valid JSON"),
    (b"[" * 50_000, bytes(12), None, "its header is not valid JSON"),
    (b"[1]", bytes(12), None, "its header is not a JSON object"),
    (b'{"w":1,"w":2}', b"", None, r"not valid JSON \(a name stands twice\)"),
    ({"w": 3}, b"", None, "the entry of 'w' is not an object"),
    (changed("w", dtype="F99"), bytes(12), None, "'w' has dtype 'F99', not one of F64, F32"),
    (changed("w", dtype=[]), bytes(12), None, r"'w' has dtype \[\], not one of F64"),
    (changed("w", shape=[-2]), bytes(12), None, "'w' has no valid shape"),
    (changed("w", shape=[True]), bytes(12), None, "'w' has no valid shape"),
    (changed("w", shape=[10**4200]), bytes(12), None, "'w' has no valid shape"),
    (changed("w", shape=[2**62] * 9), bytes(12), None, "'w' claims shape"),
    (changed("w", data_offsets=[0]), bytes(12), None, "'w' has no valid data_offsets"),
    (
        changed("w", shape=[3]),
        bytes(12),
        None,
        r"'w' claims shape \[3\] of F32 in bytes 0 to 8 of 12",
    ),
    (changed("v", data_offsets=[9, 13]), bytes(12), None, "'v' claims shape .* 9 to 13 of 12"),
    (changed("v", data_offsets=[4, 8]), bytes(12), None, "bytes 4 to 8 overlap or are unused"),
    (RANGES, bytes(13), None, "its tensors end at byte 12 of 13"),
    (RANGES, bytes(11), None, "in bytes 8 to 12 of 11"),
]


@pytest.mark.parametrize(("header", "data", "length", "problem"), HOSTILE_TENSORS)
def test_hostile_safetensors(
    tmp_path: Path, header: Any, data: bytes, length: int | None, problem: str
) -> None:
    path = tmp_path / "net.safetensors"
    write_tensors(path, header, data, length)
    with pytest.raises(WeightError, match=f"not a whole .safetensors file: .*{problem}"):
        load_weights(path)


def npy(array: Array, **header: Any) -> bytes:
    """Return the bytes of a ``.npy`` file whose header tells something else than the array."""
    stream = io.BytesIO()
    told = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | header
    np.lib.format.write_array_header_1_0(stream, told)
    return stream.getvalue() + array.tobytes()


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch pickle_was_executed",)


def test_pickled_objects_are_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "net.npz", w=np.array([Bomb()], object))
    with pytest.raises(WeightError, match="array 'w' holds Python objects, which are never loaded"):
        load_weights(tmp_path / "net.npz")
    np.testing.assert_equal((tmp_path / "pickle_was_executed").exists(), False)


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((10**12,), r"array 'w' claims shape \[1000000000000\] of float32, but has 8 bytes"),
        ((-2,), r"array 'w' claims shape \[-2\] of float32"),
        ((-1, -2), r"array 'w' claims shape \[-1, -2\] of float32"),
    ],
)
def test_npz_with_a_false_shape(tmp_path: Path, shape: tuple[int, ...], problem: str) -> None:
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", npy(np.zeros(2, np.float32), shape=shape))
    with pytest.raises(WeightError, match=problem):
        load_weights(path)


def test_npz_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.npy", npy(np.zeros(2, np.float32)))
        archive.infolist()[0].file_size = 2**31
    with pytest.raises(
        WeightError, match=r"bytes unpack to 2147483648, more than 32 times as much"
    ):
        load_weights(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "File is not a zip file"),
        (b"\x93NUMPY", "File is not a zip file"),
        (b"text", "File is not a zip file"),
    ],
)
def test_npz_that_is_none(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(WeightError, match=rf"net.npz: not a whole .npz archive \({problem}"):
        load_weights(tmp_path / "net.npz")


def test_npz_member_that_is_no_array(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive:
        archive.writestr("readme.txt", "hello, this is text")
    with pytest.raises(WeightError, match=r"not a whole .npz archive .*magic string"):
        load_weights(tmp_path / "net.npz")


@pytest.mark.parametrize("header", ["{[]: 1}", "{'descr': ", "((((", "(" * 5000, "{'descr': '|O'}"])
def test_npz_with_a_broken_header(tmp_path: Path, header: str) -> None:
    raw = header.encode() + b"\n"
    with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive:
        archive.writestr("w.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw)
    with pytest.raises(WeightError, match=r"not a whole .npz archive \("):
        load_weights(tmp_path / "net.npz")


def test_npz_that_is_encrypted(tmp_path: Path, npz: Path) -> None:
    data = bytearray(npz.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    npz.write_bytes(bytes(data))
    with pytest.raises(WeightError, match=r"not a whole .npz archive .*encrypted"):
        load_weights(npz)


@given(keep=st.floats(0, 0.999), kind=st.sampled_from(["npz", "tensors"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_truncation_is_one_error(keep: float, kind: str, npz: Path, tensors: Path) -> None:
    whole = {"npz": npz, "tensors": tensors}[kind]
    short = whole.with_name(f"short{whole.suffix}")
    data = whole.read_bytes()
    short.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(WeightError, match="not a whole"):
        load_weights(short)


@given(
    position=st.floats(0, 0.999), byte=st.integers(0, 255), kind=st.sampled_from(["npz", "tensors"])
)
@settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_changed_byte_gives_arrays_or_one_error(
    position: float, byte: int, kind: str, npz: Path, tensors: Path
) -> None:
    whole = {"npz": npz, "tensors": tensors}[kind]
    data = bytearray(whole.read_bytes())
    data[int(position * len(data))] = byte
    changed_file = whole.with_name(f"changed{whole.suffix}")
    changed_file.write_bytes(bytes(data))
    try:
        loaded = load_weights(changed_file)
    except WeightError as error:
        np.testing.assert_equal("weights file" in error.problem, True)
    else:
        np.testing.assert_equal(all(isinstance(a, np.ndarray) for a in loaded.values()), True)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("absent.npz", "absent.npz: cannot be read: no such file"),
        ("folder.npz", "folder.npz: cannot be read: not a file"),
        ("net.xyz", r"net.xyz: suffix '.xyz' is not known, needs one of .npz, .safetensors, .pt"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "net.xyz").write_text("nothing that is known")
    with pytest.raises(WeightError, match=problem):
        load_weights(tmp_path / name)


@pytest.mark.parametrize("path", [3, None, b"w.npz", ["w.npz"], 1.5])
@pytest.mark.parametrize("load", [load_weights, graphs.from_keras_file])
def test_what_is_no_path_is_told(load: Callable[[Any], Any], path: object) -> None:
    with pytest.raises(WeightError, match=r"weights cannot be loaded from .*\ngive the path"):
        load(path)


def test_a_model_is_not_saved_over_the_file_that_its_weights_are_mapped_from(
    tmp_path: Path,
) -> None:
    path = tmp_path / "w.safetensors"
    w = np.ones((300, 1000), np.float32)  # large ones stay where they are until they are written
    safetensors.numpy.save_file({"w": w}, path)
    before, loaded = path.read_bytes(), load_weights(path)
    net = graphs.Network("net")
    net.output("y", net.dense(net.input("x", "batch 1000"), DenseWeights(loaded["w"])))
    (tmp_path / "link").symlink_to(path)
    for target in (path, tmp_path / "link"):
        with pytest.raises(FileError, match=r"is a file that is read here .*\ngive the output"):
            net.save(target)
    np.testing.assert_equal(path.read_bytes(), before)
    net.save(tmp_path / "net.onnx")
