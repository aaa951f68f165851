from pathlib import Path

import numpy as np
import pytest
from onnx import StringStringEntryProto, TensorProto

from onnxwright.external import ExternalDataError, embed, locate


def external(**entries: str) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.extend(StringStringEntryProto(key=k, value=v) for k, v in entries.items())
    return tensor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a model's folder with good data in it, a secret outside, and links to it."""
    inside = tmp_path / "model"
    (inside / "sub").mkdir(parents=True)
    (inside / "w.bin").write_bytes(np.arange(4, dtype="<f4").tobytes())
    (inside / "sub" / "w.bin").write_bytes(bytes(8))
    (tmp_path / "secret.bin").write_bytes(bytes(8))
    (inside / "link.bin").symlink_to(tmp_path / "secret.bin")
    (inside / "up").symlink_to(tmp_path)
    (inside / "here.bin").symlink_to(inside / "w.bin")
    return inside


@pytest.mark.parametrize(
    ("entries", "offset"),
    [
        ({"location": "w.bin"}, 0),
        ({"location": "./w.bin", "offset": "8", "length": "8"}, 8),
        ({"location": "sub/w.bin", "offset": "", "checksum": "x"}, 0),
        ({"location": "sub\\w.bin"}, 0),
    ],
)
def test_good_entries_are_followed(folder: Path, entries: dict[str, str], offset: int) -> None:
    span = locate(external(**entries), folder)
    np.testing.assert_equal([span.offset, span.length], [offset, 8])


def test_the_bytes_are_embedded(folder: Path) -> None:
    tensor = external(location="w.bin", offset="4")
    embed(tensor, locate(tensor, folder))
    np.testing.assert_equal(np.frombuffer(tensor.raw_data, "<f4"), [1, 2])
    np.testing.assert_equal([len(tensor.external_data), tensor.data_location], [0, 0])


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({}, "not a file in the model's folder"),
        ({"location": "/etc/passwd"}, "not a file in the model's folder"),
        ({"location": "C:\\w.bin"}, "not a file in the model's folder"),
        ({"location": "../secret.bin"}, "not a file in the model's folder"),
        ({"location": "sub/../../secret.bin"}, "not a file in the model's folder"),
        ({"location": "sub\\..\\..\\secret.bin"}, "not a file in the model's folder"),
        ({"location": "w.bin\0.png"}, "not a file in the model's folder"),
        ({"location": "none.bin"}, "there is no file"),
        ({"location": "link.bin"}, "symbolic link"),
        ({"location": "here.bin"}, "symbolic link"),
        ({"location": "up/secret.bin"}, "symbolic link"),
        ({"location": "sub"}, "not a regular file"),
        ({"location": "w.bin/x"}, "there is no file"),
        ({"location": "w.bin", "offset": "9"}, "bytes 9 to 17 are asked for, w.bin has 16"),
        ({"location": "w.bin", "offset": "-4"}, "offset '-4' is not a whole number"),
        ({"location": "w.bin", "offset": "9" * 5000}, "is not a whole number"),
        ({"location": "w.bin", "offset": "1e3"}, "offset '1e3' is not a whole number"),
        ({"location": "w.bin", "length": "16"}, r"dims \[2\] need 8 bytes, its entry says 16"),
        ({"location": "w.bin", "length": str(2**64)}, "need 8 bytes"),
    ],
)
def test_entries_that_lead_away_or_do_not_fit_are_refused(
    folder: Path, entries: dict[str, str], problem: str
) -> None:
    with pytest.raises(ExternalDataError, match=problem):
        locate(external(**entries), folder)
