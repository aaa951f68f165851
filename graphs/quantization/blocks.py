"""Weights in blocks of 8 or 4 bits: MatMulNBits in place of MatMul and Gemm."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from ...walking import bodies, walk
from ..builder.constants import Array, attribute, to_array

DOMAIN = "com.microsoft"
BLOCK_SIZES = {8: 128, 4: 32}
"""Rows that share a scale, by bits: a coarser number wants a finer scale."""
ACCURACY_LEVEL = 4
"""Lets the runtime multiply bytes, each block of activations rounded to 8 bits, where it can."""
LEAST_ROWS = 32
"""Below it the scales take what the bits save."""


def packed(matrix: Array, bits: int, block_size: int) -> tuple[Array, Array]:
    """Return weights [in, out] as bytes [out, blocks, bytes of a block] and scales [out, blocks].

    A number stands for ``(number - 2**(bits-1)) * scale``. The largest of a block lies on the end
    of the range that is further from the middle, so that it is met exactly.
    """
    rows, columns = matrix.shape
    blocks = -(-rows // block_size)
    padded = np.zeros((columns, blocks * block_size), np.float32)
    padded[:, :rows] = matrix.T
    each = padded.reshape(columns, blocks, block_size)
    middle = 1 << (bits - 1)
    largest = np.take_along_axis(each, np.abs(each).argmax(-1)[..., None], -1)
    scales = largest / -middle
    scales[scales == 0] = 1
    numbers = np.clip(np.rint(each / scales) + middle, 0, 2 * middle - 1).astype(np.uint8)
    return _in_bytes(numbers, bits), scales[..., 0]


def _in_bytes(numbers: Array, bits: int) -> Array:
    if bits == 8:
        return numbers
    together = numbers[..., ::2] | (numbers[..., 1::2] << 4)
    return np.ascontiguousarray(together)


def rewrite_products(
    graph: GraphProto, weights: Mapping[str, TensorProto], bits: int, least_bytes: int = 0
) -> bool:
    """Replace a graph's products with constant weights; say whether there was one.

    `weights` are the constants of the graphs around it. The float weights stay where they are, for
    others may read them. Weights below `least_bytes` are left.
    """
    known = {**weights, **{tensor.name: tensor for tensor in graph.initializer}}
    nodes: list[NodeProto] = []
    made: dict[str, tuple[str, str]] = {}
    for node in graph.node:
        matrix = _matrix(node, known)
        if matrix is None or matrix.nbytes < least_bytes:
            nodes.append(node)
            continue
        key = f"{node.input[1]}/T" if _transposed(node) else node.input[1]
        if key not in made:
            made[key] = _add_packed(graph, key, matrix, bits)
        nodes.extend(_product(node, matrix, made[key], bits))
    copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
    return bool(made)


def obstacle(node: NodeProto, known: Mapping[str, TensorProto]) -> str | None:
    """Say why a product with weights keeps them as they are, or None where it need not."""
    tensor = known.get(node.input[1]) if len(node.input) > 1 else None
    if node.op_type not in ("MatMul", "Gemm") or node.domain not in ("", "ai.onnx"):
        return f"{node.op_type} has no form with weights in blocks"
    if tensor is None or tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2:
        return "its weights are no matrix of float32 that stands in the model"
    if node.op_type == "Gemm" and _scales_or_transposes(node):
        return "its Gemm scales the product or transposes A"
    if tensor.dims[1 if _transposed(node) else 0] < LEAST_ROWS:
        return f"its weights have fewer than {LEAST_ROWS} rows, and scales would take what is saved"
    return None


def _scales_or_transposes(node: NodeProto) -> bool:
    factors = (attribute(node, "alpha", float), attribute(node, "beta", float))
    return bool(attribute(node, "transA", int)) or any(f not in (None, 1.0) for f in factors)


def _transposed(node: NodeProto) -> bool:
    return node.op_type == "Gemm" and bool(attribute(node, "transB", int))


def _matrix(node: NodeProto, known: Mapping[str, TensorProto]) -> Array | None:
    """Return the weights [in, out] of a product that can be replaced, else None."""
    if obstacle(node, known) is not None:
        return None
    array = to_array(known[node.input[1]])
    return array.T if _transposed(node) else array


def _add_packed(graph: GraphProto, name: str, matrix: Array, bits: int) -> tuple[str, str]:
    names = (f"{name}_{bits}bits", f"{name}_scales")
    arrays = packed(matrix, bits, BLOCK_SIZES[bits])
    for each, array in zip(names, arrays, strict=True):
        graph.initializer.append(numpy_helper.from_array(array, each))
    return names


def _product(
    node: NodeProto, matrix: Array, weights: Sequence[str], bits: int
) -> Iterator[NodeProto]:
    """Yield MatMulNBits, and an Add where the Gemm has a C."""
    has_c = len(node.input) > 2 and node.input[2] != ""
    product = f"{node.output[0]}_product" if has_c else node.output[0]
    yield helper.make_node(
        "MatMulNBits",
        [node.input[0], *weights],
        [product],
        name=f"{node.name}_{bits}bits" if node.name else "",
        domain=DOMAIN,
        K=matrix.shape[0],
        N=matrix.shape[1],
        bits=bits,
        block_size=BLOCK_SIZES[bits],
        accuracy_level=ACCURACY_LEVEL,
    )
    if has_c:
        yield helper.make_node("Add", [product, node.input[2]], [node.output[0]], name=node.name)


def quantize_weights(model: ModelProto, bits: int) -> None:
    """Pack the weights of all products of a model, in bodies too, in place."""
    if bits not in BLOCK_SIZES:
        raise ValueError(f"bits are {bits}, need one of {list(BLOCK_SIZES)}")
    _inside(model.graph, {}, bits)
    drop_unused(model.graph)
    import_domain(model)


def _inside(graph: GraphProto, around: Mapping[str, TensorProto], bits: int) -> None:
    known = {**around, **{tensor.name: tensor for tensor in graph.initializer}}
    rewrite_products(graph, known, bits)
    for node in graph.node:
        for body in bodies(node):
            _inside(body, known, bits)


def drop_unused(graph: GraphProto) -> None:
    """Take out the initializers that no node reads, in the graph and its bodies."""
    graphs = [each for each in walk([graph]) if isinstance(each, GraphProto)]
    used = {name for each in graphs for node in each.node for name in node.input}
    used |= {value.name for each in graphs for value in each.output}
    for each in graphs:
        for place in reversed(range(len(each.initializer))):
            if each.initializer[place].name not in used:
                del each.initializer[place]


def import_domain(model: ModelProto) -> None:
    """Make the model import the domain of MatMulNBits."""
    if all(entry.domain != DOMAIN for entry in model.opset_import):
        model.opset_import.add(domain=DOMAIN, version=1)
