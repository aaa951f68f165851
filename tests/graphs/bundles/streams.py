"""A streamed net of each recurrent family, and the same sequences fed whole."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import onnx
from numpy.typing import NDArray

from onnxwright import runtime
from onnxwright.graphs import DenseWeights, Network
from tests.graphs.forms import GRUS, LSTMS, RNNS

from .trees import MODELS, random

Array = NDArray[np.float32]
FAMILIES = (
    "rnn",
    "rnn_relu",
    "lstm",
    "lstm_coupled",
    "lstm_peephole",
    "lstm_lecture",
    "lstm_projected",
    "gru_before",
    "gru_after",
)
STREAMS = (*FAMILIES, "stream", "native")
"""Those, a stack of two layers, and a state in the operator's own layout."""
CHUNKS = (2, 4, 1)


@cache
def model(name: str) -> onnx.ModelProto:
    """Return the streamed net `name`: ``x`` is ``[batch, time, 3]``."""
    if name in MODELS:
        return MODELS[name]()
    (form,) = (form for form in (*RNNS, *LSTMS, *GRUS) if form.name == name)
    net = Network(name, streaming=True)
    h = form.add(net, {"x": net.input("x", "batch time 3")}, "auto")["sequence"]
    units = h.dims[-1]
    assert isinstance(units, int)
    net.output("y", net.dense(h, DenseWeights(random(2, units)), name="head"))
    return net.build()


def sequences(count: int) -> list[Array]:
    return [random(1, sum(CHUNKS), 3, seed=20 + number) for number in range(count)]


def cut(x: Array, sizes: Sequence[int] = CHUNKS) -> list[Array]:
    return np.split(x, np.cumsum(sizes)[:-1], axis=1)


@cache
def whole(name: str, seed: int) -> Array:
    """Return what the local run makes of a sequence that is fed at once, from zeros on."""
    runner = runtime.load(model(name), on="cpu")
    (x,) = (one for number, one in enumerate(sequences(seed + 1)) if number == seed)
    feeds = {"x": x}
    for info in runner.inputs:
        if info.name != "x":
            shape = [dim if isinstance(dim, int) else 1 for dim in info.shape or ()]
            feeds[info.name] = np.zeros(shape, np.float32)
    answer: Array = runner.run(feeds)["y"]
    return answer
