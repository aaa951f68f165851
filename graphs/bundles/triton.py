"""Triton Inference Server: a model repository with a full configuration."""

from .errors import BundleError
from .made import Made, Target
from .options import Options
from .pbtxt import Block, Field, Word, written
from .signature import Signature, Tensor
from .subject import Subject
from .triton_states import Fields, datatype, delay, kept_states, sequences, zeros

ACCELERATORS = {"cpu": "cpu", "cuda": "cuda", "tensorrt": "tensorrt", "openvino": "openvino-ep"}
"""What may be asked for, and the target of lint that says what it runs."""
BATCH = 64
"""Rows in a run where nothing else is asked for."""


def pack(subject: Subject, options: Options) -> Made:
    """Return the files of a model repository and how to serve it."""
    folder = f"{subject.name}/"
    files = {f"{folder}config.pbtxt": config(subject, options).encode()}
    return Made(
        {**files, **subject.files(f"{folder}{subject.version}/")},
        start="tritonserver --model-repository=. --disable-auto-complete-config",
        url=f"http://localhost:8000/v2/models/{subject.name}",
        batch=batch_size(subject, options),
        more=(
            "Without the program: `docker run --rm -p 127.0.0.1:8000:8000 -p 127.0.0.1:8001:8001 "
            '-v "$PWD":/models:ro IMAGE tritonserver --model-repository=/models '
            "--disable-auto-complete-config`, where IMAGE is NVIDIA's tritonserver image.",
        ),
    )


def batch_size(subject: Subject, options: Options) -> int:
    """Return the rows of a run: what was asked for, else as many as the model allows.

    Raises
    ------
    BundleError
        Batches are asked for, and the model has none.
    """
    wanted = options.max_batch
    if subject.unbatched is None:
        return BATCH if wanted is None else wanted
    if wanted:
        raise BundleError(
            f"--max-batch {wanted}: requests cannot be batched, for {subject.unbatched}",
            "build the model with a named batch as the first dim of every input and output; or "
            "give --max-batch 0",
        )
    return 0


def config(subject: Subject, options: Options) -> str:
    """Return the text of ``config.pbtxt``."""
    return written(Block(list(_config(subject, options))))


def _config(subject: Subject, options: Options) -> Fields:
    batch, states = batch_size(subject, options), kept_states(subject, options)
    signature = subject.signature
    yield "name", subject.name
    yield "backend", "onnxruntime"
    yield "max_batch_size", batch
    kept = {name for state in states for name in (state.taken.name, state.given.name)}
    for kind, tensors in (("input", signature.inputs), ("output", signature.outputs)):
        for tensor in tensors:
            if tensor.name not in kept:
                yield kind, Block(list(_tensor(tensor, batch > 0)))
    if states:
        yield "sequence_batching", Block(list(sequences(states, signature, options, batch > 0)))
    elif batch:
        yield "dynamic_batching", Block(list(delay(options)))
    yield from _instances(options)
    yield from _acceleration(options)
    if options.threads is not None:
        yield "parameters", _parameter("intra_op_thread_count", str(options.threads))
    if options.warm_up is not None:
        yield "model_warmup", Block(list(_warm_up(signature, options, batch)))


def _tensor(tensor: Tensor, batched: bool) -> Fields:
    """Describe an input or output; with batches the first dim is left out, and none is no shape."""
    dims = numbers(tensor)[1:] if batched else numbers(tensor)
    yield "name", tensor.name
    yield "data_type", datatype(tensor)
    yield "dims", dims or [1]
    if not dims:
        yield "reshape", Block([("shape", [])])


def numbers(tensor: Tensor) -> list[int]:
    """Return the dims with -1 where they vary."""
    return [dim if isinstance(dim, int) else -1 for dim in tensor.dims]


def _instances(options: Options) -> Fields:
    on_gpu = options.accelerator in ("cuda", "tensorrt")
    kind = Word("KIND_GPU" if on_gpu else "KIND_CPU")
    yield "instance_group", Block([("count", options.instances or 1), ("kind", kind)])


def _acceleration(options: Options) -> Fields:
    device = {"tensorrt": "gpu", "openvino": "cpu"}.get(options.accelerator or "")
    if device:
        precision = _parameter("precision_mode", "FP32", plain=True)
        fields: list[Field] = [("name", options.accelerator or "")]
        if device == "gpu":
            fields.append(("parameters", precision))
        execution = Block([(f"{device}_execution_accelerator", Block(fields))])
        yield "optimization", Block([("execution_accelerators", execution)])


def _parameter(key: str, value: str, *, plain: bool = False) -> Block:
    """Return an entry of a map: of strings where it is `plain`, else of the model's parameters."""
    return Block([("key", key), ("value", value if plain else Block([("string_value", value)]))])


def _warm_up(signature: Signature, options: Options, batch: int) -> Fields:
    yield "name", "zeros"
    yield "batch_size", 1
    for tensor in signature.inputs:
        dims = [_size(dim, tensor, options) for dim in tensor.dims[1 if batch else 0 :]]
        yield "inputs", Block([("key", tensor.name), ("value", zeros(tensor, dims or [1]))])
    yield "count", options.warm_up or 0


def _size(dim: int | str, tensor: Tensor, options: Options) -> int:
    if isinstance(dim, int):
        return dim
    if dim not in options.dims:
        raise BundleError(
            f"--warm-up needs a size for the dim '{dim}' of input '{tensor.name}'",
            f"add --dim {dim or 'NAME'}=SIZE; a dim without a name must get one in the model",
        )
    return options.dims[dim]


TAKES = frozenset({"instances", "threads", "max_batch", "max_delay", "warm_up", "dims"})
STREAMS = frozenset({"max_sequences", "sequence_timeout"})

TRITON = Target(
    name="triton",
    title="Triton",
    takes=TAKES | STREAMS,
    accelerators=ACCELERATORS,
    judge="triton",
    pack=pack,
    keeps_states=True,
    arranges_states=True,
)
