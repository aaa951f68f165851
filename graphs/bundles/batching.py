"""Whether rows of different requests may go into one run of a model."""

from collections.abc import Iterable

from .signature import Signature, Tensor

TIME_NAMES = {
    "t", "time", "times", "step", "steps", "timesteps", "time_steps", "seq", "seq_len", "seqlen",
    "sequence", "sequence_length", "length", "frames", "chunk",
}  # fmt: skip
"""First dims of these names are steps of one sequence, not rows of a batch."""


def batching_problem(signature: Signature) -> str | None:
    """Return why the model's first dim cannot be a batch of requests, or None."""
    edge = (*signature.inputs, *signature.outputs)
    fixed = [t.name for t in edge if not t.dims or isinstance(t.dims[0], int)]
    if fixed:
        return f"the first dim of {_quoted(fixed)} is fixed or missing"
    named = sorted({str(t.dims[0]) for t in signature.inputs} - {""})
    if len(named) > 1:
        return f"its inputs begin with different dims: {', '.join(named)}"
    times = [t.name for t in edge if str(t.dims[0]).lower() in TIME_NAMES]
    if times:
        return f"the first dim of {_quoted(times)} is '{_first(edge, times[0])}', which is time"
    elsewhere = [t.name for t in edge if set(named) & set(t.dims[1:])]
    if elsewhere:
        return f"'{named[0]}' is not the first dim of {_quoted(elsewhere)}"
    later = {dim for t in signature.inputs for dim in t.dims[1:] if dim}
    mixed = [t.name for t in signature.outputs if t.dims[0] in later]
    return f"the first dim of {_quoted(mixed)} is a later dim of an input" if mixed else None


def _first(edge: Iterable[Tensor], name: str) -> int | str:
    return next(t.dims[0] for t in edge if t.name == name)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
