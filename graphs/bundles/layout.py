"""States as servers want them: the batch first, under names whose sorted order pairs them."""

from collections.abc import Iterator
from dataclasses import replace

import onnx

from ...walking import walk_graphs
from ..targets.states import swapped_when_sorted
from .batching import batching_problem
from .signature import Signature, State, Tensor


def is_native(tensor: Tensor) -> bool:
    """Say whether a state is as ONNX's operators have it: ``[directions, batch, units]``."""
    dims = tensor.dims
    return len(dims) >= 3 and isinstance(dims[0], int) and isinstance(dims[1], str)


def worth_rewriting(signature: Signature, *, paired_by_name: bool) -> bool:
    """Say whether a server needs other states: to pair them, or to batch what else could be."""
    if paired_by_name and swapped_when_sorted(tuple(state.pair for state in signature.states)):
        return True
    native = any(is_native(t) for state in signature.states for t in (state.taken, state.given))
    plain = Signature(signature.plain_inputs, signature.plain_outputs, ())
    return native and batching_problem(plain) is None


def rewrite_states(
    model: onnx.ModelProto, signature: Signature
) -> tuple[Signature, dict[str, str]]:
    """Put the model's states batch-first, in place; return its signature, and new names by old.

    States are called ``state_0_in`` and ``state_0_out``, zero-padded from ten on. A Transpose (or
    an Identity where the layout was right) leads from the new input to the old name, and from the
    old output to the new; nodes and weights stay as they are.
    """
    graph = model.graph
    new_states: list[State] = []
    names: dict[str, str] = {}
    for stem, state in zip(_stems(model, len(signature.states)), signature.states, strict=True):
        new = State(_moved(state.taken, f"{stem}_in"), _moved(state.given, f"{stem}_out"))
        names |= {state.taken.name: new.taken.name, state.given.name: new.given.name}
        graph.node.insert(0, _between(new.taken.name, state.taken.name, state.taken))
        graph.node.append(_between(state.given.name, new.given.name, state.given))
        new_states.append(new)
    by_name = {t.name: t for state in new_states for t in (state.taken, state.given)}
    for info in (*graph.input, *graph.output):
        if info.name in names:
            info.CopyFrom(_info(by_name[names[info.name]]))
    found = Signature(
        tuple(by_name.get(names.get(t.name, ""), t) for t in signature.inputs),
        tuple(by_name.get(names.get(t.name, ""), t) for t in signature.outputs),
        tuple(new_states),
    )
    return found, names


def _stems(model: onnx.ModelProto, count: int) -> Iterator[str]:
    """Yield names that nothing in the model has, in sorted order."""
    taken = {name for graph in walk_graphs(model) for node in graph.node for name in node.output}
    taken |= {info.name for info in (*model.graph.input, *model.graph.output)}
    taken |= {tensor.name for tensor in model.graph.initializer}
    prefix, wide = "state", len(str(max(count - 1, 0)))
    while any(name.startswith(f"{prefix}_") for name in taken):
        prefix = f"bundle_{prefix}"
    yield from (f"{prefix}_{number:0{wide}}" for number in range(count))


def _moved(tensor: Tensor, name: str) -> Tensor:
    dims = tensor.dims
    first = (dims[1], dims[0], *dims[2:]) if is_native(tensor) else dims
    return replace(tensor, name=name, dims=first)


def _between(source: str, target: str, state: Tensor) -> onnx.NodeProto:
    name = f"bundle/{target}"
    if not is_native(state):
        return onnx.helper.make_node("Identity", [source], [target], name)
    order = [1, 0, *range(2, len(state.dims))]
    return onnx.helper.make_node("Transpose", [source], [target], name, perm=order)


def _info(tensor: Tensor) -> onnx.ValueInfoProto:
    dims = [dim if dim != "" else None for dim in tensor.dims]
    return onnx.helper.make_tensor_value_info(tensor.name, tensor.element, dims)
