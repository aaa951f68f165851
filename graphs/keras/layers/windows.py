"""Keras's ways to pad what a window slides over, as ONNX has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...values import Dim, Value
from ..registry import Call
from ..tensor import Tensor


@dataclass(frozen=True)
class Padding:
    """Pads that are known now, all begins and then all ends; None where the run has to tell."""

    pads: tuple[int, ...] | None

    @property
    def attributes(self) -> dict[str, Any]:
        """The operator's attribute."""
        return {"auto_pad": "SAME_UPPER"} if self.pads is None else {"pads": self.pads}


def channels_last(call: Call) -> bool:
    """Say whether the layer takes its channels last, which is Keras's default."""
    word = call.fields.text("data_format", "channels_last", ("channels_last", "channels_first"))
    return word == "channels_last"


def take(call: Call, last: bool) -> Value:
    """Return the layer's input with the channels behind the batch."""
    return call.x.channels_first(call.ops) if last else call.value()


def give(y: Value, last: bool) -> Tensor:
    """Return a value with the channels behind the batch as Keras's tensor."""
    return Tensor(first=y) if last else Tensor(y)


def padding(
    call: Call,
    x: Value,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    words: Sequence[str] = ("valid", "same"),
) -> Padding:
    """Return the pads over the spatial dims of `x`, whose channels are behind the batch.

    "same" pads so that there is an output per stride, and one more at the end than at the
    beginning where the number is odd; "causal" pads the beginning alone.
    """
    word = call.fields.text("padding", "valid", words)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    if word == "valid":
        return Padding((0,) * 2 * len(spans))
    if word == "causal":
        return Padding((*(span - 1 for span in spans), *(0 for _ in spans)))
    pairs = [_same(*each) for each in zip(x.dims[2:], spans, strides, strict=True)]
    known = [pair for pair in pairs if pair is not None]
    if len(known) < len(pairs):
        return Padding(None)
    return Padding((*(begin for begin, _ in known), *(end for _, end in known)))


def _same(dim: Dim, span: int, stride: int) -> tuple[int, int] | None:
    """Return how many places "same" adds before and behind a dim; None where its size decides.

    A window of one or two places begins at the first place whatever the size. A place too many
    behind the end is never reached: the stride is as long as the window.
    """
    if stride > 1 and not isinstance(dim, int):
        return (0, span - 1) if span <= 2 else None
    size = dim if isinstance(dim, int) else 1
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def output_dims(x: Value, strides: Sequence[int]) -> tuple[Dim, ...]:
    """Return the spatial dims behind windows that "same" pads: one per stride."""
    pairs = zip(x.dims[2:], strides, strict=True)
    return tuple(
        -(-dim // stride) if isinstance(dim, int) else dim if stride == 1 else None
        for dim, stride in pairs
    )
