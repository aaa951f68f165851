"""Layers around a layer: both directions of a sequence, each step by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...builder.ops import Ops
from ...layers.merge import Merge
from ...values import Value
from .. import cells
from ..fields import Fields, as_table
from ..registry import Call, keras_layer
from ..tensor import Tensor

MERGES: Mapping[str, Merge] = {"concat": "concat", "sum": "sum", "ave": "mean", "mul": "product"}
STEPWISE = ("Dense", "Activation", "Dropout", "LeakyReLU", "ReLU", "ELU", "Embedding")
"""Layers that treat every step by itself anyway."""


@keras_layer("Bidirectional", masking="own")
def bidirectional(call: Call) -> tuple[Tensor, ...]:
    """Return a recurrent layer over the sequence and one over its reverse, merged."""
    word = call.fields.get("merge_mode") if "merge_mode" in call.fields.table else "concat"
    if word is not None and word not in MERGES:
        call.fields.refuse("merge_mode", word, f"one of {', '.join(MERGES)}")
    forward, backward = _cells(call)
    given = cells.initial_states(call, 2 * cells.STATES[forward.kind])
    call = replace(call, inputs=call.inputs[:1])
    ops = call.ops
    arrays = [
        array
        for part, name, cell in _parts(call, forward, backward)
        for array in cells.take_arrays(cell, call.vault.inside(part, name), call.label)
    ]
    half = len(given) // 2
    initial = [_side_by_side(ops, pair) for pair in zip(given[:half], given[half:], strict=True)]
    result, sequence = cells.run(
        call,
        forward,
        forward.weights(arrays),
        initial,
        merge=MERGES[word or "concat"],
        zeros_at_mask=True,
    )
    whole = sequence if forward.sequences else result.last
    main = [whole] if word is not None else _halves(ops, whole)
    states = [_halves(ops, state) for state in result.state]
    ordered = [state[side] for side in (0, 1) for state in states]
    return cells.outputs(call, forward, main, ordered)


def _cells(call: Call) -> tuple[cells.Cell, cells.Cell]:
    """Return both directions, which have to differ in their direction alone."""
    forward = _cell(call, "layer")
    if call.fields.get("backward_layer") is None:
        backward = replace(forward, backwards=True)
    else:
        backward = _cell(call, "backward_layer")
    if forward.backwards or replace(forward, backwards=True) != backward:
        raise call.refuse("its two directions are different layers")
    if forward.stateful:
        raise call.refuse("is stateful: one of its directions needs the whole sequence")
    return forward, backward


def _cell(call: Call, key: str) -> cells.Cell:
    table = as_table(call.fields.get(key), call.label, key)
    kind = table.get("class_name")
    if kind not in cells.STATES and kind not in cells.CUDNN:
        raise call.refuse(f"around a {kind!r:.60} is not converted")
    fields = Fields(call.label, as_table(table.get("config"), call.label, f"{key}'s config"))
    cell = cells.read_cell(str(kind), fields, call.major)
    fields.finish()
    return cell


def _parts(
    call: Call, forward: cells.Cell, backward: cells.Cell
) -> list[tuple[str, str, cells.Cell]]:
    """Return the attribute and the name of each direction's layer."""
    own = str(call.fields.get("layer")["config"].get("name", "")).removeprefix("forward_")
    other = call.fields.get("backward_layer")
    behind = f"backward_{own}" if other is None else str(other["config"].get("name", ""))
    return [
        ("forward_layer", f"forward_{own}", forward),
        ("backward_layer", behind, backward),
    ]


def _side_by_side(ops: Ops, pair: tuple[Value, Value]) -> Value:
    size = pair[0].dims[1]
    return ops.concat(pair, 1, 2 * size if isinstance(size, int) else None)


def _halves(ops: Ops, both: Value) -> list[Value]:
    """Return the two directions of what stands side by side in the last dim."""
    wide = both.dims[-1]
    assert isinstance(wide, int)
    return list(ops.split(both, (wide // 2, wide // 2), both.rank - 1))


@keras_layer("TimeDistributed", masking="keeps")
def time_distributed(call: Call) -> Tensor:
    """Apply a layer to each step of a sequence."""
    config = as_table(call.fields.get("layer"), call.label, "layer")
    name = str(as_table(config.get("config"), call.label, "layer's config").get("name", "layer"))
    vault = call.vault.inside("layer", name)
    x = call.value()
    if x.rank < 3 and config.get("class_name") != "Embedding":
        raise call.refuse(f"takes [batch, time, ...], got {x}")
    stepwise = config.get("class_name") in STEPWISE
    if not stepwise and call.x.mask is not None and config.get("class_name") in cells.STATES:
        raise call.refuse("a recurrent layer inside it over masked steps is not converted")
    given = Tensor(x) if stepwise else Tensor(_samples(call.ops, x))
    inner = call.inner(config, name, vault, (given,))
    if len(inner) != 1:
        raise call.refuse(f"its layer has {len(inner)} outputs")
    y = inner[0].keras(call.ops)
    return Tensor(y) if stepwise else Tensor(_steps(call.ops, y, x))


def _samples(ops: Ops, x: Value) -> Value:
    """Return ``[batch, time, ...]`` as ``[batch time, ...]``."""
    inner = x.dims[2:]
    dims = (None, *inner)
    if all(isinstance(dim, int) for dim in inner):
        return ops.reshape(x, (-1, *(dim for dim in inner if isinstance(dim, int))), dims)
    shape = [ops.net.indices(-1), ops.sizes(x, *range(2, x.rank))]
    return _reshape(ops, x, shape, dims)


def _steps(ops: Ops, y: Value, x: Value) -> Value:
    """Return ``[batch time, ...]`` as ``[batch, time, ...]``, the first two as in `x`."""
    inner = y.dims[1:]
    dims = (*x.dims[:2], *inner)
    shape = [ops.sizes(x, 0, 1)]
    if inner:
        fixed = [dim for dim in inner if isinstance(dim, int)]
        known = len(fixed) == len(inner)
        shape.append(ops.net.indices(*fixed) if known else ops.sizes(y, *range(1, y.rank)))
    return _reshape(ops, y, shape, dims)


def _reshape(ops: Ops, x: Value, shape: Sequence[Value], dims: Any) -> Value:
    whole = ops.concat(shape, 0, len(dims)) if len(shape) > 1 else shape[0]
    return ops.net.emit("Reshape", x, whole, layer=ops.layer, dims=dims)
