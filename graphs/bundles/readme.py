"""The README of a bundle: how to start it, what to send, and what to know."""

from collections.abc import Iterator

from .made import Made, Target
from .options import Options
from .signature import Tensor
from .subject import Subject


def readme(subject: Subject, made: Made, target: Target, options: Options) -> str:
    """Return the text of ``README.md``."""
    return "\n".join(_lines(subject, made, target, options)) + "\n"


def _lines(subject: Subject, made: Made, target: Target, options: Options) -> Iterator[str]:
    yield f"# {subject.name}, for {target.title}\n"
    yield "Start it in this folder:\n"
    yield f"```sh\n{made.start}\n```\n"
    for text in made.more:
        yield f"{text}\n"
    if made.url:
        yield f"Then it can be asked at {made.url}.\n"
    yield "| | name | type | shape |\n|---|---|---|---|"
    kept = options.states == "server"
    signature = subject.signature
    yield from _rows("input", signature.plain_inputs if kept else signature.inputs)
    yield from _rows("output", signature.plain_outputs if kept else signature.outputs)
    yield ""
    yield from _states(subject, kept)
    yield from _batching(subject, made)
    for note in subject.notes:
        yield f"- {note}"
    yield f"\nCheck it: `onnxwright bundle --check .` (made for {target.title} by onnxwright)."


def _rows(kind: str, tensors: tuple[Tensor, ...]) -> Iterator[str]:
    for tensor in tensors:
        dims = ", ".join(str(dim) or "?" for dim in tensor.dims)
        yield f"| {kind} | `{_cell(tensor.name)}` | {tensor.type_name} | `[{_cell(dims)}]` |"


def _cell(text: str) -> str:
    """Return a name as it may stand in a table: without what ends a cell or a line."""
    return "".join(c if c.isprintable() and c not in "|`" else "_" for c in text)


def _states(subject: Subject, kept: bool) -> Iterator[str]:
    states = subject.signature.states
    if not states:
        return
    if kept:
        yield (
            "- The server keeps the states of each stream: give every request the id of its "
            "stream (`sequence_id`, not 0), the first `sequence_start`, the last `sequence_end`. "
            "A request has one row."
        )
    else:
        yield (
            "- The client carries the states: zeros with the first chunk, and then what the last "
            "answer gave: "
            + ", ".join(f"`{_cell(s.given.name)}` as `{_cell(s.taken.name)}`" for s in states)
            + "."
        )
    for old, new in subject.renamed.items():
        yield f"- The state `{_cell(old)}` of the source is `{_cell(new)}` here, batch first."


def _batching(subject: Subject, made: Made) -> Iterator[str]:
    if made.batch:
        yield f"- Up to {made.batch} rows of waiting requests go into one run."
        flat = [t.name for t in subject.signature.inputs if len(t.dims) == 1]
        for name in flat:
            yield (
                f"- `{_cell(name)}` is `[rows, 1]` at the server, which has no row without dims "
                "(onnxwright's client does that by itself where it has the model's file)."
            )
    elif subject.unbatched:
        yield f"- Requests are not batched: {subject.unbatched}."
