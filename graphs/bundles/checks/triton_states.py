"""States that the server keeps: most mistakes here load well and give wrong numbers."""

import math
from collections.abc import Iterator
from typing import Any

from ...targets.states import StatePair, swapped_when_sorted
from ..layout import is_native
from ..signature import Tensor
from ..triton_states import DATATYPES
from .model import Found
from .problem import Problem
from .tree import Tree
from .triton_config import REFUSED
from .triton_tensors import type_name

AGAIN = "onnxwright bundle --states server writes it right"
BYTES = {"BOOL": 1, "INT8": 1, "UINT8": 1, "INT16": 2, "UINT16": 2, "FP16": 2, "BF16": 2,
         "INT32": 4, "UINT32": 4, "FP32": 4, "INT64": 8, "UINT64": 8, "FP64": 8}  # fmt: skip
"""Bytes of an element, by Triton's name of the type without ``TYPE_``."""


def state_problems(tree: Tree, config: Any, where: str, found: Found) -> Iterator[Problem]:
    """Yield what is wrong with the states of a configuration."""
    states = list(config.sequence_batching.state)
    if not states:
        return
    inputs = {tensor.name: tensor for tensor in found.signature.inputs}
    outputs = {tensor.name: tensor for tensor in found.signature.outputs}
    batched = config.max_batch_size > 0
    yield from _pairing(states, where, found)
    yield from _listed(config, states, where)
    for state in states:
        for kind, name, known in (
            ("input", state.input_name, inputs),
            ("output", state.output_name, outputs),
        ):
            if name not in known:
                yield Problem(
                    where,
                    f"the graph has no {kind} '{name}', which is to be a state",
                    REFUSED,
                    f"its {kind}s are {', '.join(list(known)[:5])}",
                )
            else:
                yield from _laid_out(where, state, known[name], batched)
        yield from _initial(tree, where, state)


def _pairing(states: list[Any], where: str, found: Found) -> Iterator[Problem]:
    pairs = tuple(StatePair(state.input_name, state.output_name) for state in states)
    swapped = swapped_when_sorted(pairs)
    if swapped:
        yield Problem(
            where,
            f"the sorted names of the states' inputs and outputs do not pair: "
            f"'{swapped[0].taken}' and '{swapped[0].given}'",
            "the server pairs them by sorted name: states swap, and the numbers are silently wrong",
            f"call them state_0_in and state_0_out, ... in the graph too; {AGAIN}",
        )
    known = {state.taken.name: state.given.name for state in found.signature.states}
    for pair in pairs:
        right = known.get(pair.taken, pair.given)
        if right != pair.given:
            yield Problem(
                where,
                f"the state '{pair.taken}' goes on as '{pair.given}', in the graph as '{right}'",
                "each chunk begins with another layer's state: silently wrong numbers",
                f'write output_name: "{right}"',
            )
    for name in sorted({p.taken for p in pairs if [q.taken for q in pairs].count(p.taken) > 1}):
        yield Problem(where, f"the state input '{name}' is there twice", REFUSED, "write it once")


def _listed(config: Any, states: list[Any], where: str) -> Iterator[Problem]:
    kept = {state.input_name for state in states}
    for name in sorted(kept & {tensor.name for tensor in config.input}):
        yield Problem(
            where,
            f"'{name}' is a state that the server keeps, and is listed as an input too",
            f"every request would have to send it; with the onnxruntime backend {REFUSED}",
            "list inputs without the states",
        )
    if config.model_warmup:
        yield Problem(
            where,
            "model_warmup beside states that the server keeps",
            "the runs that warm up have no stream to belong to: the model does not load",
            "remove model_warmup",
        )


def _laid_out(where: str, state: Any, tensor: Tensor, batched: bool) -> Iterator[Problem]:
    label = f"state '{tensor.name}'"
    if batched and is_native(tensor):
        yield Problem(
            where,
            f"{label} has ONNX's own layout {list(tensor.dims)}, with the batch second",
            "the server puts the batch first: streams that run together get each other's states, "
            "or the run fails",
            f"transpose it in the graph, or write max_batch_size: 0; {AGAIN}",
        )
        return
    told, wanted = type_name(state), f"TYPE_{DATATYPES.get(tensor.type_name)}"
    if told != wanted:
        yield Problem(
            where,
            f"{label} is {told}, in the graph {tensor.type_name}",
            "the server does not look: its memory is read as another type, or every request fails",
            f"write {wanted}",
        )
    graph = tensor.dims[1:] if batched else tensor.dims
    dims = list(state.dims)
    same = len(dims) == len(graph) and all(
        g in (d, -1) or (isinstance(g, str) and (d > 0 and not batched))
        for d, g in zip(dims, graph, strict=True)
    )
    if not same:
        yield Problem(
            where,
            f"{label} has the dims {dims}, in the graph {list(graph)}",
            "the server does not look: the model is loaded, and every request fails or reads "
            "memory that is not the state's",
            f"write dims: {[dim if isinstance(dim, int) else 1 for dim in graph]}",
        )


def _initial(tree: Tree, where: str, state: Any) -> Iterator[Problem]:
    label = f"state '{state.input_name}'"
    if not state.initial_state:
        yield Problem(
            where,
            f"{label} has no initial_state",
            "each stream begins with whatever is in memory: silently wrong numbers",
            f"write initial_state with zero_data: true; {AGAIN}",
        )
    for initial in state.initial_state:
        if not initial.name:
            yield Problem(where, f"the initial_state of {label} has no name", REFUSED, "name it")
        if list(initial.dims) != list(state.dims) or any(dim < 1 for dim in initial.dims):
            yield Problem(
                where,
                f"the initial_state of {label} has the dims {list(initial.dims)}, the state "
                f"{list(state.dims)}",
                REFUSED,
                "write the same sizes in both, and no -1",
            )
        elif initial.data_type != state.data_type:
            yield Problem(
                where,
                f"the initial_state of {label} has another data_type than the state",
                REFUSED,
                f"write {type_name(state)} in both",
            )
        elif not initial.WhichOneof("state_data"):
            yield Problem(
                where, f"the initial_state of {label} has no data", REFUSED, "write zero_data: true"
            )
        elif initial.data_file:
            yield from _data_file(tree, where, initial)


def _data_file(tree: Tree, where: str, initial: Any) -> Iterator[Problem]:
    file = f"{where.rpartition('/')[0]}/initial_state/{initial.data_file}"
    if file not in tree.files:
        yield Problem(file, "there is no such file", REFUSED, "put it there, or take zero_data")
        return
    needed = math.prod(initial.dims) * BYTES.get(type_name(initial).removeprefix("TYPE_"), 0)
    size = tree.path(file).stat().st_size
    if needed and size != needed:
        yield Problem(
            file, f"it has {size} bytes, the state {needed}", REFUSED, "write the state's own bytes"
        )
