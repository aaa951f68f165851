"""Every layer of a network, as its line in docs/layers.md has it: built, run, and read back."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from onnxwright import graphs, runtime
from onnxwright.graphs.extract import LAYOUTS, extract
from onnxwright.graphs.spec import read_network

from .test_layers_page import ROWS, code

RANDOM = np.random.default_rng(0)


def random(*shape: int) -> Any:
    return RANDOM.random(shape).astype(np.float32)


def recurrent(blocks: int) -> dict[str, Any]:
    rows = blocks * 4
    shapes: dict[str, Any] = {"weight_ih_l0": (rows, 4), "weight_hh_l0": (rows, 4)}
    shapes |= {"bias_ih_l0": (rows,), "bias_hh_l0": (rows,)}
    both = {f"{kind}{end}": shape for kind, shape in shapes.items() for end in ("", "_reverse")}
    return {f"rnn{blocks}.{name}": random(*shape) for name, shape in both.items()}


ARRAYS: dict[str, Any] = {
    "fc.weight": random(5, 4),
    "fc.bias": random(5),
    "conv.weight": random(6, 4, 3),
    "words.weight": random(11, 5),
    "bn.weight": random(4),
    "bn.bias": random(4),
    "bn.running_mean": random(4),
    "bn.running_var": random(4),
    "norm.weight": random(4),
    "norm.bias": random(4),
    "mean": random(4),
    "positions": random(3, 4),
    **recurrent(1),
    **recurrent(3),
    **recurrent(4),
    **{f"one{name[4:]}": a for name, a in recurrent(3).items() if "reverse" not in name},
}
SEQUENCE, IMAGE = '"batch time 4"', '"batch 4 8"'
IDS = '{ dims = "batch time", dtype = "int64" }'
LENGTHS = '\nlengths = { dims = "batch", dtype = "int32" }'
H = '[[layer]]\nname = "h"\nkind = "op"\nop_type = "Identity"'
K = '[[layer]]\nname = "k"\nkind = "constant"\narray = [2]'


def torch(prefix: str) -> str:
    return f'weights = {{ from = "torch", prefix = "{prefix}" }}'


CASES: dict[str, tuple[str, str, str]] = {
    "dense": (SEQUENCE, "", ""),
    "embedding": (IDS, "", ""),
    "conv": (IMAGE, "", torch("conv")),
    "conv_as_dense": (IMAGE, "", torch("conv")),
    "average_pool": ('"batch 4 8 9"', "", ""),
    "rnn": (SEQUENCE + LENGTHS, "", torch("rnn1")),
    "lstm": (SEQUENCE, "", torch("rnn4")),
    "gru": (SEQUENCE, "", torch("one")),
    "batch_norm": (IMAGE, "", torch("bn")),
    "layer_norm": (SEQUENCE, "", ""),
    "concat": (IMAGE, H, ""),
    "subtract": (SEQUENCE, "", ""),
    "reshape": ('"batch 64"', "", ""),
    "op_many": ('"batch 4"', K, ""),
}
"""The inputs, what stands above the layer, and what its row in the table leaves out."""
SIZES: Any = {"batch": 2, "time": 3}
NOT_KNOWN_AGAIN = {"group_norm": "it is written as its equation"}
NORMS = ("layer_norm", "group_norm")
WEIGHED = ("dense", "embedding", "conv", "rnn", "lstm", "gru", "batch_norm", *NORMS)


def network(kind: str, tmp_path: Path) -> graphs.Network:
    """Return the network of one layer, with the lines of its row."""
    inputs, above, more = CASES.get(kind, (IMAGE, "", ""))
    lines = [*code(ROWS[kind][1]), more, 'name = "layer"']
    text = ["[inputs]", f"x = {inputs}", above, "[[layer]]", *lines, '[outputs]\ny = "layer"']
    (tmp_path / "net.toml").write_text("\n".join(text))
    return read_network(tmp_path / "net.toml", ARRAYS)


def operators(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("kind", ROWS)
def test_the_lines_of_every_row_build_and_run(kind: str, tmp_path: Path) -> None:
    model = network(kind, tmp_path).build()
    feeds: dict[str, Any] = {
        info.name: np.ones(
            [d if isinstance(d, int) else SIZES[d] for d in info.shape or ()], info.dtype
        )
        for info in runtime.load(model).inputs
    }
    (y,) = runtime.load(model).run(feeds).values()
    np.testing.assert_equal(np.isfinite(y).all(), True)
    told = set(code(ROWS[kind][4]))
    written = operators(model)
    if kind == "activation":
        told.add("LeakyRelu")
    if told and kind not in NOT_KNOWN_AGAIN:
        np.testing.assert_equal(bool(told & written), True, f"{told} in {written}")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ROWS)
def test_every_layer_with_weights_is_read_back(kind: str, layout: str, tmp_path: Path) -> None:
    found = graphs.read(network(kind, tmp_path).build())
    if kind == "conv_as_dense":
        np.testing.assert_equal([type(one) for one in found.values()], [graphs.DenseWeights])
        return
    np.testing.assert_equal(list(found), ["layer"] if kind in WEIGHED else [])
    arrays = extract(found, layout)
    if kind in WEIGHED and layout == "torch":
        prefix = {"dense": "fc", "embedding": "words", **dict.fromkeys(NORMS, "norm")}.get(kind)
        prefix = prefix or CASES[kind][2].split('"')[3]
        own = "layer" if kind in ("embedding", *NORMS) else prefix  # arrays, not containers
        names = [name for name in ARRAYS if name.startswith(f"{prefix}.")]
        given = {f"{own}{name.removeprefix(prefix)}": ARRAYS[name] for name in names}
        np.testing.assert_equal(sorted(arrays), sorted(given))
        for name, array in given.items():
            np.testing.assert_allclose(arrays[name], array, rtol=1e-6)


def test_the_names_of_a_stack_come_back(tmp_path: Path) -> None:
    layer = '[[layer]]\nkind = "{}"\nname = "{}"\n{}'
    stack = {name.replace("rnn1", "m"): array for name, array in recurrent(1).items()}
    state = {name: array for name, array in stack.items() if "reverse" not in name}
    state |= {name.replace("l0", "l1"): array + 1 for name, array in state.items()}
    state |= {"a.0.weight": random(5, 4), "e.t.weight": random(9, 4)}
    parts = [
        '[inputs]\nx = { dims = "batch time", dtype = "int64" }',
        layer.format("embedding", "e", 'table = { from = "torch", prefix = "e.t" }'),
        *(
            layer.format(
                "rnn", f"r{n}", f'weights = {{ from = "torch", prefix = "m", layer = {n} }}'
            )
            for n in (0, 1)
        ),
        layer.format("dense", "d", torch("a.0")),
        '[outputs]\ny = "d"',
    ]
    (tmp_path / "net.toml").write_text("\n".join(parts))
    model = read_network(tmp_path / "net.toml", state).build()
    np.testing.assert_equal(extract(graphs.read(model), "torch"), state)


@pytest.mark.parametrize("told", ["3", '{"d": 3}', '{"d": [3, 0]}', '{"d": ["a", "b"]}', "{"])
def test_origins_that_are_damaged_are_none(told: str, tmp_path: Path) -> None:
    model = network("dense", tmp_path).build()
    kept = [entry for entry in model.metadata_props if entry.key != "onnxwright.origins"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    model.metadata_props.add(key="onnxwright.origins", value=told)
    np.testing.assert_equal(graphs.read(model)["layer"].origin, None)
