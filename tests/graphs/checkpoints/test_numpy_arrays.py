"""NumPy's arrays in a checkpoint are put together from their bytes, and nothing of NumPy's runs."""

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs
from onnxwright.graphs.checkpoints.inert import Inert
from onnxwright.graphs.checkpoints.load import read_weights
from onnxwright.graphs.checkpoints.numpy_arrays import NUMBERS, as_array, is_array
from onnxwright.graphs.checkpoints.pickled import read_pickle
from onnxwright.graphs.checkpoints.plain import PickleError
from onnxwright.graphs.errors import WeightError

from .test_pickled import Stored, dumped

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ARRAYS: dict[str, Any] = {
    **{code: np.arange(6).astype(code).reshape(2, 3) for code in sorted(NUMBERS)},
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big-endian": np.arange(6, dtype=">f4"),
    "a part": np.arange(12.0).reshape(3, 4)[::2, 1:],
    "empty": np.zeros((0, 3)),
    "a number": np.array(2.5),
}


def unpickled(content: bytes) -> Any:
    return read_pickle(io.BytesIO(content))


@pytest.mark.parametrize("protocol", PROTOCOLS[2:])
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back(name: str, protocol: int) -> None:
    made = unpickled(pickle.dumps(ARRAYS[name], protocol))
    np.testing.assert_equal(is_array(made), True)
    array = as_array(made)
    native = ARRAYS[name].dtype.newbyteorder("=")
    np.testing.assert_array_equal(array, ARRAYS[name].astype(native), strict=True)
    np.testing.assert_equal(array.flags.writeable, False)


OTHERS: dict[str, Any] = {
    "objects": np.array([None, 1], object),
    "texts": np.array(["a", "b"]),
    "dates": np.array(["2026-01-01"], "M8[D]"),
    "records": np.zeros(2, [("a", "f4")]),
    "a scalar": np.float32(1),
    "a dtype": np.dtype("f4"),
    "a generator": np.random.default_rng(0),
}


@pytest.mark.parametrize("protocol", PROTOCOLS[2:])
@pytest.mark.parametrize("name", OTHERS)
def test_other_things_of_numpys_are_settings(name: str, protocol: int) -> None:
    made = unpickled(pickle.dumps(OTHERS[name], protocol))
    np.testing.assert_equal((isinstance(made, Inert), is_array(made)), (True, False))


def saved(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("net/data.pkl", content)
        target.writestr("net/data/0", bytes(16))
    return path


@pytest.mark.parametrize("protocol", PROTOCOLS[2:])
def test_a_checkpoint_of_arrays_alone_is_read(protocol: int, tmp_path: Path) -> None:
    kept = {"w": ARRAYS["f4"], "classes": OTHERS["texts"], "state": np.random.RandomState(0)}
    path = saved(tmp_path / "w.pt", pickle.dumps({"weights": kept, "epoch": 3}, protocol))
    found = read_weights(path)
    np.testing.assert_equal((found.entry, list(found.arrays)), ("weights", ["w"]))
    np.testing.assert_array_equal(graphs.load_weights(path)["w"], ARRAYS["f4"])


TENSOR = dumped(("REBUILD", (Stored(), 0, (4,), (1,), False, None)))
MEAN = pickle.dumps(np.ones(3), 2)[2:-1]


@pytest.mark.parametrize("entry", ["model", "own"])
def test_tensors_come_before_arrays(entry: str, tmp_path: Path) -> None:
    inside = b"}" + dumped("w") + TENSOR + b"s" + dumped("mean") + MEAN + b"s"
    content = b"}" + dumped("mean") + MEAN + b"s" + dumped(entry) + inside + b"s"
    found = read_weights(saved(tmp_path / "w.pt", b"\x80\x02" + content + b"."))
    np.testing.assert_equal((found.entry, list(found.arrays)), (entry, ["w", "mean"]))
    np.testing.assert_array_equal(found.arrays["mean"], np.ones(3))


def array(**changed: Any) -> bytes:
    """Return a pickle of an array some of whose parts are others."""
    given = {"maker": b"cnumpy.core.multiarray\n_reconstruct\n", "of": b"cnumpy\nndarray\n"}
    given |= {
        "type": b"cnumpy\ndtype\n",
        "code": b"X\x02\x00\x00\x00f4",
        "order": b"X\x01\x00\x00\x00<",
    }
    given |= {"shape": b"K\x02K\x03\x86", "data": b"B\x18\x00\x00\x00" + bytes(24), **changed}
    kind = given["type"] + b"(" + given["code"] + b"K\x00K\x01tR(K\x03" + given["order"] + b"NNNtb"
    state = b"(K\x01" + given["shape"] + kind + b"\x89" + given["data"] + b"t"
    return b"\x80\x03" + given["maker"] + b"(" + given["of"] + b"K\x00\x85C\x01btR" + state + b"b."


HOSTILE: dict[str, tuple[bytes, str]] = {
    "fewer bytes": (array(data=b"C\x04abcd"), r"shape \[2, 3\], float32, in 4 bytes"),
    "more bytes": (array(data=b"C\x30" + bytes(48)), r"shape \[2, 3\], float32, in 48 bytes"),
    "no bytes": (array(data=b"N"), r"shape \[2, 3\] without its bytes"),
    "text": (array(data=b"X\x01\x00\x00\x00a"), r"shape \[2, 3\] without its bytes"),
    "a huge shape": (array(shape=b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86"), "in 24 bytes"),
    "a longer shape": (array(shape=b"(" + b"K\x01" * 65 + b"t"), "of a shape that is none"),
    "a shape below 0": (
        array(shape=b"J\xfe\xff\xff\xffJ\xfd\xff\xff\xff\x86"),
        "shape that is none",
    ),
    "a shape of floats": (array(shape=b"G" + bytes(8) + b"\x85"), "of a shape that is none"),
    "a shape of bools": (array(shape=b"\x88\x88\x86"), "of a shape that is none"),
    "a shape that is none": (array(shape=b"N"), "of a shape that is none"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_fit_is_one_error(name: str, tmp_path: Path) -> None:
    content, text = HOSTILE[name]
    made = unpickled(content)
    with pytest.raises(PickleError, match=text):
        as_array(made)
    path = saved(tmp_path / "w.pt", b"\x80\x03}" + dumped("w") + content[2:-1] + b"s.")
    with pytest.raises(WeightError, match=rf"w.pt: not a whole file of torch.save: .*{text}"):
        graphs.load_weights(path)


FOREIGN: dict[str, bytes] = {
    "a maker of Python's": array(maker=b"cos\nsystem\n"),
    "a class of Python's": array(of=b"csubprocess\nPopen\n"),
    "a dtype of Python's": array(type=b"cbuiltins\neval\n"),
    "a maker of NumPy's": array(maker=b"cnumpy.testing._private.utils\nrunstring\n"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_names_in_their_places_are_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PickleError, match="it names '"):
        unpickled(FOREIGN[name])
    np.testing.assert_equal(os.listdir(tmp_path), [])


@pytest.mark.parametrize(
    "changed",
    [
        {"of": b"cnumpy\nmatrix\n"},
        {"of": b"N"},
        {"code": b"X\x02\x00\x00\x00O8"},
        {"code": b"X\x02\x00\x00\x00U1"},
        {"code": b"K\x04"},
        {"order": b"X\x01\x00\x00\x00?"},
        {"order": b"N"},
    ],
)
def test_what_is_no_array_of_numbers_is_a_setting(changed: dict[str, bytes]) -> None:
    np.testing.assert_equal(is_array(unpickled(array())), True)
    np.testing.assert_equal(is_array(unpickled(array(**changed))), False)
