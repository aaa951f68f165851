"""A layer that was recognised by its arrays, and what it is called."""

from dataclasses import dataclass

CELLS = {1: "rnn", 3: "gru", 4: "lstm"}
"""The cell by its blocks of rows."""
RECURRENT = tuple(CELLS.values())
TITLES = {
    "rnn": "RNN",
    "gru": "GRU",
    "lstm": "LSTM",
    "dense": "Linear",
    "batch_norm": "BatchNorm",
    "layer_norm": "LayerNorm",
    "embedding": "Embedding",
    "prelu": "PReLU",
    "unknown": "not recognised",
}
KERAS_TITLES = {
    "rnn": "SimpleRNN",
    "dense": "Dense",
    "batch_norm": "BatchNormalization",
    "layer_norm": "LayerNormalization",
}


@dataclass(frozen=True)
class Part:
    """A layer that was recognised by its arrays."""

    kind: str
    """A layer of the network file (``"lstm"``), ``conv_transpose``, ``prelu`` or ``unknown``."""
    prefix: str
    """The module's name: what its entries begin with."""
    entries: tuple[str, ...]
    """The names of its arrays, in the order in which `source` gives them."""
    takes: int = 0
    """Features or channels that go in; 0 where the arrays do not tell."""
    gives: int = 0
    layer: int | None = None
    """The number in a stack of recurrent layers; None for a cell and for all others."""
    directions: int = 1
    projected: bool = False
    kernel: tuple[int, ...] = ()
    """The spatial dims of a convolution's kernel."""
    source: str = "torch"
    """Whose names and layout the arrays have: ``torch`` or ``keras``."""
    depthwise: bool = False
    """A convolution with a kernel for each channel, as Keras lays it out."""

    def title(self, layers: int = 1) -> str:
        """Return the layer in its framework's words, such as ``LSTM, bidirectional, 40 -> 64``."""
        words = [self._name(), f"{layers} layers" if layers > 1 else ""]
        words += ["bidirectional"] if self.directions == 2 else []
        words += ["projection"] if self.projected else []
        words += [f"kernel {' x '.join(map(str, self.kernel))}"] if self.kernel else []
        sized = {"batch_norm", "layer_norm", "prelu"}
        sizes = f"{self.gives}" if self.kind in sized else f"{self.takes} -> {self.gives}"
        words.append("" if self.kind == "unknown" else sizes)
        return ", ".join(word for word in words if word)

    def _name(self) -> str:
        if self.kind in ("conv", "conv_transpose"):
            end = "Transpose" if self.kind == "conv_transpose" else ""
            last = "D" if self.source == "keras" else "d"
            return f"{'Depthwise' * self.depthwise}Conv{end}{len(self.kernel)}{last}"
        names = TITLES | (KERAS_TITLES if self.source == "keras" else {})
        cell = self.kind in RECURRENT and self.layer is None and self.source == "torch"
        return names[self.kind] + "Cell" * cell
