"""Quantized operators: scales that scale, blocks that are there."""

from collections.abc import Iterator

import numpy as np

from ..targets.node import NodeFacts
from .context import Context, Problem, dims_of, fits, shown

BLOCKED = {"QuantizeLinear", "DequantizeLinear"}
NBITS = {"MatMulNBits", "GatherBlockQuantized"}
LEAST_BLOCK = 16


def check_quantized(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find scales and blocks that divide by zero or are not all there."""
    yield from _scales(node, context)
    size = node.attributes.get("block_size")
    if node.op in BLOCKED and isinstance(size, int) and size < 0:
        yield "blocks", f"block_size is {size}"
    if node.op in NBITS and isinstance(size, int):
        if size < LEAST_BLOCK or size & (size - 1):
            yield "blocks", f"block_size is {size}, needs a power of 2 from {LEAST_BLOCK} on"
        elif node.op == "MatMulNBits":
            yield from _packed(node, size)
    if node.op in BLOCKED:
        yield from _blocks(node)


def _scales(node: NodeFacts, context: Context) -> Iterator[Problem]:
    for name, value in node.inputs.items():
        if name.endswith("scale"):
            scale = context.array(value)
            if scale is not None and not (np.isfinite(scale) & (scale > 0)).all():
                worst = scale[~(np.isfinite(scale) & (scale > 0))].reshape(-1)[0]
                yield "scale", f"{name} holds {float(worst):g}"


def _packed(node: NodeFacts, size: int) -> Iterator[Problem]:
    """Hold the packed weights against N, K, bits and the block size."""
    sizes = {"N": 0, "K": 0, "bits": 4} | dict(node.attributes)
    N, K, bits = (n if isinstance(n := sizes[k], int) else 0 for k in ("N", "K", "bits"))
    if min(N, K, bits) < 1:
        yield "blocks", f"N is {N}, K {K}, bits {bits}; needs whole numbers above 0"
        return
    blocks = -(-K // size)
    b = dims_of(node, "value_1")  # onnx has no schema, and so no names, of this domain
    if b is not None and len(b) == 3 and not fits(b, (N, blocks, size * bits // 8)):
        wanted = shown((N, blocks, size * bits // 8))
        yield "blocks", f"B has shape {shown(b)}, needs {wanted} for N {N}, K {K}"
    scales = dims_of(node, "value_2")
    if scales is not None and None not in scales:
        held = int(np.prod([int(dim or 0) for dim in scales], dtype=object))
        if held != N * blocks:
            yield "blocks", f"scales holds {held} numbers, needs {N * blocks}"


def _blocks(node: NodeFacts) -> Iterator[Problem]:
    """Hold scales per axis or per block against what they scale."""
    x, scale = dims_of(node, "x"), dims_of(node, "y_scale") or dims_of(node, "x_scale")
    axis, size = node.attributes.get("axis", 1), node.attributes.get("block_size", 0)
    if x is None or scale is None or not isinstance(axis, int) or not -len(x) <= axis < len(x):
        return
    along = x[axis]
    if size and isinstance(size, int) and size > 0:
        blocks = None if along is None else -(-along // size)
        wanted = tuple(blocks if i == axis % len(x) else dim for i, dim in enumerate(x))
        if not fits(scale, wanted):
            yield "blocks", f"the scale has shape {shown(scale)}, needs {shown(wanted)}"
    elif len(scale) == 1 and scale[0] not in (1, None, along) and along is not None:
        yield "blocks", f"the scale has {scale[0]} numbers for {along} along axis {axis}"
    zero = dims_of(node, "y_zero_point") or dims_of(node, "x_zero_point")
    single = zero in ((), (1,)) and scale in ((), (1,))
    if zero is not None and not single and not fits(zero, scale):
        yield "blocks", f"the zero point has shape {shown(zero)}, the scale {shown(scale)}"
