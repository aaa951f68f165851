"""States that Triton keeps: of one size, the batch first, beginning with zeros."""

from collections.abc import Iterator

from .errors import BundleError
from .options import Options
from .pbtxt import Block, Field, Word
from .signature import Signature, State, Tensor
from .subject import Subject

DATATYPES = {
    "BOOL": "BOOL", "UINT8": "UINT8", "UINT16": "UINT16", "UINT32": "UINT32", "UINT64": "UINT64",
    "INT8": "INT8", "INT16": "INT16", "INT32": "INT32", "INT64": "INT64", "FLOAT16": "FP16",
    "FLOAT": "FP32", "DOUBLE": "FP64", "STRING": "STRING", "BFLOAT16": "BF16",
}  # fmt: skip
"""Triton's element types by ONNX's names, without their ``TYPE_``."""
SEQUENCES, IDLE_SECONDS = 64, 60
"""Streams at one time, and how long one may be silent (Triton's own limit is one second, after
which the next chunk of a stream is refused)."""

Fields = Iterator[Field]


def kept_states(subject: Subject, options: Options) -> tuple[State, ...]:
    """Return the states that the server is to keep.

    Raises
    ------
    BundleError
        There are none, or they do not go with another option.
    """
    if options.states != "server":
        return ()
    if not subject.signature.states:
        raise BundleError(
            "--states server: the model has no states that the server could keep",
            "build it with streaming=True; or leave --states out",
        )
    if options.warm_up is not None:
        raise BundleError(
            "--warm-up: the server does not load a model that has states and is to be warmed up",
            "leave --warm-up out, or give --states client",
        )
    return subject.signature.states


def datatype(tensor: Tensor) -> Word:
    """Return Triton's name of the element type.

    Raises
    ------
    BundleError
        It has none.
    """
    if tensor.type_name not in DATATYPES:
        raise BundleError(
            f"'{tensor.name}' is {tensor.type_name.lower()}, which the protocol has no name for",
            "cast it in the model to a type that the server sends, such as float32",
        )
    return Word(f"TYPE_{DATATYPES[tensor.type_name]}")


def sequences(
    states: tuple[State, ...], signature: Signature, options: Options, batched: bool
) -> Fields:
    """Describe the sequence batcher, and each state with what a stream begins with."""
    idle = IDLE_SECONDS if options.sequence_timeout is None else options.sequence_timeout
    most = SEQUENCES if options.max_sequences is None else options.max_sequences
    yield "max_sequence_idle_microseconds", idle * 1_000_000
    oldest = [("max_candidate_sequences", most), *delay(options)]
    yield "oldest", Block(oldest)
    for state in states:
        dims = state_dims(state, signature, batched)
        yield (
            "state",
            Block(
                [
                    ("input_name", state.taken.name),
                    ("output_name", state.given.name),
                    ("data_type", datatype(state.taken)),
                    ("dims", dims),
                    # Left out, a stream would begin with whatever is in memory.
                    ("initial_state", zeros(state.taken, dims, ("name", "zeros"))),
                ]
            ),
        )


def zeros(tensor: Tensor, dims: list[int], *named: Field) -> Block:
    """Return zeros in the form of an initial state or of an input that warms up."""
    kind: Field = ("data_type", datatype(tensor))
    return Block([*named, kind, ("dims", dims), ("zero_data", True)])


def state_dims(state: State, signature: Signature, batched: bool) -> list[int]:
    """Return the dims of one stream's state: all fixed, its batch 1 or left out.

    Raises
    ------
    BundleError
        A dim varies that is no batch, or nothing is left.
    """
    shared = {dim for tensor in signature.plain_inputs for dim in tensor.dims}
    dims = state.taken.dims[1:] if batched else state.taken.dims
    for dim in dims:
        if isinstance(dim, str) and (batched or dim not in shared):
            raise BundleError(
                f"state '{state.taken.name}' has the dim '{dim}', which varies: the server keeps "
                "states of one size",
                "fix the dim in the model, or give --states client",
            )
    if not dims:
        raise BundleError(
            f"state '{state.taken.name}' has no dim beside its batch",
            "give it a further dim of 1 in the model, or give --states client",
        )
    return [dim if isinstance(dim, int) else 1 for dim in dims]


def delay(options: Options) -> Fields:
    """Say how long a request may wait for others."""
    if options.max_delay is not None:
        yield "max_queue_delay_microseconds", round(options.max_delay * 1000)
