"""Operators on sequences, which are Python lists that no kernel changes in place."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...dtypes import Array
from ...registry import kernel
from ...run_limits import check_bytes, check_joined, check_total, count_steps
from ..shaping.join import VIEW, cut

COPIED = 64
"""Elements of a sequence whose copying counts as one step of the run."""


@kernel("SequenceConstruct", since=11)
def construct(*inputs: Array) -> list[Array]:
    """Return the sequence of the inputs."""
    return list(inputs)


@kernel("SequenceEmpty", since=11)
def empty(*, dtype: int | None = None) -> list[Array]:
    """Return the sequence without elements."""
    return []


@kernel("SequenceAt", since=11)
def at(input_sequence: list[Array], position: Array) -> Array:
    """Return the element at `position`; a negative one counts from the end."""
    return input_sequence[int(position.item())]


@kernel("SequenceLength", since=11)
def length(input_sequence: list[Array]) -> Array:
    """Return the number of elements, as int64."""
    return np.array(len(input_sequence), np.int64)


@kernel("SequenceErase", since=11)
def erase(input_sequence: list[Array], position: Array | None = None) -> list[Array]:
    """Return the sequence without the element at `position`, by default the last."""
    rest = list(input_sequence)
    del rest[-1 if position is None else int(position.item())]
    return rest


class Grown(list[Array]):
    """A sequence that knows its bytes, so that a loop that inserts need not add them up again."""

    nbytes = 0


@kernel("SequenceInsert", since=11)
def insert(
    input_sequence: list[Array], tensor: Array, position: Array | None = None
) -> list[Array]:
    """Return the sequence with `tensor` put before `position`, by default at the end."""
    count = len(input_sequence)
    place = count if position is None else int(position.item())
    if not -count <= place <= count:
        raise ValueError(f"position {place} lies outside a sequence of {count}")
    count_steps(count // COPIED)
    size = _size(tensor)
    if isinstance(input_sequence, Grown):
        size += input_sequence.nbytes
    else:
        size += sum([_size(x) for x in input_sequence])
    check_total(size, "the sequence")
    grown = Grown([*input_sequence[:place], tensor, *input_sequence[place:]])
    grown.nbytes = size
    return grown


def _size(array: Array) -> int:
    return array.nbytes + VIEW


@kernel("SequenceMap", since=17)
def sequence_map(
    input_sequence: list[Array],
    *additional_inputs: Any,
    body: Callable[..., Sequence[Any]],
) -> tuple[list[Any], ...]:
    """Run `body` on every element, and on the elements at the same place in other sequences.

    An additional input that is a tensor is given to every run.
    """
    count = len(input_sequence)
    count_steps(count)
    rows = [
        body(element, *(x[i] if isinstance(x, list) else x for x in additional_inputs))
        for i, element in enumerate(input_sequence[:count])
    ]
    return tuple([row[j] for row in rows] for j in range(len(rows[0]))) if rows else ([],)


@kernel("SplitToSequence", since=11)
def split_to_sequence(
    input_: Array, split: Array | None = None, *, axis: int = 0, keepdims: int = 1
) -> list[Array]:
    """Cut along `axis`: into parts of one size (scalar `split`), of given sizes, or into slices.

    The slices lose the axis where `keepdims` is 0; with `split` given, `keepdims` is ignored.
    """
    size = input_.shape[axis]
    if split is None:
        check_bytes((size, VIEW), np.uint8)
        parts = list(cut(input_, axis, [1] * size)) if size else []
        return parts if keepdims else [np.squeeze(part, axis) for part in parts]
    check_bytes((split.size, VIEW), np.uint8)
    if split.ndim:
        return list(cut(input_, axis, split.tolist()))
    part = int(split.item())
    if part < 1:
        raise ValueError(f"cannot cut into parts of {part}")
    check_bytes((-(-size // part), VIEW), np.uint8)
    return list(cut(input_, axis, [min(part, size - i) for i in range(0, size, part)]))


@kernel("ConcatFromSequence", since=11)
def concat_from_sequence(input_sequence: list[Array], *, axis: int, new_axis: int = 0) -> Array:
    """Join the elements along `axis`, which is a new one where `new_axis` is 1."""
    check_joined(input_sequence)
    join: Callable[..., Array] = np.stack if new_axis else np.concatenate
    return join(input_sequence, axis)


@kernel("Optional", since=15)
def optional(input_: Any = None, *, type_: Any = None) -> Any:
    """Return the input, or the empty optional (None)."""
    return input_


@kernel("OptionalGetElement", since=15)
def get_element(input_: Any) -> Any:
    """Return the optional's value."""
    if input_ is None:
        raise ValueError("the optional is empty")
    return input_


@kernel("OptionalHasElement", since=15)
def has_element(input_: Any = None) -> Array:
    """Whether there is a value, as a boolean scalar."""
    return np.array(input_ is not None)
