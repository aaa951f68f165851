"""Constants that are indices or sizes, held against what they index or make."""

from collections.abc import Iterator

from ...untrusted import element_count
from ..targets.node import NodeFacts
from .context import Context, NodeCheck, Problem, dims_of, shown

MOST = 2**63 - 1
INDEXED = {"Gather", "GatherElements", "ScatterElements", "Scatter"}


def check_sizes(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find constant indices beyond their axis, and sizes that no array has."""
    if node.domain:
        return
    if node.op in INDEXED:
        yield from _indices(node, context)
    elif node.op in ("GatherND", "ScatterND"):
        yield from _tuples(node, context)
    else:
        yield from SIZES.get(node.op, _nothing)(node, context)


def _nothing(node: NodeFacts, context: Context) -> Iterator[Problem]:
    yield from ()


def _indices(node: NodeFacts, context: Context) -> Iterator[Problem]:
    data, indices = dims_of(node, "data"), context.numbers(node.inputs.get("indices"))
    axis = node.attributes.get("axis", 0)
    if data is None or indices is None or not isinstance(axis, int):
        return
    if not -len(data) <= axis < len(data):
        return  # told by the rule of axes
    size = data[axis]
    wrong = [i for i in indices if size is not None and not -size <= i < size]
    if wrong:
        yield "index", f"the index {wrong[0]} of an axis of {size}"


def _tuples(node: NodeFacts, context: Context) -> Iterator[Problem]:
    data, indices = dims_of(node, "data"), node.inputs.get("indices")
    numbers, dims = context.numbers(indices), dims_of(node, "indices")
    if data is None or numbers is None or not dims or not dims[-1]:
        return
    skip = int(node.attributes.get("batch_dims", 0)) if node.op == "GatherND" else 0
    width = dims[-1]
    if width + skip > len(data):
        yield "index", f"indices of {width} numbers into a value with {len(data)} dims"
        return
    for place, index in enumerate(numbers):
        size = data[skip + place % width]
        if size is not None and not -size <= index < size:
            yield "index", f"the index {index} of an axis of {size}"
            return


def _reshape(node: NodeFacts, context: Context) -> Iterator[Problem]:
    shape = context.numbers(node.inputs.get("shape"))
    if shape is None:
        return
    if shape.count(-1) > 1 or any(number < -1 for number in shape):
        yield "size", f"the shape {shown(tuple(shape))}"
        return
    data = dims_of(node, "data")
    zeros = node.attributes.get("allowzero", 0) != 1 and 0 in shape
    if data is not None and None in data and -1 not in shape and not zeros:
        yield "baked-dims", f"{shown(data)} becomes {shown(tuple(shape))}, whatever its size"
    if data is not None and None not in data and -1 not in shape and not zeros:
        held = element_count(tuple(int(dim or 0) for dim in data))
        if held != element_count(tuple(shape)):
            yield "size", f"{shown(data)} cannot become {shown(tuple(shape))}"
    if data is not None and any(n == 0 and i >= len(data) for i, n in enumerate(shape)) and zeros:
        yield "size", f"the shape {shown(tuple(shape))} copies a dim that the input does not have"


def _not_negative(name: str) -> NodeCheck:
    def check(node: NodeFacts, context: Context) -> Iterator[Problem]:
        numbers = context.numbers(node.inputs.get(name))
        if numbers is None:
            return
        if any(number < 0 for number in numbers):
            yield "size", f"{name} is {shown(tuple(numbers))}"
        elif name in ("input", "shape") and element_count(tuple(numbers)) > MOST:
            yield "size", f"{name} is {shown(tuple(numbers))}, more elements than can be counted"

    return check


def _split(node: NodeFacts, context: Context) -> Iterator[Problem]:
    parts = context.numbers(node.inputs.get("split"))
    given = parts if parts is not None else node.attributes.get("split")
    data = dims_of(node, "input")
    axis = node.attributes.get("axis", 0)
    if not isinstance(given, list | tuple):
        return
    if any(number < 0 for number in given):
        yield "size", f"split is {shown(tuple(given))}"
    elif data is not None and isinstance(axis, int) and -len(data) <= axis < len(data):
        size = data[axis]
        if size is not None and sum(given) != size:
            yield "size", f"split is {shown(tuple(given))}, the axis has {size}"


def _pad(node: NodeFacts, context: Context) -> Iterator[Problem]:
    pads, data = context.numbers(node.inputs.get("pads")), dims_of(node, "data")
    if pads is None or data is None:
        return
    if "axes" not in node.inputs and len(pads) != 2 * len(data):
        yield "size", f"pads has {len(pads)} numbers, needs {2 * len(data)} for {len(data)} dims"
        return
    if node.inputs.get("axes") is None:
        for axis, size in enumerate(data):
            both = pads[axis], pads[axis + len(data)]
            if size is not None and size + sum(both) < 0:
                yield "size", f"pads {both[0]} and {both[1]} take more than axis {axis} has, {size}"


def _range(node: NodeFacts, context: Context) -> Iterator[Problem]:
    step = context.array(node.inputs.get("delta"))
    if step is not None and step.size == 1 and not float(step.reshape(-1)[0]):
        yield "size", "delta is 0"


def _resize(node: NodeFacts, context: Context) -> Iterator[Problem]:
    scales = context.array(node.inputs.get("scales"))
    if scales is not None and scales.size and not (scales > 0).all():
        yield "size", "a scale is 0 or below"


SIZES: dict[str, NodeCheck] = {
    "Reshape": _reshape,
    "Expand": _not_negative("shape"),
    "Tile": _not_negative("repeats"),
    "TopK": _not_negative("K"),
    "ConstantOfShape": _not_negative("input"),
    "OneHot": _not_negative("depth"),
    "Split": _split,
    "Pad": _pad,
    "Range": _range,
    "Resize": _resize,
    "Upsample": _resize,
}
