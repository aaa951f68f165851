"""The inputs and outputs that a configuration lists, against those of the graph."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..batching import batching_problem
from ..signature import Signature, Tensor
from ..triton_states import DATATYPES
from .problem import Problem
from .triton_config import REFUSED

LATER = "the server loads it, and every request fails in the model"


def tensor_problems(config: Any, where: str, signature: Signature) -> Iterator[Problem]:
    """Yield what of the listed inputs and outputs is not as the graph has it."""
    kept = {s.input_name for s in config.sequence_batching.state}
    kept |= {s.output_name for s in config.sequence_batching.state}
    batched = config.max_batch_size > 0
    for kind, listed, graph in (
        ("input", config.input, signature.inputs),
        ("output", config.output, signature.outputs),
    ):
        known = {tensor.name: tensor for tensor in graph}
        for tensor in listed:
            if tensor.name not in known:
                yield _unknown(where, kind, tensor.name, list(known))
            else:
                yield from _compared(where, kind, tensor, known[tensor.name], batched)
        for name in known.keys() - {tensor.name for tensor in listed} - kept:
            yield from _unlisted(where, kind, name, signature)
    if batched:
        yield from _unbatched(where, kept, signature)


def _unknown(where: str, kind: str, name: str, known: list[str]) -> Problem:
    return Problem(
        where,
        f"the graph has no {kind} '{name}'",
        REFUSED,
        f"its {kind}s are {', '.join(known[:5])}",
    )


def _unlisted(where: str, kind: str, name: str, signature: Signature) -> Iterator[Problem]:
    """Judge what is not listed: an input must be; an output only where a client carries it."""
    carried = {state.given.name for state in signature.states}
    if kind == "input":
        yield Problem(where, f"the graph's input '{name}' is not listed", REFUSED, "list it")
    elif name in carried:
        yield Problem(
            where,
            f"the state output '{name}' is not listed",
            "no client can carry the state to the next chunk: each begins anew",
            "list it, or have the server keep the state (sequence_batching.state)",
        )


def _compared(
    where: str, kind: str, listed: Any, tensor: Tensor, batched: bool
) -> Iterator[Problem]:
    label = f"{kind} '{tensor.name}'"
    told = type_name(listed)
    wanted = DATATYPES.get(tensor.type_name)
    if told != f"TYPE_{wanted}":
        yield Problem(
            where, f"{label} is {told}, in the graph {tensor.type_name}", REFUSED, _typed(wanted)
        )
    dims = list(listed.reshape.shape) if listed.HasField("reshape") else list(listed.dims)
    graph = [dim if isinstance(dim, int) else -1 for dim in tensor.dims]
    wanted_dims = graph[1:] if batched else graph
    verdict = _dims_verdict(label, dims, wanted_dims, exact=kind == "output")
    if batched and len(dims) == len(graph):
        told = f"the dims {dims} of {label} have the batch among them"
        verdict = told, f"with max_batch_size it goes before them; {REFUSED}"
    if verdict is not None:
        yield Problem(where, *verdict, _dims_remedy(wanted_dims))


def _dims_verdict(
    label: str, dims: list[int], graph: list[int], *, exact: bool
) -> tuple[str, str] | None:
    """Return what is wrong with listed dims and what the server does, None where nothing is."""
    told = f"{label} has the dims {dims}, in the graph {graph}"
    if len(dims) != len(graph):
        return told, REFUSED
    if exact and dims != graph:
        return f"{told}: an output's must be equal", REFUSED
    pairs = list(zip(dims, graph, strict=True))
    if any(given != there and -1 not in (given, there) for given, there in pairs):
        return told, REFUSED
    if any(given == -1 and there != -1 for given, there in pairs):
        return told, "a request of another size passes the server and fails in the model"
    return None


def _dims_remedy(graph: list[int]) -> str:
    return f"write dims: {graph}" if graph else "write dims: [ 1 ] and reshape { shape: [ ] }"


def type_name(listed: Any) -> str:
    """Return the name of a field's element type, as ``TYPE_FP32``."""
    field = listed.DESCRIPTOR.fields_by_name["data_type"]
    value = field.enum_type.values_by_number.get(listed.data_type)
    return value.name if value else str(listed.data_type)


def _typed(wanted: str | None) -> str:
    return f"write TYPE_{wanted}" if wanted else "cast it in the model: the server has no such type"


def _unbatched(where: str, kept: set[str], signature: Signature) -> Iterator[Problem]:
    """Judge whether rows may be batched; states that the server keeps have a rule of their own."""
    plain = replace(
        signature,
        inputs=tuple(t for t in signature.inputs if t.name not in kept),
        outputs=tuple(t for t in signature.outputs if t.name not in kept),
    )
    reason = batching_problem(plain)
    if reason is None:
        return
    fixed = "fixed or missing" in reason
    yield Problem(
        where,
        f"max_batch_size is set, and {reason}",
        REFUSED
        if fixed
        else "the server joins rows of different requests along the wrong dim: "
        "silently wrong numbers",
        "write max_batch_size: 0 and all dims; or put the batch first in the model, by a name",
    )
