"""What the frameworks' environments and this project's own must agree on: nets, sizes, inputs.

Needs nothing but NumPy, since it is imported where a framework is and onnxwright is not.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

HIDDEN = (128, 512)
TIME = 100
WORDS = 1000
"""Rows of the embedding."""
CLASSES = 10
SIDE = 28
"""Pixels of an image's side."""
SHAPES: dict[str, dict[str, tuple[Any, ...]]] = {
    "mlp": {"x": ("batch", "hidden")},
    "norm": {"x": ("batch", "time", "hidden")},
    "lstm": {"x": ("batch", "time", "hidden")},
    "gru": {"x": ("batch", "time", "hidden")},
    "rnn": {"x": ("batch", "time", "hidden")},
    "bilstm": {"x": ("batch", "time", "hidden")},
    "packed": {"x": ("batch", "time", "hidden"), "lengths": ("batch",)},
    "words": {"ids": ("batch", "time")},
    "bag": {"ids": ("batch", "time")},
    "images": {"x": ("batch", 1, SIDE, SIDE)},
    "mobile": {"x": ("batch", 3, 2 * SIDE, 2 * SIDE)},
    "signal": {"x": ("batch", 16, "time")},
}
"""Each net's inputs and their dims; a word is an open dim, but for `hidden`."""
DTYPES = {"ids": np.int64, "lengths": np.int64}


def example(net: str, hidden: int, batch: int) -> Mapping[str, Any]:
    """Return an input of each name, the same at every call."""
    rng = np.random.default_rng(batch)
    sizes = {"batch": batch, "time": TIME, "hidden": hidden}
    arrays = {}
    for name, dims in SHAPES[net].items():
        shape = [sizes.get(dim, dim) for dim in dims]
        if name == "ids":
            arrays[name] = rng.integers(0, WORDS, shape)
        elif name == "lengths":
            arrays[name] = np.sort(rng.integers(TIME // 2, TIME + 1, shape))[::-1].copy()
            arrays[name][0] = TIME  # PyTorch cuts off what no row reaches
        else:
            arrays[name] = rng.normal(size=shape).astype(np.float32)
    return arrays
