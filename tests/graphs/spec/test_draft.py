"""Network files drafted from arrays, with their marks filled in, give what PyTorch gave."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright import graphs, runtime
from onnxwright.graphs.checkpoints.recognise import recognise, summaries
from onnxwright.graphs.errors import SpecError, WeightError
from onnxwright.graphs.spec import read_network
from onnxwright.graphs.spec.draft import draft_network

FOLDER = Path(__file__).parents[2] / "data/checkpoints/torch"
RUNTIMES = ["numpy:float64", *(["cpu"] if find_spec("onnxruntime") else [])]
Changes = list[tuple[str, str]]
POOL = '# [[layer]]\n# kind = "max_pool"\n# kernel = 2\n# strides = 2\n'
LAST: Changes = [('\nx = "rnn"', '\nx = "rnn.last"')]
SECOND = 'prefix = "2" }\nactivation = "relu"'
MLP: Changes = [(SECOND, SECOND.replace("relu", "tanh"))]
IMAGES: Changes = [
    ("batch 1 CHOOSE CHOOSE", "batch 1 8 8"),
    ('name = "conv_0"\n', 'name = "conv_0"\n#1\n'),
    (
        "#1\nstrides = 1  # CHOOSE: the module's stride; dilations = ... if it has them\npads = 0",
        "pads = 1",
    ),
    (POOL, POOL.replace("# ", "")),
]
FILLED: dict[str, Changes] = {
    "classifier": [('\nx = "lstm"', '\nx = "lstm.last"')],
    "gru": LAST,
    "images": IMAGES,
    "images_old_format": IMAGES,
    "lstm_projection": LAST,
    "mlp": MLP,
    "mlp_bfloat16": [*MLP, ('dtype = "bfloat16"', 'dtype = "float32"')],
    "mlp_expanded": MLP,
    "mlp_old_format": MLP,
    "mlp_parameters": MLP,
    "mlp_settings": MLP,
    "mlp_settings_old": MLP,
    "mlp_training": MLP,
    "mlp_views": MLP,
    "mlp_wrapped": MLP,
    "packed_bilstm": [
        ("# lengths = { dims", "lengths = { dims"),
        ('# lengths = "lengths"', 'lengths = "lengths"'),
        ("# activation", "activation"),
    ],
    "rnn_relu": [*LAST, ('activations = "tanh"', 'activations = "relu"')],
    "signal": [("batch 2 CHOOSE", "batch 2 10"), ("strides = 1", "strides = 2")],
}  # fmt: skip


def checkpoint(name: str) -> Path:
    (found,) = (path for path in FOLDER.glob(f"{name}.*") if path.suffix != ".npz")
    return found


def filled(text: str, changes: Changes) -> str:
    for old, new in changes:
        assert old in text, (old, text)
        text = text.replace(old, new, 1 if old == POOL else -1)
    return text


def test_every_file_is_drafted() -> None:
    np.testing.assert_equal(sorted({path.stem for path in FOLDER.iterdir()}), sorted(FILLED))


@pytest.mark.parametrize("on", RUNTIMES)
@pytest.mark.parametrize("name", FILLED)
def test_a_filled_draft_gives_what_pytorch_gave(name: str, on: str, tmp_path: Path) -> None:
    weights = graphs.load_weights(checkpoint(name))
    path = tmp_path / "net.toml"
    path.write_text(filled(draft_network(weights, name).text, FILLED[name]))
    model = read_network(path, weights).build()
    with np.load(FOLDER / f"{name}.npz") as recorded:
        y, *inputs = (recorded[key] for key in recorded.files)
    runner = runtime.load(model, on=on)
    feeds = {info.name: array for info, array in zip(runner.inputs, inputs, strict=True)}
    got = runner.run(feeds)["y"]
    if name == "packed_bilstm":  # PyTorch's head answers on the padding too
        valid = np.arange(y.shape[1]) < feeds["lengths"][:, None]
        got, y = got[valid], y[valid]
    np.testing.assert_allclose(got, y, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", sorted(set(FILLED) - {"images", "images_old_format", "signal"}))
def test_a_draft_builds_as_it_stands(name: str, tmp_path: Path) -> None:
    weights = graphs.load_weights(checkpoint(name))
    draft = draft_network(weights)
    np.testing.assert_equal(draft.to_fill_in, 0)
    (tmp_path / "net.toml").write_text(draft.text)
    read_network(tmp_path / "net.toml", weights).build()


def test_a_mark_that_is_not_filled_in_is_told_with_its_line(tmp_path: Path) -> None:
    weights = graphs.load_weights(checkpoint("images"))
    draft = draft_network(weights)
    np.testing.assert_equal(draft.to_fill_in, 1)
    (tmp_path / "net.toml").write_text(draft.text)
    told = r"net.toml:5: x = 'batch 1 CHOOSE CHOOSE' has a mark .*\n.*the comment in that line"
    with pytest.raises(SpecError, match=told):
        read_network(tmp_path / "net.toml", weights)


def zeros(**shapes: tuple[int, ...]) -> dict[str, Any]:
    return {name.replace("__", "."): np.zeros(shape, "f4") for name, shape in shapes.items()}


def lstm(prefix: str, sizes: tuple[int, int], end: str = "_l0", blocks: int = 4) -> dict[str, Any]:
    inputs, hidden = sizes
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (blocks * hidden, inputs),
        "weight_hh": (blocks * hidden, hidden),
    }
    shapes |= {"bias_ih": (blocks * hidden,), "bias_hh": (blocks * hidden,)}
    return {f"{prefix}.{name}{end}": np.zeros(shape, "f4") for name, shape in shapes.items()}


RECOGNISED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (
        {
            **lstm("e", (40, 32)), **lstm("e", (40, 32), "_l0_reverse"),
            **lstm("e", (64, 32), "_l1"), **lstm("e", (64, 32), "_l1_reverse"),
        },
        [("e", "LSTM, 2 layers, bidirectional, 40 -> 64")],
    ),
    (lstm("g", (5, 7), blocks=3), [("g", "GRU, 5 -> 7")]),
    (lstm("r", (5, 7), blocks=1), [("r", "RNN, 5 -> 7")]),
    (lstm("c", (5, 7), ""), [("c", "LSTMCell, 5 -> 7")]),
    (lstm("c", (5, 7), blocks=2), [("c", "not recognised")]),
    (zeros(a__weight=(3, 5)), [("a", "Linear, 5 -> 3")]),
    (zeros(emb__weight=(30, 5)), [("emb", "Embedding, 30 -> 5")]),
    (
        {**zeros(a__weight=(30, 5)), **lstm("r", (5, 2))},
        [("a", "Embedding, 30 -> 5"), ("r", "LSTM, 5 -> 2")],
    ),
    (zeros(a__weight=(8, 6, 3)), [("a", "Conv1d, kernel 3, 6 -> 8")]),
    (zeros(a__weight=(8, 6, 3, 2)), [("a", "Conv2d, kernel 3 x 2, 6 -> 8")]),
    (zeros(a__weight=(8, 6, 1, 1, 1)), [("a", "Conv3d, kernel 1 x 1 x 1, 6 -> 8")]),
    (zeros(a__weight=(8, 6, 3), a__bias=(6,)), [("a", "ConvTranspose1d, kernel 3, 8 -> 6")]),
    (zeros(deconv__weight=(6, 6, 3)), [("deconv", "ConvTranspose1d, kernel 3, 6 -> 6")]),
    (zeros(a__weight=(8, 6, 3), a__bias=(5,)), [("a", "not recognised")]),
    (zeros(a__weight=(1,)), [("a", "PReLU, 1")]),
    (zeros(n__running_mean=(4,), n__running_var=(4,)), [("n", "BatchNorm, 4")]),
    (zeros(n__weight=(4,), n__bias=(4,)), [("n", "LayerNorm, 4")]),
    (zeros(scale=()), [("", "not recognised")]),
]  # fmt: skip


@pytest.mark.parametrize(("arrays", "told"), RECOGNISED)
def test_what_is_recognised(arrays: dict[str, Any], told: list[tuple[str, str]]) -> None:
    np.testing.assert_equal(summaries(recognise(arrays)), told)


@pytest.mark.parametrize("blocks", [1, 3, 4])
def test_a_cell_is_drafted_with_its_layout(blocks: int, tmp_path: Path) -> None:
    weights = lstm("cell", (5, 7), "", blocks)
    (tmp_path / "net.toml").write_text(draft_network(weights).text)
    read_network(tmp_path / "net.toml", weights).build()


def test_names_that_safetensors_sorted_come_into_their_order() -> None:
    sizes = [(f"{n}.weight", (n + 3, n + 1)) for n in range(0, 22, 2)]
    arrays = {name: np.zeros(shape, "f4") for name, shape in sorted(sizes)}
    order = [part.prefix for part in draft_network(arrays).parts]
    np.testing.assert_equal(order, [str(n) for n in range(0, 22, 2)])


def test_layers_in_the_order_of_the_alphabet_are_chained_by_their_sizes() -> None:
    arrays = {**zeros(a__weight=(2, 9)), **lstm("m", (4, 9)), **zeros(z__weight=(4, 6))}
    order = [part.prefix for part in draft_network(arrays).parts]
    np.testing.assert_equal(order, ["z", "m", "a"])


def test_groups_follow_from_the_channels_before(tmp_path: Path) -> None:
    arrays = zeros(a__weight=(8, 3, 3), b__weight=(8, 1, 3))
    text = draft_network(arrays).text
    np.testing.assert_equal("groups = 8" in text, True)
    (tmp_path / "net.toml").write_text(text)
    read_network(tmp_path / "net.toml", arrays).build()


def test_a_module_that_is_not_known_is_a_mark(tmp_path: Path) -> None:
    arrays = zeros(a__weight=(4, 3), odd__gamma=(4,), b__weight=(2, 4))
    (tmp_path / "net.toml").write_text(draft_network(arrays).text)
    with pytest.raises(SpecError, match=r"kind = 'CHOOSE' has a mark that is to be filled in"):
        read_network(tmp_path / "net.toml", arrays)


@pytest.mark.parametrize(
    ("arrays", "kinds"),
    [
        ({**lstm("a", (5, 6)), **zeros(b__weight=(7, 6, 3))}, ["lstm", "transpose", "conv"]),
        (zeros(a__weight=(4, 3, 1), b__weight=(2, 4)), ["conv", "global_average_pool", "flatten"]),
        ({**zeros(a__weight=(6, 3, 1)), **lstm("b", (6, 5)), **zeros(c__weight=(2, 5))},
         ["conv", "transpose", "lstm", "dense"]),
        (zeros(emb__weight=(30, 3), a__weight=(4, 3, 1)), ["embedding", "transpose", "conv"]),
        ({**zeros(n__weight=(3,), n__bias=(3,)), **lstm("b", (3, 5))}, ["layer_norm", "lstm"]),
        (zeros(a__weight=(4, 3, 1), n__weight=(4,), n__bias=(4,)), ["conv", "group_norm"]),
        (zeros(a__weight=(4, 3, 1), up__weight=(4, 2, 2), up__bias=(2,)), ["conv", "op"]),
        (zeros(a__weight=(4, 3), p__weight=(1,), b__weight=(2, 4)), ["dense", "op", "dense"]),
        (zeros(a__weight=(4, 3), n__running_mean=(4,), n__running_var=(4,), b__weight=(2, 4)),
         ["dense", "batch_norm", "dense"]),
        (zeros(a__weight=(4, 3), n__weight=(4,), n__bias=(4,), b__weight=(2, 4)),
         ["dense", "layer_norm", "dense"]),
    ],
)  # fmt: skip
def test_what_stands_between(arrays: dict[str, Any], kinds: list[str], tmp_path: Path) -> None:
    text = draft_network(arrays).text.replace("3 CHOOSE", "3 9")
    (tmp_path / "net.toml").write_text(text)
    found = [line.split('"')[1] for line in text.splitlines() if line.startswith("kind")]
    np.testing.assert_equal(found[: len(kinds)], kinds)
    read_network(tmp_path / "net.toml", arrays).build()


def test_dims_are_open_where_no_layer_fixes_them() -> None:
    arrays = {**zeros(a__weight=(6, 3, 1)), **lstm("b", (6, 5)), **zeros(c__weight=(2, 5))}
    np.testing.assert_equal('x = "batch 3 time"' in draft_network(arrays).text, True)
    averaged = zeros(a__weight=(4, 3, 1, 1), b__weight=(2, 4))
    np.testing.assert_equal('x = "batch 3 height width"' in draft_network(averaged).text, True)


def test_lengths_are_drafted_without_a_mark(tmp_path: Path) -> None:
    text = draft_network(lstm("a", (5, 6)), lengths=True).text
    np.testing.assert_equal("if sequences are packed" in text, False)
    (tmp_path / "net.toml").write_text(text)
    net = read_network(tmp_path / "net.toml", lstm("a", (5, 6)))
    np.testing.assert_equal(list(net.inputs), ["x", "lengths"])


def test_nothing_that_is_known_is_one_error() -> None:
    with pytest.raises(WeightError, match=r"no layer is recognised among the arrays odd\nnames"):
        draft_network(zeros(odd=(4,)))


def test_a_transposed_convolution_has_its_activation_behind_it(tmp_path: Path) -> None:
    state = zeros(e__weight=(8, 1, 3, 3), e__bias=(8,), d1__weight=(8, 4, 2, 2), d1__bias=(4,))
    state |= zeros(d2__weight=(4, 1, 2, 2), d2__bias=(1,))
    text = draft_network(state, "ae.pt").text
    (tmp_path / "net.toml").write_text(text)
    nodes = read_network(tmp_path / "net.toml", state).build().graph.node
    kinds = ["Conv", "Relu", "ConvTranspose", "Relu", "ConvTranspose"]
    np.testing.assert_equal([node.op_type for node in nodes], kinds)
    assert 'activation = "identity"  # CHOOSE: relu, tanh, sigmoid, ...; none: identity' in text
    assert 'y = "d2_activated"' in text
    changed = text.replace('"identity"', '"sigmoid"')
    (tmp_path / "net.toml").write_text(changed)
    nodes = read_network(tmp_path / "net.toml", state).build().graph.node
    np.testing.assert_equal([node.op_type for node in nodes], [*kinds, "Sigmoid"])


def test_a_recurrent_layer_behind_images_reads_their_columns(tmp_path: Path) -> None:
    state = zeros(cnn__weight=(6, 1, 3, 3), cnn__bias=(6,))
    state |= zeros(rnn__weight_ih_l0=(15, 24), rnn__weight_hh_l0=(15, 5))
    text = draft_network(state, "crnn.pt").text
    (tmp_path / "net.toml").write_text(text)
    built = read_network(tmp_path / "net.toml", state).build()
    out = runtime.load(built).run({"x": np.zeros((2, 1, 6, 9), "float32")})
    np.testing.assert_equal([array.shape for array in out.values()], [(2, 7, 5)])
    assert 'dims = "batch ? 24"' in text


@pytest.mark.parametrize(("stem", "marked"), [("convs.", 1), ("", 0)])
def test_numbers_without_gaps_may_be_a_modulelist(stem: str, marked: int) -> None:
    state = {f"{stem}{n}.{leaf}": array for n in (0, 1) for leaf, array in LAYER.items()}
    text = draft_network(state, "w.pt").text
    np.testing.assert_equal(text.count('# activation = "relu"  # CHOOSE: a ModuleList may'), marked)
    np.testing.assert_equal(text.count('\nactivation = "relu"'), 0)


LAYER = zeros(weight=(6, 6), bias=(6,))


@pytest.mark.parametrize(("channels", "kinds"), [(6, 1), (1, 0)])
def test_slopes_of_channels_stand_before_an_images_other_dims(
    channels: int, kinds: int, tmp_path: Path
) -> None:
    state = zeros(conv__weight=(6, 1, 3, 3), conv__bias=(6,))
    state["conv.bias"] -= np.arange(6, dtype="f4")
    state["act.weight"] = np.arange(1, channels + 1, dtype="f4") / 8
    text = draft_network(state, "w.pt").text
    (tmp_path / "net.toml").write_text(text)
    np.testing.assert_equal(text.count('kind = "reshape"'), kinds)
    built = read_network(tmp_path / "net.toml", state).build()
    (y,) = runtime.load(built).run({"x": np.zeros((1, 1, 8, 8), "f4")}).values()
    np.testing.assert_array_equal(y[0, :, 0, 0], state["conv.bias"] * state["act.weight"])
