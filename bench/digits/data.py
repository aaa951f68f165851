"""The arrays that ship with the package: thirteen trained nets and the images they never saw.

The images are 450 of the 1797 digits of the UCI "Optical Recognition of Handwritten Digits" data
(E. Alpaydin and C. Kaynak, 1998, CC BY 4.0) as scikit-learn gives them: 8 x 8 pixels of 17 greys.

>>> images().shape, labels().shape, logits("lstm").shape
((450, 64), (450,), (450, 10))
>>> sorted(weights("rnn_tanh"))[:2]
['fc.bias', 'fc.weight']
"""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from ..errors import BenchError

NAMES = (
    "mlp",
    "lenet",
    "rnn_tanh",
    "rnn_relu",
    "birnn_tanh",
    "gru",
    "bigru2",
    "lstm",
    "lstm3",
    "bilstm2",
    "peephole",
    "peephole2",
    "lecture_peephole",
)
"""The trained nets. A digit that ends a name is the number of layers; ``bi`` reads both ways."""

GREYS = 16
"""The pixels are whole numbers from 0 to 16; the nets read them divided by 16."""


def images() -> NDArray[np.float32]:
    """Return the held-out images, float32 ``[450, 64]`` in 0..1: eight rows of eight pixels.

    Recurrent nets read an image as ``[8, 8]``: eight steps (rows) of eight features.
    """
    return (_held_out()["images"] / np.float32(GREYS)).astype(np.float32)


def labels() -> NDArray[np.int64]:
    """Return which digits the images show, int64 ``[450]`` in 0..9."""
    return _held_out()["labels"].astype(np.int64)


def indices() -> NDArray[np.int64]:
    """Return the images' rows in ``sklearn.datasets.load_digits()``, int64 ``[450]``."""
    return _held_out()["indices"].astype(np.int64)


def logits(name: str) -> NDArray[np.float32]:
    """Return what PyTorch computed with the net `name` for the images, float32 ``[450, 10]``."""
    return _held_out()[f"logits.{known(name)}"].copy()


def weights(name: str) -> dict[str, NDArray[Any]]:
    """Return the float32 arrays of the net `name` by the names they had when it was trained.

    PyTorch's own layers keep PyTorch's names, layouts and gate orders (``rnn.weight_ih_l0``,
    ``fc.weight``). The peephole LSTMs hold per layer l ``rnn.l.W`` ``[4H, in]``, ``rnn.l.R``
    ``[4H, H]`` and one bias ``rnn.l.b`` ``[4H]`` in the gate order i, o, f, c of ONNX, and the
    peepholes ``rnn.l.P``: ``[3H]`` of i, o, f, in the lecture's form ``[4H]`` of i, o, f, c.

    Raises
    ------
    BenchError
        There is no net of this name.
    """
    return _read(f"weights/{known(name)}.safetensors")


def known(name: str) -> str:
    """Return `name`, or raise `BenchError` where no net has it."""
    if name not in NAMES:
        raise BenchError(f"no digits net is called {name!r}", f"choose one of {', '.join(NAMES)}")
    return name


@cache
def _held_out() -> dict[str, NDArray[Any]]:
    return _read("held_out.safetensors")


def _read(path: str) -> dict[str, NDArray[Any]]:
    """Read a file of this package, which need not be a file of the file system."""
    return safetensors.numpy.load(files(__package__).joinpath(path).read_bytes())
