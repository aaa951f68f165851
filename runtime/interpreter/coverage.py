"""Which node of a model runs on which kernel."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import onnx

from ...files import read_model
from ..runner import Model
from .compiler import compile_model
from .run_limits import default_limits, folding
from .scope import Record


@dataclass(frozen=True)
class Coverage:
    """Every node of a model, those in subgraphs and in expanded functions too, in order."""

    nodes: tuple[Record, ...]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.nodes)

    def counts(self) -> dict[str, int]:
        """Return how many nodes are ``own``, ``function``, ``fallback`` and ``none``."""
        found = Counter(record.source for record in self.nodes)
        return {source: found[source] for source in ("own", "function", "fallback", "none")}

    def missing(self) -> tuple[Record, ...]:
        """Return the nodes that cannot run."""
        return tuple(record for record in self.nodes if record.source == "none")


def coverage(model: Model) -> Coverage:
    """Say for every node whether it runs on a kernel of ours, its function body, or a fallback.

    A node that is a function is followed by the nodes of its body, except where the body depends
    on the inputs' types, which only the run knows.

    Raises
    ------
    ModelError
        The model is broken.
    FileError
        The path cannot be read.

    Examples
    --------
    >>> import onnx.parser
    >>> model = onnx.parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["" : 17]>
    ...     g (float[n] x) => (float[n] y) { a = Relu(x)  y = Bernoulli(a) }''')
    >>> coverage(model).counts()
    {'own': 1, 'function': 0, 'fallback': 1, 'none': 0}
    >>> next(iter(coverage(model))).kernel
    'elementwise.activation.relu'
    """
    proto = model if isinstance(model, onnx.ModelProto) else read_model(model)
    with folding(default_limits()):
        return Coverage(tuple(compile_model(proto, None)[1]))
