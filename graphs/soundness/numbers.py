"""Attributes whose numbers runtimes use without looking: windows, axes, blocks, small constants."""

from collections.abc import Iterator
from typing import Any

from ..targets.node import NodeFacts
from .context import Context, Problem, dims_of, shown

WINDOWS = {
    "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv", "MaxPool", "AveragePool",
    "LpPool", "MaxUnpool", "MaxRoiPool",
}  # fmt: skip
KERNELS = {"Conv", "ConvTranspose", "ConvInteger", "QLinearConv"}
"""Operators whose kernel_shape is also that of their weights."""
AXIS = {
    "ArgMax": 0, "ArgMin": 0, "Concat": 0, "Flatten": 1, "Gather": 0, "GatherElements": 0,
    "Hardmax": 0, "LayerNormalization": 0, "LogSoftmax": 0, "RMSNormalization": 0,
    "ScatterElements": 0, "Scatter": 0, "Softmax": 0, "Split": 0, "TopK": 0, "Compress": 0,
    "CumSum": 0, "OneHot": 1,
}  # fmt: skip
"""Operators with one axis, and what may be added to the rank: Flatten cuts behind the last too."""
AXES_ATTRIBUTE = ("Squeeze", "Unsqueeze", "MeanVarianceNormalization")
REDUCTIONS = "Reduce"


def check_numbers(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find attributes and small constants that no right node has."""
    if node.domain not in ("", "com.microsoft"):
        return
    yield from _window(node)
    yield from _axis(node, context)
    yield from _constants(node, context)


def _whole(value: Any) -> list[int]:
    given = value if isinstance(value, list | tuple) else [value]
    return [number for number in given if isinstance(number, int)]


def _window(node: NodeFacts) -> Iterator[Problem]:
    if node.op not in WINDOWS:
        return
    for name, least in (("strides", 1), ("dilations", 1), ("kernel_shape", 1), ("pads", 0)):
        numbers = _whole(node.attributes.get(name, []))
        if any(number < least for number in numbers):
            yield "window", f"{name} is {shown(tuple(numbers))}, needs {least} or above"
    x = dims_of(node, "X") or dims_of(node, "x")
    if x is not None and len(x) > 2:
        yield from _counts(node, len(x) - 2)
    group = node.attributes.get("group", 1)
    if isinstance(group, int) and group < 1:
        yield "window", f"group is {group}, needs 1 or above"
    yield from _kernel(node)


def _counts(node: NodeFacts, spatial: int) -> Iterator[Problem]:
    for name, each in (("strides", 1), ("dilations", 1), ("kernel_shape", 1), ("pads", 2)):
        numbers = _whole(node.attributes.get(name, []))
        if numbers and len(numbers) != each * spatial:
            yield (
                "window",
                f"{name} has {len(numbers)} numbers, needs {each * spatial} for {spatial} axes",
            )


def _kernel(node: NodeFacts) -> Iterator[Problem]:
    w = dims_of(node, "W") or dims_of(node, "w")
    kernel = _whole(node.attributes.get("kernel_shape", []))
    if node.op in KERNELS and w is not None and kernel:
        pairs = zip(kernel, w[2:], strict=False)
        if any(dim is not None and number != dim for number, dim in pairs):
            detail = f"kernel_shape is {shown(tuple(kernel))}, the weights are {shown(w)}"
            yield "window", detail


def _axis(node: NodeFacts, context: Context) -> Iterator[Problem]:
    first = next(iter(node.inputs.values()), None)
    rank = None if first is None or first.dims is None else len(first.dims)
    if rank is None:
        return
    if node.op == "Transpose":
        yield from _permutation(node, rank)
        return
    axes = _axes(node, context)
    room = rank + AXIS.get(node.op, 0)
    if node.op == "Unsqueeze":
        room = rank + len(axes)
    wrong = [axis for axis in axes if not -room <= axis < room]
    if wrong:
        yield "axis", f"axis {wrong[0]} of a value with {room} dims"
    if len({axis % max(room, 1) for axis in axes}) < len(axes):
        yield "axis", f"axes {shown(tuple(axes))} name one axis twice"


def _axes(node: NodeFacts, context: Context) -> list[int]:
    if node.op in AXIS:
        given = node.inputs.get("axis")
        found = context.numbers(given) if given is not None else None
        return found or _whole(node.attributes.get("axis", []))
    if node.op in AXES_ATTRIBUTE or node.op.startswith(REDUCTIONS):
        found = context.numbers(node.inputs.get("axes"))
        return found if found is not None else _whole(node.attributes.get("axes", []))
    return []


def _permutation(node: NodeFacts, rank: int) -> Iterator[Problem]:
    perm = _whole(node.attributes.get("perm", []))
    if "perm" in node.attributes and sorted(perm) != list(range(rank)):
        yield "axis", f"perm {shown(tuple(perm))} is no order of {rank} axes"


def _constants(node: NodeFacts, context: Context) -> Iterator[Problem]:
    if node.op.endswith("Normalization") or node.op == "LRN":
        epsilon = node.attributes.get("epsilon")
        if isinstance(epsilon, float) and not epsilon > 0:
            yield "constants", f"epsilon is {epsilon:g}"
    if node.op == "BatchNormalization":
        for name in ("var", "input_var"):
            variance = context.array(node.inputs.get(name))
            if variance is not None and (variance < 0).any():
                yield "constants", f"a variance is {float(variance.min()):g}"
    ratio = node.attributes.get("ratio")
    if node.op == "Dropout" and isinstance(ratio, float) and not 0 <= ratio < 1:
        yield "constants", f"ratio is {ratio:g}, needs 0 or above and below 1"
