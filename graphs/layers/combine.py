"""Layers that join several values: concatenation and elementwise arithmetic."""

from collections.abc import Sequence

from ..builder.builder import Builder
from ..errors import ValueMismatchError
from ..values import Dim, Value, broadcast, compatible
from .checks import check_axis, check_same_dtype


class Combining(Builder):
    """Adds ``concat``, ``add``, ``subtract``, ``multiply`` and ``divide``."""

    def concat(self, values: Sequence[Value], *, axis: int = -1, name: str | None = None) -> Value:
        """Return the values one after the other along `axis`.

        Raises
        ------
        ValueMismatchError
            There is no value, or two differ in dtype, rank or another dim.
        """
        layer = self.layer_name("concat", name)
        label = f"concat '{layer}'"
        if not values:
            raise ValueMismatchError(f"{label}: there is no value to join", "give one or more")
        first = self.own(values[0], label)
        axis = check_axis(first, axis, label)
        check_same_dtype([self.own(value, label) for value in values], label)
        for value in values[1:]:
            _check_joinable(first, value, axis, label)
        sizes = [value.dims[axis] for value in values]
        total = sum(size for size in sizes if isinstance(size, int))
        joined: Dim = total if all(isinstance(size, int) for size in sizes) else None
        dims = (*first.dims[:axis], joined, *first.dims[axis + 1 :])
        return self.emit("Concat", *values, layer=layer, dims=dims, axis=axis)

    def add(self, a: Value, b: Value, *, name: str | None = None) -> Value:
        """Return ``a + b``, with dims of 1 stretched as in NumPy."""
        return self._binary("Add", a, b, self.layer_name("add", name))

    def subtract(self, a: Value, b: Value, *, name: str | None = None) -> Value:
        """Return ``a - b``, with dims of 1 stretched as in NumPy."""
        return self._binary("Sub", a, b, self.layer_name("subtract", name))

    def multiply(self, a: Value, b: Value, *, name: str | None = None) -> Value:
        """Return ``a * b`` element by element, with dims of 1 stretched as in NumPy."""
        return self._binary("Mul", a, b, self.layer_name("multiply", name))

    def divide(self, a: Value, b: Value, *, name: str | None = None) -> Value:
        """Return ``a / b`` element by element, with dims of 1 stretched as in NumPy."""
        return self._binary("Div", a, b, self.layer_name("divide", name))

    def _binary(self, op_type: str, a: Value, b: Value, layer: str) -> Value:
        label = f"{op_type} '{layer}'"
        check_same_dtype((self.own(a, label), self.own(b, label)), label)
        return self.emit(op_type, a, b, layer=layer, dims=broadcast(a, b, label))


def _check_joinable(first: Value, value: Value, axis: int, label: str) -> None:
    pairs = zip(first.dims, value.dims, strict=False)
    if value.rank != first.rank or not all(
        index == axis or compatible(*pair) for index, pair in enumerate(pairs)
    ):
        raise ValueMismatchError(
            f"{label}: {first} and {value} differ in more than dim {axis}",
            "give values of one rank that agree in every other dim",
        )
