"""Values as Keras has them, channels last, beside the form that ONNX's operators take."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..builder.builder import Builder
from ..builder.ops import Ops
from ..values import Dims, Value
from .masks import Mask


@dataclass
class Tensor:
    """A value of a Keras model in one or both of two forms, and its mask.

    `last` has the dims in Keras's order, ``[batch, height, width, channels]``; `first` is the same
    with the channels behind the batch, as convolutions of ONNX want it. The missing form is made
    when somebody asks for it, once.
    """

    last: Value | None = None
    first: Value | None = None
    mask: Mask | None = field(default=None)
    _as_mask: Mask | None = field(default=None, repr=False)

    @property
    def dims(self) -> Dims:
        """The dims in Keras's order."""
        if self.last is not None:
            return self.last.dims
        assert self.first is not None
        batch, channels, *inner = self.first.dims
        return (batch, *inner, channels)

    @property
    def rank(self) -> int:
        """The number of dims, with the batch."""
        return len(self.dims)

    def keras(self, ops: Ops) -> Value:
        """Return the value with its dims in Keras's order."""
        if self.last is None:
            assert self.first is not None
            rank = self.first.rank
            self.last = ops.transpose(self.first, 0, *range(2, rank), 1)
        return self.last

    def channels_first(self, ops: Ops) -> Value:
        """Return the value with its last dim behind the batch."""
        if self.first is None:
            assert self.last is not None
            rank = self.last.rank
            inner = range(1, rank - 1)
            self.first = ops.transpose(self.last, 0, rank - 1, *inner) if rank > 2 else self.last
        return self.first

    def map(self, f: Callable[[Value], Value]) -> "Tensor":
        """Return ``f`` of the value in the form that is there: for what looks at no axis."""
        if self.first is not None:
            return replace(self, first=f(self.first), last=None)
        assert self.last is not None
        return replace(self, last=f(self.last))

    def as_mask(self) -> Mask:
        """Return the mask that this tensor of bools is, the same one each time."""
        value = self.last
        assert value is not None
        if self._as_mask is None:
            owner = value.owner
            assert isinstance(owner, Builder)
            self._as_mask = Mask(Ops(owner, value.name.partition("/")[0]), lambda: value)
        return self._as_mask

    def masked(self, mask: Mask | None) -> "Tensor":
        """Return the same value with another mask."""
        return replace(self, mask=mask)
