"""PyTorch's files, read without PyTorch: the nets in them give what PyTorch gave."""

import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs, runtime
from onnxwright.graphs import (
    BatchNormWeights,
    ConvWeights,
    DenseWeights,
    GRUWeights,
    LSTMWeights,
    Network,
    RNNWeights,
)
from onnxwright.graphs.checkpoints.choose_entry import choose_entry
from onnxwright.graphs.checkpoints.load import read_weights
from onnxwright.graphs.checkpoints.plain import Storage, TensorView
from onnxwright.graphs.errors import WeightError

FOLDER = Path(__file__).parents[2] / "data" / "checkpoints" / "torch"
State = Any
RUNTIMES = ["numpy:float64", *(["cpu"] if find_spec("onnxruntime") else [])]


def mlp(net: Network, state: State) -> Any:
    h = net.dense(net.input("x", "batch 6"), DenseWeights.from_torch(state, "0"), activation="relu")
    h = net.dense(h, DenseWeights.from_torch(state, "2"), activation="tanh")
    return net.dense(h, DenseWeights.from_torch(state, "4"))


def images(net: Network, state: State) -> Any:
    h = net.conv(net.input("image", "batch 1 8 8"), ConvWeights.from_torch(state, "0"), pads=1)
    h = net.activation(net.batch_norm(h, BatchNormWeights.from_torch(state, "1")), "relu")
    h = net.max_pool(h, 2, strides=2)
    h = net.activation(net.conv(h, ConvWeights.from_torch(state, "4")), "relu")
    return net.dense(net.flatten(h), DenseWeights.from_torch(state, "7"))


def packed(net: Network, state: State) -> Any:
    x = net.input("x", "batch time 5")
    lengths = net.input("lengths", "batch", dtype="int64")
    for layer in (0, 1):
        weights = LSTMWeights.from_torch(state, "encoder", layer=layer)
        x = net.lstm(x, weights, lengths=lengths).sequence
    return net.dense(x, DenseWeights.from_torch(state, "head"), activation="softmax")


def recurrent(kind: str, container: Any, **options: Any) -> Callable[[Network, State], Any]:
    def make(net: Network, state: State) -> Any:
        x = net.input("sequence", "batch time 5")
        weights = container.from_torch(state, "rnn", layer=0)
        last = getattr(net, kind)(x, weights, **options).last
        return net.dense(last, DenseWeights.from_torch(state, "fc"))

    return make


def classifier(net: Network, state: State) -> Any:
    ids = net.input("ids", "batch time", dtype="int64")
    h = net.lstm(
        net.embedding(ids, state["embed.weight"]), LSTMWeights.from_torch(state, "lstm", layer=0)
    )
    return net.dense(h.last, DenseWeights.from_torch(state, "out"))


def signal(net: Network, state: State) -> Any:
    x = net.input("signal", "batch 2 10")
    h = net.activation(net.conv(x, ConvWeights.from_torch(state, "0"), strides=2), "relu")
    return net.dense(net.flatten(h), DenseWeights.from_torch(state, "3"))


BUILD: dict[str, Callable[[Network, State], Any]] = {
    "classifier": classifier,
    "gru": recurrent("gru", GRUWeights),
    "images": images,
    "images_old_format": images,
    "lstm_projection": recurrent("lstm", LSTMWeights),
    "mlp": mlp,
    "mlp_bfloat16": mlp,
    "mlp_expanded": mlp,
    "mlp_old_format": mlp,
    "mlp_parameters": mlp,
    "mlp_settings": mlp,
    "mlp_settings_old": mlp,
    "mlp_training": mlp,
    "mlp_views": mlp,
    "mlp_wrapped": mlp,
    "packed_bilstm": packed,
    "rnn_relu": recurrent("rnn", RNNWeights, activations="relu"),
    "signal": signal,
}


def checkpoint(name: str) -> Path:
    (found,) = (path for path in FOLDER.glob(f"{name}.*") if path.suffix != ".npz")
    return found


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("name", BUILD)
def test_the_net_gives_what_pytorch_gave(name: str, on: str) -> None:
    state = graphs.load_weights(checkpoint(name))
    net = Network(name)
    net.output("y", BUILD[name](net, state))
    with np.load(FOLDER / f"{name}.npz") as recorded:
        feeds = {info: recorded[info] for info in recorded.files if info != "y"}
        wanted = recorded["y"]
    if "bfloat16" in name:
        np.testing.assert_equal({a.dtype.name for a in state.values()}, {"bfloat16"})
    got = runtime.load(net.build(), on=on).run(feeds)["y"]
    if name == "packed_bilstm":  # PyTorch's head answers on the padding too
        valid = np.arange(7) < feeds["lengths"][:, None]
        got, wanted = got[valid], wanted[valid]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-5)


def test_every_file_is_tried() -> None:
    there = {path.stem for path in FOLDER.iterdir()}
    np.testing.assert_equal(sorted(there), sorted(BUILD))


def test_the_arrays_are_views_of_the_file() -> None:
    state = graphs.load_weights(checkpoint("mlp"))
    assert state
    for array in state.values():
        np.testing.assert_equal((array.flags.writeable, array.flags.owndata), (False, False))


def test_a_training_checkpoint_says_what_was_taken() -> None:
    found = read_weights(checkpoint("mlp_training"))
    np.testing.assert_equal((found.entry, found.others), ("model_state_dict", ("ema",)))
    average = graphs.load_weights(checkpoint("mlp_training"), entry="ema")
    for name, array in found.arrays.items():
        np.testing.assert_allclose(average[name], array * np.float32(0.5), rtol=1e-6)


def test_what_wrappers_put_before_the_names_goes() -> None:
    found = read_weights(checkpoint("mlp_wrapped"))
    np.testing.assert_equal(found.prefix, "module._orig_mod.")
    np.testing.assert_equal(list(found.arrays), list(graphs.load_weights(checkpoint("mlp"))))


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("mlp_training", "teacher", r"no part 'teacher' with tensors in it\nits parts are 'model"),
        ("mlp", "ema", r"no part 'ema' with tensors in it\nits parts are ''"),
    ],
)
def test_a_part_that_is_not_there_is_told(name: str, entry: str, said: str) -> None:
    with pytest.raises(WeightError, match=said):
        graphs.load_weights(checkpoint(name), entry=entry)


def test_the_content_and_not_the_suffix_says_what_a_file_is(tmp_path: Path) -> None:
    for name in ("mlp", "mlp_old_format"):
        (tmp_path / "weights.npz").write_bytes(checkpoint(name).read_bytes())
        np.testing.assert_equal(read_weights(tmp_path / "weights.npz").format, "PyTorch")


@pytest.mark.parametrize("name", ["mlp", "mlp_old_format", "mlp_training", "mlp_views"])
def test_damaged_files_are_one_error(name: str, tmp_path: Path) -> None:
    whole = checkpoint(name).read_bytes()
    random, refused = np.random.default_rng(0), 0
    path = tmp_path / "w.pt"
    for turn in range(150):
        content = bytearray(whole)
        if turn % 3:
            for place in random.integers(0, len(content), 1 + turn % 5):
                content[place] = random.integers(256)
        else:
            del content[random.integers(len(content)) :]
        path.write_bytes(content)
        try:
            graphs.load_weights(path)
        except WeightError as error:
            refused += 1
            told = len(error.problem)
            np.testing.assert_array_less(told, 400 + len(str(path)))
    assert refused > 40, refused


def test_a_compressed_archive_is_read_too(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(checkpoint("mlp")) as source,
        zipfile.ZipFile(tmp_path / "w.pt", "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.infolist():
            target.writestr(member.filename, source.read(member))
    for name, array in graphs.load_weights(checkpoint("mlp")).items():
        np.testing.assert_array_equal(graphs.load_weights(tmp_path / "w.pt")[name], array)


@pytest.mark.parametrize(
    ("names", "left", "prefix"),
    [
        (["n_averaged", "module.0.weight"], ["n_averaged", "0.weight"], "module."),
        (["a._orig_mod.w", "head.w"], ["a.w", "head.w"], ""),
        (["a._orig_mod.w", "a.w"], ["a._orig_mod.w", "a.w"], ""),
        (["module.w", "head.w"], ["module.w", "head.w"], ""),
    ],
)
def test_names_inside_wrappers(names: list[str], left: list[str], prefix: str) -> None:
    view = TensorView(Storage("0", "float32", 1), "float32", 0, (1,), (1,))
    one = np.zeros(1, np.float32)
    found = choose_entry(Path("w.pt"), dict.fromkeys(names, view), lambda _: one, None)
    np.testing.assert_equal((list(found.arrays), found.prefix), (left, prefix))


def test_a_part_inside_the_part_that_is_named() -> None:
    view = TensorView(Storage("0", "float32", 1), "float32", 0, (1,), (1,))
    made = {"model": {"w": view}, "ema": {"decay": 0.9, "module": {"w": view}}}
    found = choose_entry(Path("w.pt"), made, lambda _: np.zeros(1), "ema")
    np.testing.assert_equal((found.entry, found.others), ("ema.module", ("model",)))
