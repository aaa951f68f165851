"""The arrays of Keras layers, as ``layer.get_weights()`` gives them.

Gate orders (keras.layers.LSTM and GRU): LSTM i f c o, GRU z r h; kernels input-first. A GRU with
``reset_after=True`` has a bias ``[2, 3H]``, input half first. CuDNNLSTM and CuDNNGRU (Keras 2)
have the same gate orders and shapes, but a bias of two halves in one vector, and the memory of
each gate's kernels is output-first under an input-first shape (Keras 2.3.1, engine/saving.py).
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .layout import Layout
from .pack import Direction, Given, Names, pack, unpack

ORDERS = {"h": "h", "zrh": "z r h", "iofc": "i f c o"}

BiasForm: TypeAlias = Literal["none", "one", "two", "cudnn"]
"""No bias; ``[G*H]``; ``[2, G*H]``; ``[2*G*H]`` with the kernels in cuDNN's memory order."""


def split(arrays: Sequence[Any], where: str) -> list[Sequence[Any]]:
    """Return the arrays of each direction: kernel, recurrent kernel, and bias if there is one."""
    if len(arrays) in (2, 3):
        return [arrays]
    if len(arrays) in (4, 6):
        half = len(arrays) // 2
        return [arrays[:half], arrays[half:]]
    raise WeightError(
        f"{where}: {len(arrays)} arrays are given, needs 2 or 3 (kernel, recurrent kernel, bias), "
        "or twice as many for two directions",
        "give layer.get_weights() of one recurrent or Bidirectional layer",
    )


def need_arrays(arrays: Sequence[Any], where: str) -> None:
    """Raise unless there are one or two arrays: a kernel and perhaps a bias."""
    if len(arrays) not in (1, 2):
        raise WeightError(
            f"{where}: {len(arrays)} arrays are given, needs 1 or 2: kernel and bias",
            "give layer.get_weights() of one layer",
        )


def read_direction(
    arrays: Sequence[Any], gates: str, where: str, which: str = ""
) -> tuple[Direction, BiasForm]:
    """Return one direction's canonical arrays and the form of its bias.

    Parameters
    ----------
    which
        ``"forward "`` or ``"backward "``, where there are two, for the errors.
    """
    names = Names(where, f"{which}kernel", f"{which}recurrent_kernel", f"{which}bias")
    kernel, recurrent = (
        checked(array, where, name) for array, name in zip(arrays, names[1:3], strict=False)
    )
    count = len(gates)
    bias = checked(arrays[2], where, names.b) if len(arrays) == 3 else None
    layout = Layout(ORDERS[gates], input_first=True)
    if bias is None or bias.ndim == 0:
        return unpack(layout, gates, names, Given(kernel, recurrent, bias)), "none"
    both = Layout(ORDERS[gates], input_first=True, biases=2)
    if bias.ndim == 2:
        needed = [("2", 2), (f"{count}H", None)]
        check_shape(where, names.b, bias, needed, "the input bias above the recurrent bias")
        return unpack(both, gates, names, Given(kernel, recurrent, bias[0], bias[1])), "two"
    if count > 1 and recurrent.ndim == 2 and bias.shape[0] == 2 * count * recurrent.shape[0]:
        kernel = _from_cudnn_memory(kernel, count, where, names.w)
        recurrent = _from_cudnn_memory(recurrent, count, where, names.r)
        given = Given(kernel, recurrent, *np.split(bias, 2))
        return unpack(both, gates, names, given), "cudnn"
    return unpack(layout, gates, names, Given(kernel, recurrent, bias)), "one"


def write_direction(part: Direction, gates: str, form: BiasForm) -> list[Array]:
    """Return one direction's arrays as Keras has them; with `form` "one" the halves are added."""
    layout = Layout(ORDERS[gates], input_first=True, biases=2 if form in ("two", "cudnn") else 1)
    packed = pack(layout, gates, "to_keras", part)
    arrays = [packed["w"], packed["r"]]
    if form == "cudnn":
        arrays = [_to_cudnn_memory(array, len(gates)) for array in arrays]
        zeros = np.zeros(packed["w"].shape[1], part.w.dtype)
        return [*arrays, np.concatenate([packed.get("b", zeros), packed.get("rb", zeros)])]
    if part.b is None:
        return arrays
    return [*arrays, np.stack([packed["b"], packed["rb"]]) if form == "two" else packed["b"]]


def _from_cudnn_memory(kernel: Array, count: int, where: str, name: str) -> Array:
    """Turn each gate's block ``[in, H]``, whose memory is that of ``[H, in]``, into plain Keras."""
    check_shape(
        where, name, kernel, [("in", None), (f"{count}H", None)], "the kernels side by side"
    )
    if kernel.shape[1] % count:
        return kernel  # unpack refuses it, and says why
    H = kernel.shape[1] // count
    return np.concatenate([block.reshape(H, -1) for block in np.split(kernel, count, axis=1)]).T


def _to_cudnn_memory(kernel: Array, count: int) -> Array:
    """Undo `_from_cudnn_memory`."""
    rows = kernel.shape[0]
    blocks = np.split(kernel, count, axis=1)
    return np.concatenate([block.T.reshape(rows, -1) for block in blocks], axis=1)
