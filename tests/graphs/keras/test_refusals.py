"""What cannot be converted is named with its layer and key; hostile files are one error."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from onnxwright.graphs import GraphError, from_keras_file

from .saved import DATA, Change, changed, layer, replacing, setting, write


def index(*given: Any) -> Change:
    """Return what makes these the indices of a part."""

    def change(config: dict[str, Any]) -> None:
        layer(config, "get_item")["inbound_nodes"][0]["args"][1] = list(given)

    return change


def slice_of(**config: Any) -> dict[str, Any]:
    return {"class_name": "__slice__", "config": config}


CASES: list[tuple[str, Change, str]] = [
    (
        "stack",
        replacing("dense", class_name="Lambda"),
        r"layer 'dense' \(Lambda\): layers of class Lambda cannot be converted\nreplace the layer",
    ),
    (
        "stack",
        replacing("dense", class_name="Densee"),
        r"class Densee cannot be converted \(Dense can\)",
    ),
    (
        "stack",
        replacing("dense", module="my.layers"),
        r"model 'sequential': class Dense is of 'my.layers', not of Keras: what it computes",
    ),
    ("stack", lambda c: c.update(module="mine"), "class Sequential is of 'mine', not of Keras"),
    ("stack", setting("dense", "units", "two"), r"key 'units': is 'two', needs a whole number"),
    ("stack", setting("dense", "units", 10**30), r"\(Dense\), key 'units': is 10000"),
    ("stack", setting("dense", "use_bias", 1), "key 'use_bias': is 1, needs true or false"),
    ("stack", setting("dense", "activation", "glow"), "key 'activation': is 'glow', needs one of"),
    (
        "stack",
        setting("dense", "activation", {"class_name": "function", "config": "gelu"}),
        "key 'activation': {'class_name': 'function', 'config': 'gelu'} cannot be converted",
    ),
    ("stack", setting("dense", "lora_rank", 4), "key 'lora_rank': 4 cannot be converted"),
    ("stack", setting("lstm", "time_major", True), "key 'time_major': True cannot be converted"),
    (
        "stack",
        setting("lstm", "activation", "gelu"),
        r"layer 'lstm' \(LSTM\): lstm 'lstm': activation 'gelu' cannot stand inside",
    ),
    (
        "stack",
        setting("bidirectional", "merge_mode", "most"),
        "'merge_mode': is 'most', needs one of",
    ),
    ("images", setting("conv2d", "strides", [2, 0]), r"'strides': is \[2, 0\], needs 2 whole"),
    ("images", setting("conv2d", "padding", "wide"), "'padding': is 'wide', needs 'valid' or"),
    ("images", setting("batch_normalization", "axis", 5), r"'axis': is \[5\], needs dims from"),
    ("images", setting("batch_normalization", "axis", 2), r"normalises over axis \[2\]"),
    ("images", setting("batch_normalization", "renorm", True), "'renorm': True cannot be conv"),
    ("images", setting("cropping2d", "cropping", [[9, 9], [9, 9]]), "crops 9 and 9 of a dim of"),
    ("parts", index("a"), r"layer 'get_item' \(GetItem\): has the index 'a': numbers and slices"),
    ("parts", index(1, None), r"has the index None: numbers and slices of numbers are converted"),
    ("parts", index(0, 0, 0, 0), r"has 4 indices for 3 dims"),
    ("parts", index(slice_of(start=0, step=0)), r"has the index .*: numbers and slices"),
    ("parts", index(slice_of(start=1.5)), r"has the index .*: numbers and slices"),
    ("parts", index(1 << 63), r"has the index 9223372036854775808: numbers and slices"),
    ("parts", setting("groups", "groups", 4), r"takes channels \(dim 1\) of 4 whole groups, got"),
    ("parts", setting("groups", "axis", 1), r"has shape \[6\], needs \[\?\]|whole groups"),
    ("deconvolution", setting("conv2d_transpose", "output_padding", 1), "'output_padding': 1 can"),
    ("shapes", setting("reshape", "target_shape", [7, 7]), r"24 numbers a sample do not fit \[7"),
    (
        "shapes",
        setting("layer_normalization", "axis", [0]),
        r"scale has shape \[3, 8\], needs \[batch\]",
    ),
    ("graph", replacing("shared", inbound_nodes=[["nobody", 0, 0, {}]]), "no call 0 of a layer"),
    ("graph", replacing("shared", inbound_nodes=3), "inbound_nodes is 3, needs a list"),
    ("graph", replacing("shared", inbound_nodes=[]), "there is no call 0 of a layer 'shared'"),
    ("graph", replacing("shared", config=7), "config is 7, needs a table"),
    ("graph", replacing("inner", inbound_nodes=[["inner", 1, 0, {}]]), "no call 1 of"),
]


@pytest.mark.parametrize(("name", "change", "told"), CASES, ids=[told for _, _, told in CASES])
def test_what_cannot_be_converted_is_named(
    name: str, change: Change, told: str, tmp_path: Path
) -> None:
    path = changed(name, change, tmp_path)
    with pytest.raises(GraphError, match=told):
        from_keras_file(path).build()


def into_itself(config: dict[str, Any]) -> None:
    """Put models inside each other, deeper than anybody builds them."""
    inner = layer(config, "dense")
    for _ in range(40):
        inner = {"class_name": "Sequential", "config": {"name": "m", "layers": [inner]}}
    config["config"]["layers"][-1] = inner


def in_a_circle(config: dict[str, Any]) -> None:
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["joined", 0, 0]}}
    layer(config, "shared")["inbound_nodes"][0]["args"] = [tensor]


HOSTILE: list[tuple[str, Change, str]] = [
    ("stack", into_itself, "models are nested more than 16 deep"),
    ("graph", in_a_circle, "needs what no layer gives"),
    ("stack", lambda c: c.update(class_name="Custom"), "is a 'Custom', not a Sequential"),
    ("stack", lambda c: c.update(config=[1]), "a layer is 1, needs a table"),
    ("stack", lambda c: c["config"].pop("layers"), "layers is None, needs a list"),
    ("stack", lambda c: c["config"].update(layers=[]), "has no layers"),
    ("graph", lambda c: c["config"].update(output_layers=[["a", "b"]]), "no reference to a layer"),
    ("graph", lambda c: c["config"].update(input_layers={"a": ["q", 0, 0]}), "'q' is no layer"),
]


@pytest.mark.parametrize(("name", "change", "told"), HOSTILE, ids=[told for _, _, told in HOSTILE])
def test_a_hostile_configuration_is_one_error(
    name: str, change: Change, told: str, tmp_path: Path
) -> None:
    with pytest.raises(GraphError, match=told):
        from_keras_file(changed(name, change, tmp_path)).build()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{", "is not valid JSON"),
        (b"[1]", r"the configuration is \[1\], needs a table"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
    ],
)
def test_a_configuration_that_is_none(text: bytes, told: str, tmp_path: Path) -> None:
    write(tmp_path / "a.keras", {"config.json": text})
    with pytest.raises(GraphError, match=told):
        from_keras_file(tmp_path / "a.keras")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("net.pt", r"nothing to convert\nonnxwright draft .*net.pt -o net.toml"),
        ("net.weights.h5", "not its architecture"),
        ("net.onnx", r"suffix '.onnx' is not known, needs one of .keras, .h5, .hdf5"),
        ("net.keras", "cannot be read: no such file"),
    ],
)
def test_files_of_other_kinds(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=told):
        from_keras_file(tmp_path / name)


def test_weights_alone_have_no_architecture(tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    path.write_bytes((DATA / "stack.weights.h5").read_bytes())
    with pytest.raises(GraphError, match="not its architecture\nsave the whole model"):
        from_keras_file(path)


@pytest.mark.parametrize("size", [3, 5000, 20_000])
def test_an_archive_that_is_cut_short(size: int, tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    path.write_bytes((DATA / "stack.keras").read_bytes()[:size])
    with pytest.raises(GraphError, match=r"not a whole HDF5 or .keras file"):
        from_keras_file(path)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(DATA / "stack.keras") as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(DATA / "cells.keras") as source:
        members["model.weights.h5"] = source.read("model.weights.h5")
    write(tmp_path / "a.keras", members)
    with pytest.raises(GraphError, match=r"layer 'bidirectional' .* no array for its kernel"):
        from_keras_file(tmp_path / "a.keras")


@pytest.mark.parametrize("seed", range(8))
def test_any_field_of_another_kind_is_one_error_or_a_model(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    values: list[Any] = [None, -1, 10**18, "x", [], {}, [[]], True, 1e308, "same", 0]
    for name in ("images", "graph", "directions", "masked_ids"):

        def change(config: dict[str, Any]) -> None:
            table: Any = config
            for _ in range(int(rng.integers(3, 9))):
                keys = list(table) if isinstance(table, dict) else list(range(len(table)))
                if not keys:
                    return
                key = keys[int(rng.integers(len(keys)))]
                if not isinstance(table[key], dict | list) or rng.random() < 0.05:
                    table[key] = values[int(rng.integers(len(values)))]
                    return
                table = table[key]

        try:
            from_keras_file(changed(name, change, tmp_path)).build()
        except GraphError:
            continue
