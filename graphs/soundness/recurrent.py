"""RNN, GRU and LSTM: shapes, names and counts, as the operators have them."""

from collections.abc import Iterator

from ..targets.node import NodeFacts
from .context import Context, Problem, dims_of, fits, shown

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}
"""Activations of one direction."""
DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}
ACTIVATIONS = {
    "affine", "elu", "hardsigmoid", "leakyrelu", "relu", "scaledtanh", "sigmoid", "softplus",
    "softsign", "tanh", "thresholdedrelu",
}  # fmt: skip
Dims = tuple[int | None, ...]


def check_recurrent(node: NodeFacts, context: Context) -> Iterator[Problem]:
    """Find what is wrong with one recurrent node."""
    if node.op not in GATES or node.domain:
        return
    direction = node.attributes.get("direction", "forward")
    if direction not in DIRECTIONS:
        yield "recurrent-direction", f"direction is {direction!r}"
    directions = DIRECTIONS.get(str(direction))
    hidden = _hidden(node)
    yield from _options(node)
    yield from _weights(node, directions, hidden)
    yield from _states(node, directions, hidden)
    yield from _activations(node, directions)
    yield from _lengths(node, context)


def _hidden(node: NodeFacts) -> int | None:
    """Return the units: as the attribute says, else as R does."""
    given = node.attributes.get("hidden_size")
    if isinstance(given, int):
        return given
    dims = dims_of(node, "R")
    return dims[2] if dims is not None and len(dims) == 3 else None


def _options(node: NodeFacts) -> Iterator[Problem]:
    size, clip = node.attributes.get("hidden_size"), node.attributes.get("clip")
    if isinstance(size, int) and size <= 0:
        yield "recurrent-options", f"hidden_size is {size}"
    if isinstance(clip, float) and not clip >= 0:
        yield "recurrent-options", f"clip is {clip:g}"
    if node.attributes.get("layout", 0) not in (0, 1):
        yield "recurrent-options", f"layout is {node.attributes['layout']!r}"


def _weights(node: NodeFacts, directions: int | None, hidden: int | None) -> Iterator[Problem]:
    rows = None if hidden is None else GATES[node.op] * hidden
    twice = None if rows is None else 2 * rows
    x = dims_of(node, "X")
    features = x[2] if x is not None and len(x) == 3 else None
    if x is not None and len(x) != 3:
        yield "recurrent-weights", f"X has {len(x)} dims, needs [time, batch, input]"
    wanted: dict[str, tuple[Dims, str]] = {
        "W": ((directions, rows, features), "[directions, gates * hidden, input]"),
        "R": ((directions, rows, hidden), "[directions, gates * hidden, hidden]"),
        "B": ((directions, twice), "[directions, 2 * gates * hidden]"),
    }
    if node.op == "LSTM":
        peepholes = None if hidden is None else 3 * hidden
        wanted["P"] = (directions, peepholes), "[directions, 3 * hidden]"
    yield from _compare(node, wanted, "recurrent-weights")


def _states(node: NodeFacts, directions: int | None, hidden: int | None) -> Iterator[Problem]:
    first = node.attributes.get("layout", 0) == 1
    x = dims_of(node, "X")
    batch = x[0 if first else 1] if x is not None and len(x) == 3 else None
    state: Dims = (batch, directions, hidden) if first else (directions, batch, hidden)
    words = "[batch, directions, hidden]" if first else "[directions, batch, hidden]"
    wanted: dict[str, tuple[Dims, str]] = {
        "initial_h": (state, words),
        "initial_c": (state, words),
        "sequence_lens": ((batch,), "[batch]"),
    }
    yield from _compare(node, wanted, "recurrent-states")


def _compare(node: NodeFacts, wanted: dict[str, tuple[Dims, str]], rule: str) -> Iterator[Problem]:
    for name, (dims, words) in wanted.items():
        found = dims_of(node, name)
        if found is not None and not fits(found, dims):
            yield rule, f"{name} has shape {shown(found)}, needs {shown(dims)}: {words}"


def _activations(node: NodeFacts, directions: int | None) -> Iterator[Problem]:
    names = node.attributes.get("activations")
    count = FUNCTIONS[node.op]
    if isinstance(names, list | tuple):
        needed = None if directions is None else count * directions
        if names and needed is not None and len(names) != needed:
            yield "recurrent-activations", f"{len(names)} activations are named, needs {needed}"
        for name in names:
            if str(name).lower() not in ACTIVATIONS:
                yield "recurrent-activations", f"there is no activation {name!r}"
    most = len(names) if isinstance(names, list | tuple) else count * (directions or 2)
    for parameter in ("activation_alpha", "activation_beta"):
        given = node.attributes.get(parameter)
        if isinstance(given, list | tuple) and len(given) > most:
            yield (
                "recurrent-activations",
                f"{parameter} has {len(given)} numbers for {most} activations",
            )


def _lengths(node: NodeFacts, context: Context) -> Iterator[Problem]:
    lengths = context.numbers(node.inputs.get("sequence_lens"))
    x = dims_of(node, "X")
    if lengths is None or x is None or len(x) != 3:
        return
    steps = x[1 if node.attributes.get("layout", 0) == 1 else 0]
    wrong = [n for n in lengths if n < 0 or (steps is not None and n > steps)]
    if wrong:
        yield "recurrent-states", f"sequence_lens holds {wrong[0]}, X has {steps or '?'} steps"
