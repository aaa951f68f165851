"""What stands beside weights in a checkpoint is noted by its name, and never made."""

import datetime
import decimal
import io
import os
import pathlib
import pickle
import types
import uuid
import zipfile
from argparse import Namespace
from collections import Counter, OrderedDict, defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs
from onnxwright.graphs.checkpoints.inert import Inert, may_be_called, may_be_named
from onnxwright.graphs.checkpoints.load import read_weights
from onnxwright.graphs.checkpoints.pickled import read_pickle
from onnxwright.graphs.checkpoints.plain import PickleError
from onnxwright.graphs.errors import WeightError

from .test_pickled import Stored, archive, dumped

FOLDER = Path(__file__).parents[2] / "data" / "checkpoints" / "torch"


class Own:
    """A class of the user's; what unpickles it would run."""

    def __init__(self) -> None:
        self.value = 3

    def __setstate__(self, state: Any) -> None:
        Path("ran").touch()


class OwnDict(dict[str, int]):
    """A dict of the user's."""


SETTINGS: dict[str, Any] = {
    "scalar": np.float64(1),
    "array": np.zeros(3),
    "dtype": np.dtype("f4"),
    "generator": np.random.default_rng(0),
    "namespace": Namespace(a=1),
    "simple namespace": types.SimpleNamespace(a=1),
    "defaultdict": defaultdict(list, a=[1]),
    "counter": Counter("abb"),
    "deque": deque([1, 2]),
    "path": pathlib.PurePosixPath("a/b"),
    "date": datetime.datetime(2026, 1, 2),
    "zone": datetime.UTC,
    "decimal": decimal.Decimal("1.5"),
    "uuid": uuid.UUID(int=1),
    "complex": 1j,
    "own class": Own(),
    "own dict": OwnDict(a=1),
}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_noted_by_their_names(
    name: str, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = read_pickle(io.BytesIO(pickle.dumps({"kept": SETTINGS[name], "a": 1}, protocol)))
    np.testing.assert_equal(isinstance(made["kept"], Inert), True)
    np.testing.assert_equal(made["a"], 1)
    np.testing.assert_equal(os.listdir(tmp_path), [])


@pytest.mark.parametrize("name", ["mlp_settings", "mlp_settings_old"])
def test_a_checkpoint_with_all_that_training_scripts_keep_opens(name: str) -> None:
    found = read_weights(FOLDER / f"{name}.pth")
    np.testing.assert_equal((found.entry, found.others), ("model", ("",)))
    np.testing.assert_equal(list(found.arrays), [f"{n}.{e}" for n in "024" for e in ENTRIES])


ENTRIES = ("weight", "bias")


def test_tensors_that_repeat_their_elements_are_views() -> None:
    arrays = graphs.load_weights(FOLDER / "mlp_expanded.pt")
    np.testing.assert_equal(arrays["0.weight"].shape, (8, 6))
    np.testing.assert_equal(arrays["0.weight"].strides[0], 0)


@pytest.mark.parametrize(
    ("name", "named", "called"),
    [
        ("os.system", False, False),
        ("subprocess.Popen", False, False),
        ("builtins.eval", False, False),
        ("__builtin__.eval", False, False),
        ("nt.system", False, False),
        ("functools.partial", False, False),
        ("importlib.import_module", False, False),
        ("torch.load", True, False),
        ("numpy.testing._private.utils.runstring", True, False),
        ("project.settings.Mode", True, True),
        ("project.settings.make", True, False),
        ("numpy.core.multiarray.scalar", True, True),
    ],
)
def test_what_may_be_named_and_what_may_be_called(name: str, named: bool, called: bool) -> None:
    np.testing.assert_equal((may_be_named(name), may_be_called(name, (1,))), (named, called))


def saved(path: Path, content: bytes, data: bytes = bytes(16)) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("net/data.pkl", content)
        target.writestr("net/data/0", data)
    return path


LINEAR = b"ctorch.nn.modules.linear\nLinear\n)\x81"
TENSOR = dumped(("REBUILD", (Stored(), 0, (4,), (1,), False, None)))
STATE = b"}X\x01\x00\x00\x00w" + TENSOR + b"s"
MODULE = LINEAR + STATE + b"b"


def entry(name: str, content: bytes) -> bytes:
    return dumped(name) + content + b"s"


@pytest.mark.parametrize(
    "content",
    [
        LINEAR + b"}b",
        MODULE,
        b"}" + entry("model", MODULE),
        b"}" + entry("model", MODULE) + entry("optimizer", STATE),
        b"}" + entry("model", MODULE) + entry("ema", STATE),
    ],
    ids=["no tensors", "alone", "in a dict", "beside an optimizer", "beside an average"],
)
def test_a_whole_module_is_refused_with_the_way_out(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", b"\x80\x02" + content + b".")
    with pytest.raises(WeightError, match=r"names 'torch.nn.modules.linear.Linear'.*\nsave the we"):
        graphs.load_weights(path)


def test_weights_beside_a_module_are_taken(tmp_path: Path) -> None:
    content = b"}" + entry("state_dict", STATE) + entry("loss", MODULE)
    found = read_weights(saved(tmp_path / "w.pt", b"\x80\x02" + content + b"."))
    np.testing.assert_equal((found.entry, list(found.arrays)), ("state_dict", ["w"]))
    content = b"}" + entry("model", MODULE) + entry("ema", STATE)
    found = read_weights(saved(tmp_path / "w.pt", b"\x80\x02" + content + b"."), "ema")
    np.testing.assert_equal((found.entry, list(found.arrays)), ("ema", ["w"]))


def test_a_tensor_at_the_top_does_not_stand_for_the_model(tmp_path: Path) -> None:
    content = b"}" + entry("random", TENSOR) + entry("model", STATE)
    found = read_weights(saved(tmp_path / "w.pt", b"\x80\x02" + content + b"."))
    np.testing.assert_equal((found.entry, found.others), ("model", ("",)))


def test_the_class_of_a_module_in_an_old_file_is_a_name() -> None:
    kind = b"(" + dumped("module") + b"cproject\nNet\n" + dumped("net.py") + dumped("class") + b"tQ"
    made = read_pickle(io.BytesIO(b"\x80\x02" + kind + b")\x81."))
    np.testing.assert_equal(made.name, "project.Net")
    with pytest.raises(PickleError, match="refers to something outside that is no storage"):
        read_pickle(io.BytesIO(b"\x80\x02(" + dumped("module") * 4 + b"tQ."))


def test_tensors_under_odd_keys_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", b"\x80\x02}K\x01\x85" + TENSOR + b"s.")
    with pytest.raises(WeightError, match=r"it has a tensor under a tuple, needs text or a small"):
        graphs.load_weights(path)


def test_repeated_elements_have_a_bound(tmp_path: Path) -> None:
    large = archive(tmp_path / "w.pt", Stored(), 0, (1 << 30, 4), (0, 1), False, None)
    with pytest.raises(WeightError, match="repeat their elements to far more than its size"):
        graphs.load_weights(large)
    fits = archive(tmp_path / "v.pt", Stored(), 0, (1 << 20, 4), (0, 1), False, None)
    np.testing.assert_equal(graphs.load_weights(fits)["w"].shape, (1 << 20, 4))


def test_a_dict_of_the_users_class_holds_its_items() -> None:
    made = read_pickle(io.BytesIO(pickle.dumps(OrderedDict(a=OwnDict(b=1)), 2)))
    np.testing.assert_equal(dict(made["a"]), {"b": 1})
