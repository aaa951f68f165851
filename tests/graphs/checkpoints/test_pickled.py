"""Hostile pickles: none runs anything, each is one clear error."""

import builtins
import io
import os
import pickle
import struct
import subprocess
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs
from onnxwright.graphs.checkpoints.inert import Odd
from onnxwright.graphs.checkpoints.pickled import read_pickle
from onnxwright.graphs.checkpoints.plain import PickleError
from onnxwright.graphs.errors import WeightError


class Calls:
    """Pickles as a call of any function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> Any:
        return self.made


CALLS: dict[str, Any] = {
    "os.system": Calls(os.system, "touch ran"),
    "posix.popen": Calls(os.popen, "touch ran"),
    "eval": Calls(eval, "open('ran', 'w')"),
    "exec": Calls(exec, "open('ran', 'w')"),
    "compile": Calls(compile, "1", "f", "eval"),
    "open": Calls(open, "ran", "w"),
    "import": Calls(builtins.__import__, "os"),
    "subprocess": Calls(subprocess.Popen, ["touch", "ran"]),
    "run": Calls(subprocess.run, ["touch", "ran"]),
    "map": Calls(map, len, []),
    "partial": Calls(__import__("functools").partial, print),
    "loads": Calls(pickle.loads, pickle.dumps(1)),
    "bytearray": Calls(bytearray, 1 << 40),
    "range": range(1 << 60),
    "deep": [[[{"a": Calls(os.system, "touch ran")}]]],
    "in a dict": OrderedDict(w=Calls(os.system, "touch ran")),
    "an exception": ValueError("x"),
    "a slice": slice(1),
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", CALLS)
def test_what_calls_or_names_anything_is_refused_by_name(
    name: str, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        content = pickle.dumps(CALLS[name], protocol)
    except Exception as error:
        np.testing.assert_equal(protocol < 2, True, str(error))
        return
    with pytest.raises(PickleError, match=r"it names '|opcode|it calls|it encodes|it has"):
        read_pickle(io.BytesIO(content))
    np.testing.assert_equal(os.listdir(tmp_path), [])


RAW: dict[str, bytes] = {
    "a global in text": b"cos\nsystem\n(S'touch ran'\ntR.",
    "an instance": b"(S'touch ran'\nios\nsystem\n.",
    "an object": b"(cos\nsystem\nS'touch ran'\no.",
    "an extension": b"\x82\x01.",
    "an extension of four bytes": b"\x84\x01\x00\x00\x00.",
    "a new object": b"cbuiltins\nset\n)\x81.",
    "a new object with keywords": b"\x80\x04cbuiltins\nset\n)}\x92.",
    "a new object of a class that was made": b"ctypes\nSimpleNamespace\n)R)\x81.",
    "a call of what was got": b"cbuiltins\ngetattr\n(cnumpy\nndarray\nS'x'\ntR)R.",
    "a state for a name": b"ccollections\nOrderedDict\n}b.",
    "a state for a list": b"]}b.",
    "names from the stack": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.",
    "names that are numbers": b"\x80\x04K\x01K\x02\x93.",
    "a persistent id in text": b"Pstorage\n.",
    "a persistent id of another kind": b"\x80\x02K\x01Q.",
    "an empty stack": b".",
    "only a mark": b"(.",
    "a call without arguments": b"R.",
    "an unknown memo": b"h\x07.",
    "a huge memo": b"]r\xff\xff\xff\xffj\xff\xff\xff\x7f.",
    "a text that is cut": b"X\xff\xff\xff\x7fabc.",
    "a length beyond everything": b"\x80\x04\x8d" + b"\xff" * 8 + b".",
    "bytes beyond everything": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
    "a long of 2 GB": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "a long text of digits": b"L" + b"9" * 10_000 + b"L\n.",
    "no end": b"]" * 100,
    "nothing": b"",
    "no pickle": b"hello world",
    "items for a number": b"\x80\x02K\x01K\x02K\x03s.",
    "an append to a dict": b"\x80\x02}K\x01a.",
    "a buffer from outside": b"\x80\x05\x97.",
    "a name that loads more": b"cpip\nmain\n)R.",
    "torch's loader": b"ctorch\nload\n(S'x'\ntR.",
    "torch's hub": b"ctorch.hub\nload\n(S'x'\ntR.",
}


@pytest.mark.parametrize("name", RAW)
def test_hostile_opcodes_are_one_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PickleError, match=r".+") as told:
        read_pickle(io.BytesIO(RAW[name]))
    assert len(str(told.value)) < 300
    np.testing.assert_equal(os.listdir(tmp_path), [])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_come_back(protocol: int) -> None:
    data = {
        "a": [1, 2.5, "text", None, True, False, -7, 2**40, b"raw"],
        "b": OrderedDict(x=(1, (2,), (1, 2, 3, 4)), y=[]),
        3: {"deep": {}},
    }
    np.testing.assert_equal(read_pickle(io.BytesIO(pickle.dumps(data, protocol))), data)


STORAGE = ("storage", "TYPE", "0", "cpu", 4)


class Saver(pickle.Pickler):
    """Pickles :class:`Stored` as PyTorch pickles a storage."""

    def persistent_id(self, obj: Any) -> Any:
        return obj.identity if isinstance(obj, Stored) else None


class Stored:
    def __init__(self, count: Any = 4, key: Any = "0", kind: str = "FloatStorage") -> None:
        self.identity = ("storage", Name(f"torch {kind}"), key, "cpu", count)


class Name:
    """Pickles as a global, whether or not there is such a thing."""

    def __init__(self, name: str) -> None:
        self.name = name


def archive(path: Path, *arguments: Any, data: bytes = bytes(16)) -> Path:
    """Write a checkpoint of one tensor ``w``, rebuilt from `arguments`."""
    content = dumped(OrderedDict(w=("REBUILD", arguments)))
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("net/data.pkl", content)
        target.writestr("net/data/0", data)
    return path


def dumped(value: Any) -> bytes:
    """Write a pickle by hand: tuples headed "REBUILD" become calls, `Name` a global."""
    if isinstance(value, OrderedDict):
        items = b"".join(dumped(key) + dumped(item) for key, item in value.items())
        return b"\x80\x02}(" + items + b"u."
    if isinstance(value, Stored):
        return b"(" + b"".join(map(dumped, value.identity)) + b"tQ"
    if isinstance(value, Name):
        return b"c" + value.name.replace(" ", "\n").encode() + b"\n"
    if isinstance(value, tuple) and value[:1] == ("REBUILD",):
        return b"ctorch._utils\n_rebuild_tensor_v2\n" + dumped(value[1]) + b"R"
    if isinstance(value, tuple):
        return b"(" + b"".join(map(dumped, value)) + b"t"
    if isinstance(value, str):
        return b"X" + struct.pack("<I", len(value)) + value.encode()
    return pickle.dumps(value, 2)[2:-1]


def test_a_tensor_written_by_hand_is_read(tmp_path: Path) -> None:
    data = np.arange(4, dtype="<f4").tobytes()
    path = archive(tmp_path / "w.pt", Stored(), 0, (2, 2), (1, 2), False, None, data=data)
    np.testing.assert_array_equal(graphs.load_weights(path)["w"], [[0, 2], [1, 3]])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((Stored(), 0, (5,), (1,)), "beyond its storage of 4"),
        ((Stored(), 1, (2, 2), (2, 1)), "beyond its storage of 4"),
        ((Stored(), 0, (2, 2), (3, 3)), "beyond its storage of 4"),
        ((Stored(), 0, (1 << 40,), (0,)), "repeat their elements to far more than its size"),
        ((Stored(), 0, (1 << 31, 1 << 31, 1 << 31), (0, 0, 0)), "beyond its storage of 4"),
        ((Stored(), -1, (2,), (1,)), "sizes that are none"),
        ((Stored(), 0, (2,), (-1,)), "sizes that are none"),
        ((Stored(), 0, (2.0,), (1,)), "sizes that are none"),
        ((Stored(), 0, (True,), (1,)), "sizes that are none"),
        ((Stored(), 0, (2,), (1, 1)), "without storage, shape and strides"),
        ((Stored(), 0, (1,) * 65, (1,) * 65), "without storage, shape and strides"),
        (("no storage", 0, (2,), (1,)), "without storage, shape and strides"),
        ((Stored(5), 0, (2,), (1,)), "16 bytes for 5 elements"),
        ((Stored(4, "1"), 0, (2,), (1,)), "storage '1' is not in the archive"),
        ((Stored(4, "../0"), 0, (2,), (1,)), "is not in the archive"),
        ((Stored(4, 0), 0, (2,), (1,)), "without a known type, name and size"),
        ((Stored(-4), 0, (2,), (1,)), "without a known type, name and size"),
        ((Stored(4, "0", "QInt8Storage"), 0, (2,), (1,)), "names 'torch.QInt8Storage'"),
    ],
)
def test_tensors_that_claim_too_much_are_refused(
    arguments: tuple[Any, ...], said: str, tmp_path: Path
) -> None:
    path = archive(tmp_path / "w.pt", *arguments, False, None)
    with pytest.raises(WeightError, match=said):
        graphs.load_weights(path)


def test_a_torchscript_archive_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as target:
        target.writestr("net/data.pkl", b"\x80\x02}.")
        target.writestr("net/code/__torch__.py", "")
    with pytest.raises(WeightError, match=r"it is a TorchScript archive.*\nsave the weights"):
        graphs.load_weights(tmp_path / "w.pt")


def test_containers_that_hold_each_other_end(tmp_path: Path) -> None:
    lists = b"]q\x00" + b"".join(b"]q%c(h%ch%ce" % (i + 1, i, i) for i in range(60)) + b"."
    read_pickle(io.BytesIO(b"\x80\x02" + lists))
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as target:
        target.writestr("net/data.pkl", b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.")
    with pytest.raises(WeightError, match=r"it holds no tensor under a name"):
        graphs.load_weights(tmp_path / "w.pt")


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "w.pt", Stored(), 0, (2,), (1,), False, None)
    with (
        zipfile.ZipFile(path, "a") as target,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        target.writestr("net/data/0", bytes(16))
    with pytest.raises(WeightError, match="stands in its archive twice"):
        graphs.load_weights(path)


PRIME = (1 << 61) - 1
"""Multiples of it have the hash 0."""
DEEP = b"K\x01" + b"\x85" * 300_000


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02}" + DEEP + b"K\x01s.",
        b"\x80\x02ccollections\nOrderedDict\n](" + DEEP + b"K\x01\x86e\x85R.",
        b"\x80\x02}\x8a\x0c" + (PRIME << 30).to_bytes(12, "little") + b"Ns.",
        b"\x80\x02}G" + struct.pack(">d", 2.0**70) + b"Ns.",
        b"\x80\x02}]Ns.",
    ],
    ids=["tuples in tuples", "in an OrderedDict", "large int", "float", "list"],
)
def test_keys_whose_hash_is_an_attack_are_not_hashed(content: bytes) -> None:
    made = read_pickle(io.BytesIO(content))
    np.testing.assert_equal([type(each) for each in made], [Odd])
