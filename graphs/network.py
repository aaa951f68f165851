"""The network: where values come in, go through layers, and come out as a model."""

import inspect
import os
from typing import TYPE_CHECKING

import numpy as np
from onnx import ModelProto

from .answers import answering, unknown_layer
from .builder.builder import FLOATS
from .builder.model_proto import Skeleton, assemble, check, fill
from .builder.placement import check_model
from .builder.provenance import describe_lowered, describe_sources
from .builder.serialize import save
from .builder.told import NETWORK_KEY, tell_network
from .errors import GraphError, ValueMismatchError
from .given import flag, shown, text, whole
from .layers.combine import Combining
from .layers.conv import Convolutions
from .layers.dense import Dense
from .layers.elementwise import Elementwise
from .layers.norm import Normalising
from .layers.operator import Operators
from .layers.pool import Pooling
from .layers.recurrent import RecurrentLayers
from .layers.shape import Shaping
from .recording import recording
from .shown import network_line, network_table
from .targets import Target, choose
from .values import DimsLike, Value, compatible, format_dims, parse_dims

PORTABLE_OPSET = 17
"""The opset that every engine tried has loaded, with the IR version 8 that goes with it."""

INPUT_DTYPES = {
    **FLOATS,
    **{name: np.dtype(name) for name in ("int8", "uint8", "int16", "uint16", "bool")},
    **{name: np.dtype(name) for name in ("int32", "uint32", "int64", "uint64")},
}


@answering
@recording
class Network(
    Dense,
    Convolutions,
    Pooling,
    RecurrentLayers,
    Elementwise,
    Normalising,
    Combining,
    Shaping,
    Operators,
):
    """A network under construction, from its inputs to its outputs.

    Parameters
    ----------
    name
        The model's name.
    opset
        The version of the operator set, 13 or newer; 17, which loads nearly everywhere, when None.
        The IR version is the lowest that may carry it.
    dtype
        What the network computes in: ``float16``, ``bfloat16``, ``float32`` or ``float64``. Weights
        are converted to it.
    target
        Where the model is to run, such as ``cuda`` or ``openvino`` (see :mod:`.targets`): layers
        take a form that it runs, and the opset is the one that suits it. Any engine when None.
    streaming
        Give every recurrent layer without an initial state a pair of model input and output
        ``encoder.h_in`` and ``encoder.h_out`` (for an LSTM ``c`` too) of shape ``[batch, units]``,
        so that a long sequence can be fed in chunks. Where servers, which pair them by sorted name,
        would pair them wrongly, they are ``state_0_in``, ``state_0_out``, ...
    doc
        What the model says of itself: its ``doc_string``.

    Examples
    --------
    >>> import numpy as np
    >>> from onnxwright import graphs
    >>> net = graphs.Network("perceptron")
    >>> x = net.input("x", "batch 4")
    >>> weights = graphs.DenseWeights(np.ones((2, 4), np.float32), np.zeros(2, np.float32))
    >>> net.output("y", net.dense(x, weights, activation="relu", name="head"))
    >>> [node.op_type for node in net.build().graph.node]
    ['Gemm', 'Relu']
    """

    def __init__(
        self,
        name: str,
        *,
        opset: int | None = None,
        dtype: str = "float32",
        target: str | None = None,
        streaming: bool = False,
        doc: str = "",
    ) -> None:
        chosen = None if target is None else choose(target)
        if opset is None:
            opset = PORTABLE_OPSET if chosen is None else chosen.opset
        super().__init__(name, opset, dtype, chosen)
        if chosen is not None:
            _check_target(self, chosen)
        self.streaming = flag(streaming, f"network '{name}': streaming")
        self.doc = text(doc, f"network '{name}': doc")
        self.metadata: dict[str, str] = {}
        """Entries for the model's metadata, beside those about its weights."""

    if not TYPE_CHECKING:  # a checker knows the methods, and tells what is none

        def __getattr__(self, name: str) -> object:
            """Refuse what is no layer, with the name that it has here."""
            if name.startswith("_"):
                raise AttributeError(name)
            raise unknown_layer(self.__dict__.get("name", "?"), name, _layer_names())

    def __repr__(self) -> str:
        return network_line(self)

    def _repr_html_(self) -> str:
        return network_table(self)

    def input(self, name: str, dims: DimsLike, *, dtype: str | None = None) -> Value:
        """Add a model input, such as ``net.input("x", "batch time 40")``.

        `dims` is the notation of words (named, dynamic) and numbers (fixed); `dtype` is the
        network's when None.

        Raises
        ------
        ValueMismatchError
            The dims or the dtype are not understood.
        GraphError
            The name is taken.
        """
        if dtype is not None and (not isinstance(dtype, str) or dtype not in INPUT_DTYPES):
            raise ValueMismatchError(
                f"input '{name}': dtype {shown(dtype)} is not known",
                f"use one of {', '.join(INPUT_DTYPES)}",
            )
        given = INPUT_DTYPES[dtype] if dtype else self.dtype
        value = Value(
            self.layer_name("input", name), given, parse_dims(dims, f"input '{name}'"), self
        )
        self.inputs[name] = value
        self.recorder.result(value, name, name)
        return value

    def output(self, name: str, value: Value, dims: DimsLike | None = None) -> None:
        """Make `value` the model's output `name`.

        `dims` renames the dims of the output where the layers could not know them; they must not
        contradict what is known.

        Raises
        ------
        GraphError
            The name is taken by an input or another output.
        ValueMismatchError
            `value` is of another network, or `dims` contradict its own.
        """
        text(name, "an output's name")
        value = self.own(value, f"output '{name}'")
        if not name or name in self.inputs or name in self.outputs:
            raise GraphError(
                f"output name {name!r} is empty or taken in network '{self.name}'",
                "give each input and output a name of its own",
            )
        if dims is not None:
            given = parse_dims(dims, f"output '{name}'")
            if len(given) != value.rank or not all(map(compatible, given, value.dims)):
                raise ValueMismatchError(
                    f"output '{name}': dims {format_dims(given)} contradict {value}",
                    "leave the dims out, or give those that the value has",
                )
            value = Value(value.name, value.dtype, given, self)
        self.outputs[name] = value

    def build(self) -> ModelProto:
        """Return the model, after the full checker has passed it.

        Raises
        ------
        GraphError
            There is no output, the checker refuses the model, or it passes 2 GiB.
        """
        return fill(self._skeleton())

    def save(self, path: str | os.PathLike[str], *, external_threshold: int = 1 << 29) -> None:
        """Write the model to `path`: all of it or nothing, the same bytes for the same arrays.

        When the weights take more than `external_threshold` bytes in total, they go to
        ``<path>.<digest>.data`` beside the model, straight from the arrays.

        Raises
        ------
        GraphError
            As for `build`.
        FileError
            The folder does not exist or cannot be written to.
        """
        if not isinstance(path, str | os.PathLike):
            raise GraphError(
                f"network '{self.name}': cannot be saved to {shown(path)}",
                'give the path of a file, such as "net.onnx"',
            )
        save(self._skeleton(), path, whole(external_threshold, "external_threshold"))

    def _skeleton(self) -> Skeleton:
        told = describe_sources(self.sources, self.origins) | describe_lowered(self.lowered)
        for key, entry in self.metadata.items():
            text(key, "a key of the metadata")
            text(entry, f"the metadata's {shown(key)}")
        skeleton = assemble(self, self.doc, told | self.metadata)
        network = tell_network(self, self.streaming, skeleton.model)
        skeleton.model.metadata_props.add(key=NETWORK_KEY, value=network)
        check(skeleton)
        if self.target is not None:
            check_model(skeleton.model, skeleton.weights, self.target)
        return skeleton


def _layer_names() -> list[str]:
    """Return the names of the methods that add a layer."""
    return [
        name
        for name, method in inspect.getmembers(Network, inspect.isfunction)
        if not name.startswith("_") and "name" in inspect.signature(method).parameters
        if inspect.signature(method).parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
    ]


def _check_target(net: Network, target: Target) -> None:
    """Refuse an opset or a dtype that the target is known not to run."""
    if net.opset > target.newest_opset:
        raise GraphError(
            f"network '{net.name}': {target.name} runs opset {target.newest_opset} at most, "
            f"not {net.opset}",
            f"leave the opset out to get {target.opset}",
        )
    if net.dtype.name not in target.dtypes:
        raise GraphError(
            f"network '{net.name}': {target.name} does not run {net.dtype.name}",
            f"use one of {', '.join(target.dtypes)}",
        )
