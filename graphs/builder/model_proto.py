"""From the nodes a network has collected to a model: pruned, renamed, in a fixed order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto

from ... import __version__
from ...walking import bodies
from ..errors import GraphError
from ..values import Value
from .builder import Builder
from .protobuf import little_endian, tensor_header, value_info
from .provenance import Digests, describe_shared, note_digest, weights_of
from .prune import prune
from .sharing import equal_arrays

SMALL = 1024
"""Bytes up to which an initializer stands in the skeleton: shapes and axes, which shape inference
reads, do; weights that are worth streaming do not."""


@dataclass(frozen=True)
class Skeleton:
    """A model without its large weights, and those weights in the order they go in.

    `model` has every small initializer; `weights` maps the names of the others to their arrays.
    `given` are all the weights in the model, also those in bodies, as their digest takes them.
    """

    model: ModelProto
    weights: Mapping[str, NDArray[Any]]
    given: Mapping[str, NDArray[Any]]

    @property
    def weight_bytes(self) -> int:
        """The size of `weights` in bytes."""
        return sum(array.nbytes for array in self.weights.values())


def assemble(net: Builder, doc: str, metadata: Mapping[str, str]) -> Skeleton:
    """Assemble the model of `net`: what its outputs need, and every input that it declares.

    Raises
    ------
    GraphError
        The network has no output, or two values have one name.
    """
    if not net.outputs and not net.streams:
        raise GraphError(
            f"network '{net.name}' has no output", 'name one: net.output("logits", value)'
        )
    states = _state_outputs(net)
    for name in states.keys() & net.outputs.keys():
        raise GraphError(
            f"output '{name}' of network '{net.name}' has the name of a streamed state",
            "give the output another name: such names belong to the states",
        )
    outputs = {**net.outputs, **states}
    nodes, initializers = prune(net, outputs)
    shared = equal_arrays(net.initializers, initializers, net.share_above)
    names, identities = _public_names(net, outputs, nodes, shared)
    names |= _state_inputs(net)
    model = _empty_model(net, doc, {**metadata, **describe_shared(shared)})
    graph = model.graph
    graph.node.extend(nodes)
    for node in graph.node:
        _rename(node, names)
    graph.node.extend(identities)
    graph.input.extend(value_info(names.get(name, name), net.inputs[name]) for name in net.inputs)
    graph.output.extend(value_info(name, value) for name, value in outputs.items())
    weights = {}
    for name in (name for name in initializers if name not in shared):
        array = net.initializers[name]
        if array.nbytes > SMALL:
            weights[name] = array
        else:
            graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    given = weights_of(model, weights)
    return Skeleton(model, weights, given)


def _empty_model(net: Builder, doc: str, metadata: Mapping[str, str]) -> ModelProto:
    """Return the model around a graph that is filled in place: a Scan's body holds weights."""
    model = ModelProto(
        ir_version=lowest_ir_version(net.opset),
        producer_name="onnxwright",
        producer_version=__version__,
    )
    if doc:
        model.doc_string = doc
    model.graph.name = net.name
    model.opset_import.add(domain="", version=net.opset)
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    return model


def lowest_ir_version(opset: int) -> int:
    """Return the oldest IR version that may carry `opset`: the one that most tools read.

    >>> lowest_ir_version(17)
    8
    """
    return onnx.helper.find_min_ir_version_for([onnx.helper.make_opsetid("", opset)])


def _state_inputs(net: Builder) -> dict[str, str]:
    """Return the public names of the streamed inputs: after their layers, ``encoder.h_in``.

    Servers pair a state's input with its output by sorted name. Where the names of the layers would
    sort the two differently, or are taken, they are numbers, with zeros before them from ten on.
    """
    names = [net.states[state_in.name] for state_in, _ in net.streams]
    ends = [[f"{name}_{end}" for name in names] for end in ("in", "out")]
    orders = [sorted(range(len(names)), key=each.__getitem__) for each in ends]
    taken = {*net.inputs, *net.outputs, *net.initializers}
    if orders[0] != orders[1] or not taken.isdisjoint(ends[0] + ends[1]):
        width = len(str(len(names) - 1))
        names = [f"state_{number:0{width}}" for number in range(len(names))]
    pairs = zip(net.streams, names, strict=True)
    return {state_in.name: f"{name}_in" for (state_in, _), name in pairs}


def _state_outputs(net: Builder) -> dict[str, Value]:
    """Return the streamed outputs under the names that belong to those of the inputs."""
    names = (name.removesuffix("_in") + "_out" for name in _state_inputs(net).values())
    return dict(zip(names, (state_out for _, state_out in net.streams), strict=True))


def _public_names(
    net: Builder,
    outputs: Mapping[str, Value],
    nodes: Iterable[NodeProto],
    shared: Mapping[str, str],
) -> tuple[dict[str, str], list[NodeProto]]:
    """Name the graph's outputs: rename the value where that is free to do, else copy it."""
    produced = {name for node in nodes for name in node.output}
    taken = produced | set(net.initializers)
    names = dict(shared)
    identities = []
    for public, value in outputs.items():
        if public in taken:
            raise GraphError(
                f"output '{public}' has the name of a value inside network '{net.name}'",
                "give the output another name",
            )
        if value.name in produced and value.name not in names:
            names[value.name] = public
        else:
            source = names.get(value.name, value.name)
            identities.append(
                NodeProto(
                    op_type="Identity", name=f"{public}/Identity", input=[source], output=[public]
                )
            )
    return names, identities


def _rename(node: NodeProto, names: Mapping[str, str]) -> None:
    """Rename in place what the node and its bodies read and write."""
    for names_of_node in (node.input, node.output):
        for index, name in enumerate(names_of_node):
            if name in names:
                names_of_node[index] = names[name]
    for body in bodies(node):
        for inner in body.node:
            _rename(inner, names)


def check(skeleton: Skeleton) -> None:
    """Run the full checker, with the large weights declared as inputs so that none is copied.

    Raises
    ------
    GraphError
        The checker or its shape inference finds fault with the model.
    """
    model = skeleton.model
    if skeleton.weights:
        model = ModelProto()
        model.CopyFrom(skeleton.model)
        model.graph.input.extend(
            value_info(name, Value(name, array.dtype, array.shape, None))
            for name, array in skeleton.weights.items()
        )
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise GraphError(
            f"network '{model.graph.name}' is no valid model: {' '.join(str(error).split())}",
            "check the dims and dtypes of the values that the named node takes",
        ) from error


def fill(skeleton: Skeleton) -> ModelProto:
    """Return the whole model, weights included.

    Raises
    ------
    GraphError
        The model would pass protobuf's limit of 2 GiB.
    """
    if skeleton.weight_bytes >= 2**31:
        name = skeleton.model.graph.name
        raise GraphError(
            f"network '{name}': {skeleton.weight_bytes} bytes of weights, a message holds 2 GiB",
            "save it instead: net.save(path) writes large weights beside the model",
        )
    for name, array in skeleton.weights.items():
        tensor = tensor_header(name, array)
        tensor.raw_data = little_endian(array).tobytes()
        skeleton.model.graph.initializer.append(tensor)
    note_digest(skeleton.model, Digests(skeleton.given.values()).of(skeleton.given))
    return skeleton.model
