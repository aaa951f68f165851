"""Which values hold channels before their spatial dims, and which were flattened in that order.

PyTorch and ONNX put the channels first, Keras last; arrays of a dense layer behind a flattening fit
one order alone, and nothing in their shapes tells which.
"""

from collections.abc import Sequence

from ..values import Value

IMAGES = frozenset(
    {"Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "LpPool"}
)
"""The operators that give channels first."""


class Layouts:
    """Follows the order of the channels through the nodes that are emitted."""

    def __init__(self) -> None:
        self._images: dict[str, Value] = {}
        self._flattened: dict[str, Value] = {}

    def follow(self, op_type: str, inputs: Sequence[Value | None], output: Value) -> None:
        """Note what a node makes of the order of the channels in what it reads."""
        given = [value for value in inputs if value is not None]
        image = next((self._images[v.name] for v in given if v.name in self._images), None)
        flat = next((self._flattened[v.name] for v in given if v.name in self._flattened), None)
        if op_type in IMAGES:
            self._images[output.name] = output
        elif image is not None and op_type in ("Flatten", "Reshape"):
            if output.rank < image.rank and mixes(image):
                self._flattened[output.name] = image
            elif output.dims == image.dims:
                self._images[output.name] = output
        elif image is not None and output.rank == image.rank and op_type != "Transpose":
            self._images[output.name] = output
        elif flat is not None and op_type not in ("Gemm", "MatMul"):
            self._flattened[output.name] = flat

    def settle(self, value: Value) -> None:
        """Note that the order of a flattened value is wanted as it is."""
        self._flattened.pop(value.name, None)

    def flattened(self, value: Value) -> Value | None:
        """Return the value, channels first, that was flattened into `value`; None for another."""
        return self._flattened.get(value.name)


def mixes(image: Value) -> bool:
    """Say whether flattening with channels first and last differ: both count more than one."""
    return image.dims[1] != 1 and any(dim != 1 for dim in image.dims[2:])
