"""Models as files: the bytes of ``build``, weights beside the model, and all of it or nothing."""

import glob
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.files import FileError, read_mapped
from onnxwright.graphs import DenseWeights, GraphError, LSTMWeights, Network
from onnxwright.graphs.builder import provenance, serialize
from onnxwright.graphs.builder.model_proto import Skeleton, fill
from onnxwright.graphs.values import Value

from ..forms.form import random
from ..nets import NETS

PAGE = 4096
EMBEDDED, OUTSIDE = 1 << 29, 0


def wide(seed: int = 0, rank: str = "batch") -> Network:
    """Return a net with weights of several pages, one of them strided in memory."""
    net = Network("wide")
    x = net.input("x", f"{rank} 40")
    h = net.dense(x, DenseWeights(random(60, 40, seed=seed), random(60, seed=1)), name="first")
    net.output("y", net.dense(h, DenseWeights(random(50, 60, seed=seed + 2)), name="second"))
    return net


def serialized(model: onnx.ModelProto) -> bytes:
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def outside(model: onnx.ModelProto) -> Iterator[tuple[onnx.TensorProto, dict[str, str]]]:
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield tensor, {entry.key: entry.value for entry in tensor.external_data}


def bare(path: Path) -> onnx.ModelProto:
    return onnx.load(path, load_external_data=False)


@pytest.mark.parametrize("name", NETS)
def test_the_file_has_the_bytes_of_the_built_model(name: str, tmp_path: Path) -> None:
    NETS[name]().save(tmp_path / "net.onnx")
    np.testing.assert_equal(
        (tmp_path / "net.onnx").read_bytes() == serialized(NETS[name]().build()), True
    )
    np.testing.assert_equal([path.name for path in tmp_path.iterdir()], ["net.onnx"])


@pytest.mark.parametrize("rank", ["batch", "batch time"])
def test_large_weights_stream_into_the_same_bytes(rank: str, tmp_path: Path) -> None:
    net = wide(rank=rank)
    net.metadata["source"] = "a test"
    net.save(tmp_path / "net.onnx")
    data = (tmp_path / "net.onnx").read_bytes()
    np.testing.assert_equal(data == serialized(net.build()), True)
    np.testing.assert_equal(serialized(onnx.load(tmp_path / "net.onnx")) == data, True)


@pytest.mark.parametrize("chunk", [1, 1000, 1 << 24])
@pytest.mark.parametrize("threshold", [EMBEDDED, OUTSIDE])
def test_strided_weights_are_laid_out_in_chunks(
    chunk: int, threshold: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "CHUNK_BYTES", chunk)
    wide(rank="batch time").save(tmp_path / "net.onnx", external_threshold=threshold)
    stored = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(tmp_path / "net.onnx").graph.initializer
    }
    np.testing.assert_array_equal(stored["first.W"], random(60, 40, seed=0).T)
    np.testing.assert_array_equal(stored["second.W"], random(50, 60, seed=2).T)


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(random(60, 40, seed=3)),
        random(120, 80, seed=4)[::2, ::2],
        random(60, 40, seed=5)[::-1],
        random(60, 40, seed=6).astype(">f4"),
        np.broadcast_to(random(40, seed=7), (60, 40)),
    ],
    ids=["fortran", "every_second", "reversed", "big_endian", "broadcast"],
)
@pytest.mark.parametrize("threshold", [EMBEDDED, OUTSIDE])
def test_any_memory_layout_is_stored_right(
    array: NDArray[Any], threshold: int, tmp_path: Path
) -> None:
    net = Network("layout")
    net.output("y", net.dense(net.input("x", "batch 40"), DenseWeights(array), name="head"))
    net.save(tmp_path / "net.onnx", external_threshold=threshold)
    (tensor,) = onnx.load(tmp_path / "net.onnx").graph.initializer
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(tensor), array.astype("f4"))


def test_external_weights_lie_on_pages_in_one_plain_file(tmp_path: Path) -> None:
    wide().save(tmp_path / "net.onnx", external_threshold=OUTSIDE)
    data_file = data_of(tmp_path / "net.onnx")
    data = data_file.read_bytes()
    arrays = {"first.W": random(60, 40, seed=0), "second.W": random(50, 60, seed=2)}
    end = 0
    for tensor, entries in outside(bare(tmp_path / "net.onnx")):
        array = arrays.pop(tensor.name)
        offset, length = int(entries["offset"]), int(entries["length"])
        np.testing.assert_equal(entries["location"], data_file.name)
        np.testing.assert_equal((offset % PAGE, offset >= end, length), (0, True, array.nbytes))
        np.testing.assert_equal(data[offset : offset + length] == array.tobytes(), True)
        end = offset + length
    np.testing.assert_equal((len(data), arrays), (end, {}))


def test_external_weights_load_everywhere(tmp_path: Path) -> None:
    wide().save(tmp_path / "net.onnx", external_threshold=OUTSIDE)
    x = {"x": random(3, 40, seed=9)}
    wanted = runtime.load(wide().build()).run(x)["y"]
    np.testing.assert_array_equal(runtime.load(tmp_path / "net.onnx").run(x)["y"], wanted)
    pytest.importorskip("onnxruntime")
    got = runtime.load(tmp_path / "net.onnx", on="cpu").run(x)["y"]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5)
    onnx.checker.check_model(tmp_path / "net.onnx", full_check=True)


def data_of(path: Path) -> Path:
    """Return the one data file that lies beside the model."""
    (found,) = path.parent.glob(f"{glob.escape(path.name)}.*.data")
    assert re.fullmatch(r"[0-9a-f]{12}", found.name.split(".")[-2])
    return found


def test_saving_again_replaces_and_never_appends(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    wide().save(path, external_threshold=OUTSIDE)
    first = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    wide().save(path, external_threshold=OUTSIDE)
    np.testing.assert_equal({each.name: each.read_bytes() for each in tmp_path.iterdir()}, first)
    wide(seed=5).save(path, external_threshold=OUTSIDE)
    np.testing.assert_equal(len(list(tmp_path.iterdir())), 2)
    np.testing.assert_equal(data_of(path).stat().st_size, 24288)
    np.testing.assert_equal(data_of(path).name in first, False)
    wide(seed=5).save(path)
    np.testing.assert_equal([each.name for each in tmp_path.iterdir()], ["net.onnx"])


@pytest.mark.parametrize("dies_at", ["net.onnx", ".data"])
def test_a_save_that_is_cut_short_leaves_a_model_with_its_own_weights(
    dies_at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.onnx"
    wide().save(path, external_threshold=OUTSIDE)
    x = {"x": random(3, 40, seed=9)}
    wanted = runtime.load(path).run(x)["y"]

    class Killed(BaseException):
        """Nothing but the system's own clean-up runs after it."""

    replace = os.replace

    def dying(source: Any, target: Any) -> None:
        if str(target).endswith(dies_at):
            raise Killed
        replace(source, target)

    monkeypatch.setattr(os, "replace", dying)
    with pytest.raises(Killed):
        wide(seed=5).save(path, external_threshold=OUTSIDE)
    np.testing.assert_array_equal(runtime.load(path).run(x)["y"], wanted)


KILLED = """
import os, sys
import numpy as np
from onnxwright.graphs import DenseWeights, Network

def end_at(name, left=[int(sys.argv[2])]):
    step = getattr(os, name)
    def counted(*arguments):
        left[0] -= 1
        return step(*arguments) if left[0] else os._exit(9)
    setattr(os, name, counted)

net = Network("net")
net.output("y", net.dense(net.input("x", "batch 400"), DenseWeights(np.full((2, 400), 2, "f4"))))
for name in ("replace", "unlink"):
    end_at(name)
net.save(sys.argv[1], external_threshold=0)
"""


@pytest.mark.parametrize(("step", "answer"), [(1, 400), (2, 400), (3, 800), (5, 800), (6, 800)])
def test_a_killed_save_leaves_the_old_model_or_the_new_one(
    step: int, answer: int, tmp_path: Path
) -> None:
    path = tmp_path / "net.onnx"
    net = Network("net")
    weights = DenseWeights(np.ones((2, 400), np.float32))
    net.output("y", net.dense(net.input("x", "batch 400"), weights))
    net.save(path, external_threshold=OUTSIDE)
    done = subprocess.run([sys.executable, "-c", KILLED, path, str(step)], check=False)
    np.testing.assert_equal(done.returncode, 9 if step < 6 else 0)
    got = runtime.load(path).run({"x": np.ones((1, 400), np.float32)})["y"]
    np.testing.assert_array_equal(got, np.full((1, 2), answer, np.float32))


def test_data_of_others_are_let_be(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(
        wide().build(), path, save_as_external_data=True, location="mine.bin", size_threshold=0
    )
    (tmp_path / "net.onnx.0123456789ab.data").write_bytes(b"nobody refers to it")
    wide(seed=5).save(path, external_threshold=OUTSIDE)
    there = {each.name for each in tmp_path.iterdir()}
    np.testing.assert_equal({"mine.bin", "net.onnx.0123456789ab.data"} <= there, True)


def test_the_data_of_a_copy_are_let_be(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    wide().save(path, external_threshold=OUTSIDE)
    shutil.copy(path, tmp_path / "best.onnx")
    x = {"x": random(3, 40, seed=9)}
    wanted = runtime.load(path).run(x)["y"]
    wide(seed=5).save(path, external_threshold=OUTSIDE)
    np.testing.assert_array_equal(runtime.load(tmp_path / "best.onnx").run(x)["y"], wanted)


def test_the_data_of_another_exporter_are_let_be(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    onnx.save(wide().build(), path, save_as_external_data=True, location="net.onnx.data")
    wide(seed=5).save(path, external_threshold=OUTSIDE)
    np.testing.assert_equal((tmp_path / "net.onnx.data").exists(), True)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_the_data_of_a_private_model_are_private(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.touch(0o600)
    wide().save(path, external_threshold=OUTSIDE)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, data_of(path))]
    np.testing.assert_equal(modes, [0o600, 0o600])


@pytest.mark.parametrize("threshold", [EMBEDDED, OUTSIDE])
@pytest.mark.parametrize("name", NETS)
def test_the_stored_digest_is_that_of_the_weights(
    name: str, threshold: int, tmp_path: Path
) -> None:
    NETS[name]().save(tmp_path / "net.onnx", external_threshold=threshold)
    model, arrays = read_mapped(tmp_path / "net.onnx")
    np.testing.assert_equal(provenance.digest_holds(model, arrays), True)


def test_another_weight_has_another_digest(tmp_path: Path) -> None:
    wide().save(tmp_path / "net.onnx", external_threshold=OUTSIDE)
    content = bytearray(data_of(tmp_path / "net.onnx").read_bytes())
    content[10] ^= 1
    data_of(tmp_path / "net.onnx").write_bytes(content)
    model, arrays = read_mapped(tmp_path / "net.onnx")
    np.testing.assert_equal(provenance.digest_holds(model, arrays), False)
    del model.metadata_props[:]
    np.testing.assert_equal(provenance.digest_holds(model, arrays), None)


def test_the_data_stay_in_the_folder_of_a_file_with_an_odd_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    wide().save("deep/../deep/er/a b.ü.onnx", external_threshold=OUTSIDE)
    files = sorted(path.name for path in (tmp_path / "deep" / "er").iterdir())
    data = data_of(tmp_path / "deep" / "er" / "a b.ü.onnx").name
    np.testing.assert_equal(files, sorted(["a b.ü.onnx", data]))
    locations = {entry["location"] for _, entry in outside(bare(Path("deep/er/a b.ü.onnx")))}
    np.testing.assert_equal(locations, {data})
    np.testing.assert_equal(runtime.load("deep/er/a b.ü.onnx").inputs[0].name, "x")


def test_the_threshold_is_the_size_that_still_fits(tmp_path: Path) -> None:
    size = 4 * (60 * 40 + 50 * 60)
    for threshold, files in ((size, 1), (size - 1, 2)):
        folder = tmp_path / str(threshold)
        folder.mkdir()
        wide().save(folder / "net.onnx", external_threshold=threshold)
        np.testing.assert_equal(len(list(folder.iterdir())), files)


def test_the_weights_of_a_scan_go_outside_too(tmp_path: Path) -> None:
    net = Network("scan")
    weights = LSTMWeights(random(1, 160, 40, seed=1), random(1, 160, 40, seed=2))
    h = net.lstm(net.input("x", "batch time 40"), weights, lowering="scan", name="cell")
    net.output("y", h.sequence)
    net.save(tmp_path / "net.onnx", external_threshold=OUTSIDE)
    x = {"x": random(2, 5, 40, seed=3)}
    for on in ("numpy", "cpu") if pytest.importorskip("onnxruntime") else ():
        got = runtime.load(tmp_path / "net.onnx", on=on).run(x)["y"]
        wanted = runtime.load(net.build(), on=on).run(x)["y"]
        np.testing.assert_array_equal(got, wanted)
    small = (tmp_path / "net.onnx").stat().st_size
    np.testing.assert_equal(small < 2 * 160 * 40 * 4, True)


@pytest.mark.parametrize("threshold", [EMBEDDED, OUTSIDE])
def test_a_failure_midway_leaves_the_old_files(
    threshold: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide().save(tmp_path / "net.onnx", external_threshold=threshold)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    written: list[Any] = []
    write = serialize._write_array

    def broken(stream: Any, array: NDArray[Any]) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(array)
        write(stream, array)

    monkeypatch.setattr(serialize, "_write_array", broken)
    with pytest.raises(FileError, match=r"cannot write .*: No space left on device\nmake room"):
        wide(seed=5).save(tmp_path / "net.onnx", external_threshold=threshold)
    np.testing.assert_equal(len(written), 1)
    np.testing.assert_equal({path.name: path.read_bytes() for path in tmp_path.iterdir()}, before)


def test_a_model_that_the_checker_refuses_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"old")
    net = Network("net")
    net.output("y", net.input("x", "batch"))
    net.nodes.append(onnx.NodeProto(op_type="Relu", input=["nowhere"], output=["z"]))
    net.output("spoilt", Value("z", net.dtype, ("batch",), net))
    with pytest.raises(GraphError, match=r"^network 'net' is no valid model: .*nowhere"):
        net.save(tmp_path / "net.onnx")
    np.testing.assert_equal((tmp_path / "net.onnx").read_bytes(), b"old")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere/net\.onnx: No such file or directory\ncheck"):
        wide().save(tmp_path / "nowhere" / "net.onnx")


def test_more_than_a_message_holds_is_refused(tmp_path: Path) -> None:
    zeros = np.broadcast_to(np.float32(0), (1 << 15, 1 << 14))  # 2 GiB that take no memory
    skeleton = Skeleton(onnx.ModelProto(graph=onnx.GraphProto(name="net")), {"w": zeros}, {})
    text = "^network 'net': 2147483648 bytes of weights, a message holds 2 GiB\nsave it instead: "
    with pytest.raises(GraphError, match=text):
        fill(skeleton)
    with pytest.raises(GraphError, match=r"2147483648 bytes of weights, one file can hold 2 GiB"):
        serialize.save(skeleton, tmp_path / "net.onnx", 1 << 40)
    np.testing.assert_equal(list(tmp_path.iterdir()), [])
