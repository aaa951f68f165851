"""From what a model tells of itself back to the `Network` that it was made from."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto

from ...dims import read_dim
from ...json_text import read_json
from ..builder.constants import to_array
from ..builder.provenance import entries, read_shared
from ..builder.told import NETWORK_KEY, digest_nodes, unpack
from ..errors import GraphError, SpecError
from ..network import Network
from ..values import format_dims
from ..weights import LayerNormWeights
from ..weights.base import Weights
from .network import build_network
from .source import Source, is_deep

DAMAGE = (LookupError, TypeError, AttributeError, ValueError)
"""What reading tables of any form runs into; a `GraphError` is a `ValueError`."""
EPSILON = 1e-5
"""The default of both normalisations."""
OWN = "onnxwright."
"""What the keys of this package's metadata begin with."""


def recorded_network(
    model: ModelProto, layers: Mapping[str, Weights], overrides: Mapping[str, Any]
) -> Network:
    """Return the network that `model` tells, with the containers that were read from it.

    Raises
    ------
    GraphError
        The model tells none, or its nodes were changed since.
    """
    return build_network(recorded_source(model, layers), {}, overrides)


def recorded_source(model: ModelProto, layers: Mapping[str, Weights]) -> Source:
    """Return the tables of the network file, with arrays and containers in the places of names."""
    told = _read_entry(model)
    graph = model.graph
    if told.pop("nodes", None) != digest_nodes(graph):
        raise GraphError(
            f"model '{graph.name}': its nodes are not those that onnxwright wrote",
            "read the model as it was before it was quantized, optimized or edited",
        )
    ends = {value.name: value for value in (*graph.input, *graph.output)}
    opset = next((item.version for item in model.opset_import if item.domain == ""), 0)
    own = {"name": graph.name, "opset": opset, "doc": model.doc_string}
    try:
        told["network"] = {key: one for key, one in own.items() if one} | told["network"]
        dtype = told["network"].get("dtype", "float32")
        told["inputs"] = {name: _declared(ends[name], dtype) for name in told["inputs"]}
        told["outputs"] = {
            name: {"value": ref, "dims": _dims(ends[name])} for name, ref in told["outputs"].items()
        }
        found = Found(model, layers)
        told["layer"] = [found.table(unpack(one)) for one in told["layer"]]
    except GraphError:
        raise
    except DAMAGE as error:
        raise _damaged(model) from error
    metadata = {key: one for key, one in entries(model).items() if not key.startswith(OWN)}
    return Source(Path(graph.name or "model"), "", told | {"metadata": metadata})


def _read_entry(model: ModelProto) -> dict[str, Any]:
    text = entries(model).get(NETWORK_KEY, "")
    if not text:
        raise GraphError(
            f"model '{model.graph.name}' does not tell the network that it was made from",
            "only models that Network builds do; graphs.read gives the weights of any",
        )
    try:
        told = read_json(text, constants=True)
    except ValueError as error:
        raise _damaged(model) from error
    if not isinstance(told, dict) or is_deep(told):
        raise _damaged(model)
    if "untold" in told:
        raise GraphError(
            f"model '{model.graph.name}' cannot tell the network that it was made from: "
            f"it has {told['untold']}",
            "build the network again in Python; graphs.read gives its weights",
        )
    return told


def _damaged(model: ModelProto) -> SpecError:
    return SpecError(
        f"model '{model.graph.name}': its metadata '{NETWORK_KEY}' is damaged",
        "read the model as onnxwright wrote it",
    )


def _declared(info: onnx.ValueInfoProto, dtype: str) -> dict[str, Any]:
    """Return the table of an input, whose dtype is left out where it is the network's."""
    own = onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type).name
    return {"dims": _dims(info)} | ({} if own == dtype else {"dtype": own})


def _dims(info: onnx.ValueInfoProto) -> str | list[int]:
    dims = [read_dim(dim) for dim in info.type.tensor_type.shape.dim]
    return format_dims(dims) if dims else []


def told_norms(model: ModelProto) -> Iterator[tuple[str, LayerNormWeights]]:
    """Yield the weights of normalisations that were written as their equation, as far as told."""
    try:
        told = _read_entry(model)
        tables = told["layer"] if told.get("nodes") == digest_nodes(model.graph) else []
        found = Found(model, {})
        for table in map(unpack, tables):
            if table["kind"] in ("group_norm", "layer_norm") and "scale" in table:
                made = found.table(table)
                if not isinstance(made["name"], str):
                    raise TypeError("a name is no text")
                epsilon = made.get("epsilon", EPSILON)
                yield (
                    made["name"],
                    LayerNormWeights(
                        made["scale"], made.get("bias"), epsilon=epsilon, source="onnx"
                    ),
                )
    except DAMAGE:
        return  # the metadata are anybody's


class Found:
    """What tables name: the containers of a model's layers, and its arrays."""

    def __init__(self, model: ModelProto, layers: Mapping[str, Weights]) -> None:
        self.layers = layers
        self.shared = read_shared(model)
        self.tensors = {tensor.name: tensor for tensor in model.graph.initializer}

    def table(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a layer's table with what it names in the places of the names."""
        return {
            key: one if key == "attributes" else self._value(one, f"layer '{table['name']}'")
            for key, one in table.items()
        }

    def _value(self, given: Any, label: str) -> Any:
        if isinstance(given, list):
            return [self._value(one, label) for one in given]
        if not isinstance(given, dict):
            return given
        if "weights" in given:
            return self._weights(given["weights"], label)
        name = given["array"]
        array = to_array(self.tensors[self.shared.get(name, name)])
        return np.reshape(array, given.get("shape", array.shape))

    def _weights(self, name: str, label: str) -> Weights:
        kept = self.shared.get(f"{name}.W", "").removesuffix(".W")
        found = self.layers.get(name) or self.layers.get(kept)
        if found is None:
            raise GraphError(
                f"{label}: its weights are not found in the model",
                "read the model as onnxwright wrote it",
            )
        return found
