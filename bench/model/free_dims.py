"""The dims of a model's inputs that have no size: their names, and sizes that suit them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ...runtime.runner import TensorInfo
from ..errors import BenchError

BATCH = ("batch", "batch_size", "n", "b")
TIME = ("time", "seq", "sequence", "seq_len", "seq_length", "sequence_length", "length", "steps",
        "t", "frames")  # fmt: skip
IMAGE = ("height", "width", "h", "w")
SAMPLES = ("samples", "num_samples", "n_samples", "audio_length", "audio_len", "waveform_length")
SOUNDS = ("audio", "audio_signal", "wav", "waveform", "pcm", "speech", "input_values")
"""Names of inputs whose last dim are samples."""
PIXELS = 224
SECOND = 16_000
"""Samples of a second of speech, as recognisers take it."""
CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class Usual:
    """The sizes of dims that nothing else is known of."""

    batch: int = 2
    time: int = 8
    other: int = 3


def keys(info: TensorInfo) -> tuple[int | str, ...]:
    """Return the dims of an input, an unnamed one as ``INPUT.AXIS``: what gives it a size.

    >>> import numpy as np
    >>> keys(TensorInfo("x", np.dtype("float32"), (None, 3, "time")))
    ('x.0', 3, 'time')
    """
    return tuple(
        f"{info.name}.{axis}" if dim is None else dim for axis, dim in enumerate(info.shape or ())
    )


def free_dims(inputs: Sequence[TensorInfo]) -> tuple[str, ...]:
    """Return what sizes can be given to: the free dims, but for unnamed ones that follow a batch.

    They stand in the order of their first appearance.
    """
    found = dict.fromkeys(key for info in inputs for key in keys(info) if isinstance(key, str))
    followers = set(_followers(inputs))
    return tuple(key for key in found if key not in followers)


def choose_sizes(
    inputs: Sequence[TensorInfo], known: Mapping[str, int], usual: Usual
) -> dict[str, int]:
    """Return a size for each free dim: those of `known`, else what suits its name and its input.

    Images get 224 x 224 and sounds a second; unnamed dims of states follow the first input's batch.
    """
    sizes, batch = dict(known), batch_key(inputs)
    for info in inputs:
        for axis, key in enumerate(keys(info)):
            if isinstance(key, str):
                likely = usual.batch if key == batch else _usual(info, axis, key, usual)
                sizes.setdefault(key, likely)
    size = sizes.get(batch) if isinstance(batch, str) else batch
    follow = {key: size for key in _followers(inputs) if key not in known and size is not None}
    sizes |= follow
    return {key: sizes[key] for info in inputs for key in keys(info) if isinstance(key, str)}


def batch_key(inputs: Sequence[TensorInfo]) -> int | str | None:
    """Return the dim that is the batch: one with such a name, else the first input's first.

    None where that is the steps of a sequence, or the input has no other dim.
    """
    everything = [key for info in inputs for key in keys(info)]
    named = [key for key in everything if isinstance(key, str) and key.lower() in BATCH]
    if named:
        return named[0]
    shape = next((keys(info) for info in inputs if info.shape), (None,))
    first = shape[0]
    known = isinstance(first, str) and (first.lower() in TIME or first.lower() in SAMPLES)
    return None if known or len(shape) == 1 else first


def _followers(inputs: Sequence[TensorInfo]) -> list[str]:
    """Return the unnamed dims that are the batch again: of other inputs than the first.

    They are each input's first dim, and the only free one of an input of floats, such as a state
    of ``[2, batch, 128]``.
    """
    found: list[str] = []
    if batch_key(inputs) is None:
        return found
    for info in inputs[1:]:
        unnamed = [axis for axis, dim in enumerate(info.shape or ()) if dim is None]
        single = len(unnamed) == 1 and len(info.shape or ()) > 1 and info.dtype.kind == "f"
        chosen = unnamed if single else [axis for axis in unnamed if axis == 0]
        found += [f"{info.name}.{axis}" for axis in chosen]
    return [key for key in found if key != batch_key(inputs)]


def _usual(info: TensorInfo, axis: int, key: str, usual: Usual) -> int:
    name, shape = key.lower(), info.shape or ()
    if name in BATCH:
        return usual.batch
    if is_pixel(info, axis):
        return PIXELS
    if name in SAMPLES or (axis == len(shape) - 1 and info.name.lower() in SOUNDS):
        return SECOND
    if name in TIME:
        return usual.time
    if name in IMAGE:
        return 32
    return usual.batch if axis == 0 and shape[0] is None else usual.other


def is_pixel(info: TensorInfo, axis: int) -> bool:
    """Say whether a dim is the height or width of an image: beside one, three or four channels."""
    shape = info.shape or ()
    if len(shape) != 4:
        return False
    return axis in (2, 3) if shape[1] in CHANNELS else shape[3] in CHANNELS and axis in (1, 2)


def sizes_given(
    inputs: Sequence[TensorInfo], given: Mapping[str, NDArray[Any]], dims: Mapping[str, int]
) -> dict[str, int]:
    """Return the sizes that follow from `dims` and from the arrays that are given.

    Raises
    ------
    BenchError
        They contradict each other, or `dims` names no free dim.
    """
    sizes = dict(dims)
    check_free(dims, inputs, "--dim")
    for info in inputs:
        if info.name in given and info.shape is not None:
            for dim, size in zip(keys(info), given[info.name].shape, strict=False):
                if isinstance(dim, str) and sizes.setdefault(dim, size) != size:
                    raise BenchError(
                        f"the dim '{dim}' is {size} in '{info.name}' and {sizes[dim]} elsewhere",
                        "give one size for it",
                    )
    return sizes


def check_free(names: Iterable[str], inputs: Sequence[TensorInfo], option: str) -> None:
    """Raise BenchError for a name that is no free dim of `inputs`, and say why it is none."""
    free = list(dict.fromkeys(key for each in inputs for key in keys(each) if isinstance(key, str)))
    for name in names:
        if name not in free:
            problem, remedy = why_not(name, inputs, option)
            raise BenchError(problem, remedy or f"its dims are {', '.join(free) or 'none'}")


def why_not(name: str, inputs: Sequence[TensorInfo], option: str) -> tuple[str, str]:
    """Return why a name is no free dim, and what to do; "" where there is nothing else to do."""
    for info in inputs:
        for axis, dim in enumerate(info.shape or ()):
            if name == f"{info.name}.{axis}" and dim is not None:
                if isinstance(dim, str):
                    return f"dim {axis} of '{info.name}' is called {dim}", f"write {option} {dim}="
                return _fixed(info, axis, dim)
    fixed = next((each for each in inputs if each.shape and isinstance(each.shape[0], int)), None)
    if name.lower() in BATCH and fixed is not None and fixed.shape is not None:
        return _fixed(fixed, 0, fixed.shape[0])
    return f"the model has no dim '{name}'", ""


def _fixed(info: TensorInfo, axis: int, size: int | str | None) -> tuple[str, str]:
    return (
        f"the model fixes dim {axis} of '{info.name}' at {size}",
        "export it again with that dim named (torch.onnx.export: dynamic_shapes), or name it in "
        "the file with onnx.tools.update_model_dims, where no node fixes it too",
    )
