"""From a file that Keras has saved to a network."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

from ..builder.ops import Ops
from ..checkpoints.load import weights_path
from ..errors import GraphError
from ..network import Network
from ..values import Dim
from . import layers  # noqa: F401  # registers the converters
from .archive import Saved, open_saved
from .entries import MODELS, Entry, check_module, output_names, read_entries, sequential_layers
from .fields import Fields, as_list, as_table, broken
from .model import Applier
from .nodes import read_ends
from .tensor import Tensor

Masks: TypeAlias = Literal["any", "end"]
VERSION_KEY = "onnxwright.keras_version"
"""The metadata entry for the version of Keras that saved the model."""

SPATIAL = {3: ("time",), 4: ("height", "width"), 5: ("depth", "height", "width")}
"""Names of the open dims between batch and channels, by the rank of the input."""
IDS = ("Embedding",)
"""Layers that look ids up: an input that feeds nothing else is of int32, though Keras says float.
"""


def from_keras_file(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    opset: int | None = None,
    dtype: str | None = None,
    target: str | None = None,
    masks: Masks = "any",
) -> Network:
    """Return the network that a Keras file holds: ``.keras``, or ``.h5`` of ``model.save``.

    Keras need not be installed. Inputs and outputs have Keras's names and shapes, channels last;
    the batch and every dim that is None in Keras stay dynamic. Layers that only train, such as
    Dropout, are left out; a stateful layer gets its states as model inputs and outputs. A mask
    (Masking, or Embedding with ``mask_zero``) is followed exactly, wherever it masks. An input that
    only feeds Embedding layers is of int32.

    Parameters
    ----------
    path
        The file. It is read as data: nothing in it is executed.
    name
        The model's name; that in the file when None.
    opset, dtype, target
        As for :class:`Network`; the dtype is that of the file when None.
    masks
        Where steps may be masked: ``any`` of them, as in Keras; or promised to be ``end``, the last
        steps of each sequence alone, which takes no sorting of steps.

    Raises
    ------
    GraphError
        The file cannot be read, or has a layer or an option that cannot be converted; the error
        names them.

    Examples
    --------
    >>> from onnxwright import graphs
    >>> net = graphs.from_keras_file("tests/data/checkpoints/keras/stack.keras")
    >>> {name: value.dims for name, value in net.inputs.items()}
    {'input_layer': ('batch', 'time', 5)}
    """
    saved = open_saved(weights_path(path))
    kind, config = _root(saved)
    net = Network(
        name or str(config.get("name") or saved.path.stem),
        opset=opset,
        dtype=dtype or _dtype(config, saved),
        target=target,
    )
    net.metadata[VERSION_KEY] = saved.version or "unknown"
    if masks not in get_args(Masks):
        raise GraphError(
            f"masks is {masks!r}, which is not known", f"use one of {', '.join(get_args(Masks))}"
        )
    applier = Applier(net, saved.major, masks == "end")
    label = f"model '{net.name}'"
    if kind == "Sequential":
        outputs = _sequential(applier, config, saved, label)
    else:
        outputs = _functional(applier, config, saved, label)
    for output, tensor in outputs.items():
        net.output(_free(net, output), tensor.keras(Ops(net, output)))
    if applier.shares:
        net.share_above = 0
    return net


def _root(saved: Saved) -> tuple[str, dict[str, Any]]:
    """Return the class and the configuration of the model."""
    kind, config = saved.config.get("class_name"), saved.config.get("config")
    if kind not in MODELS:
        raise GraphError(
            f"{saved.path}: is a {kind!r:.60}, not a Sequential or functional model",
            "a subclassed model keeps its architecture in Python code: build this net from its "
            "arrays (see onnxwright/pages/checkpoints.md)",
        )
    check_module(saved.config, kind, str(saved.path))
    if isinstance(config, list):
        return kind, {"name": saved.path.stem, "layers": config}
    return kind, as_table(config, str(saved.path), "the model's config")


def _dtype(config: Mapping[str, Any], saved: Saved) -> str:
    """Return float64 where all layers that say so compute in it, else float32."""
    label = str(saved.path)
    listed = [
        as_table(one, label, "a layer") for one in as_list(config.get("layers"), label, "layers")
    ]
    policies = [_policy(as_table(one.get("config"), label, "a config")) for one in listed]
    told = {policy for policy in policies if policy.startswith("float")}
    return "float64" if told == {"float64"} else "float32"


def _policy(config: Mapping[str, Any]) -> str:
    policy = config.get("dtype")
    if isinstance(policy, dict) and isinstance(policy.get("config"), dict):
        policy = policy["config"].get("name")
    return policy if isinstance(policy, str) else ""


def _sequential(
    applier: Applier, config: Mapping[str, Any], saved: Saved, label: str
) -> dict[str, Tensor]:
    entries = read_entries(sequential_layers(config, label), label)
    if not entries:
        raise broken(label, "has no layers")
    after = [entry for entry in entries if entry.member.kind != "InputLayer"]
    entry = entries[0]
    name = entry.member.name if entry.member.kind == "InputLayer" else f"{entry.member.name}_input"
    reader = [after[0].member.kind] if after else []
    tensors: tuple[Tensor, ...] = (_input(applier.net, entry, name, reader, config),)
    for entry in after:
        tensors = applier.layer(entry, saved.vault.member(entry.member), tensors)
    return dict(zip(output_names([entry.member.name] * len(tensors)), tensors, strict=True))


def _functional(
    applier: Applier, config: Mapping[str, Any], saved: Saved, label: str
) -> dict[str, Tensor]:
    listed = read_entries(as_list(config.get("layers"), label, "layers"), label)
    entries = {entry.member.name: entry for entry in listed}
    readers: dict[str, list[str]] = {name: [] for name in entries}
    for entry in listed:
        for node in entry.nodes:
            for ref in node.refs():
                readers.setdefault(ref.layer, []).append(entry.member.kind)
    tensors = []
    for _, ref in read_ends(config.get("input_layers"), label):
        if ref.layer not in entries:
            raise broken(label, f"its input '{ref.layer}' is no layer")
        tensors.append(_input(applier.net, entries[ref.layer], ref.layer, readers[ref.layer], {}))
    return applier.functional(config, saved.vault, tensors, label)


def _input(
    net: Network, entry: Entry, name: str, readers: Sequence[str], model: Mapping[str, Any]
) -> Tensor:
    """Add a model input, from an InputLayer or from the first layer of an old Sequential."""
    fields = Fields(entry.label, entry.config)
    shape = fields.get("batch_shape", fields.get("batch_input_shape"))
    if shape is None:
        shape = model.get("build_input_shape")
    if not isinstance(shape, list) or not all(one is None or type(one) is int for one in shape):
        raise GraphError(
            f"{entry.label}: the shape of the model's input is not in the file",
            "build the model in Keras (model.build or one call) before it is saved",
        )
    if fields.get("sparse", False) or fields.get("ragged", False):
        raise GraphError(
            f"{entry.label}: the input is sparse or ragged, which ONNX models do not take",
            "make it dense in Keras, with padding",
        )
    dtype = _input_dtype(fields, entry, readers)
    return Tensor(net.input(name, _dims(net, name, shape), dtype=dtype))


def _input_dtype(fields: Fields, entry: Entry, readers: Sequence[str]) -> str | None:
    """Return the dtype of an input; None for that of the network."""
    if readers and set(readers) <= set(IDS):
        return "int32"
    told = _policy(fields.table) if entry.member.kind == "InputLayer" else ""
    floats = ("", "float32", "float64", "float16", "bfloat16")
    return None if told in floats or told.startswith("mixed") else told


def _dims(net: Network, name: str, shape: Sequence[int | None]) -> list[Dim]:
    """Name the open dims; those of a second input get its name before them."""
    if not shape:
        return []
    names = SPATIAL.get(len(shape), tuple(f"dim_{i}" for i in range(1, len(shape))))
    if len(shape) == 2:
        names = ("time",)
    word = "".join(c if c.isalnum() else "_" for c in name).strip("_") or "input"
    before = f"{word}_" if net.inputs and word.isidentifier() else ""
    dims: list[Dim] = ["batch" if shape[0] is None else shape[0]]
    for place, size in enumerate(shape[1:]):
        open_name = names[place] if place < len(names) else f"dim_{place + 1}"
        dims.append(f"{before}{open_name}" if size is None else size)
    return dims


def _free(net: Network, name: str) -> str:
    """Return a name that no input and no output has."""
    number, free = 0, name
    while free in net.inputs or free in net.outputs:
        number += 1
        free = f"{name}_{number}"
    return free
