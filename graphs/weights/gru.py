"""The weights of a GRU layer."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..errors import WeightError
from .recurrent import RecurrentWeights

Reset = Literal["before", "after"]


@dataclass(frozen=True, eq=False)
class GRUWeights(RecurrentWeights):
    """A GRU layer in ONNX's gate order: update z, reset r, candidate h.

    ::

        z = f(wz x + wbz + rz h + rbz)           r = f(wr x + wbr + rr h + rbr)
        reset="before": n = g(wh x + wbh + rh (r * h) + rbh)
        reset="after":  n = g(wh x + wbh + r * (rh h + rbh))
        h' = (1 - z) * n + z * h                 (ONNX GRU, linear_before_reset = 0 or 1)

    Parameters
    ----------
    w
        ``[D, 3H, I]``.
    r
        ``[D, 3H, H]``.
    b
        ``[D, 6H]``, the input bias wb and then the recurrent bias rb; None for no bias.
    reset
        Whether the reset gate multiplies the state before or after the product with rh. The two
        are different nets, and nothing in the arrays tells them apart, so it has no default:
        PyTorch, cuDNN and Keras (``reset_after=True``) train "after", the papers write "before".

    Examples
    --------
    >>> import numpy as np
    >>> GRUWeights(np.ones((1, 12, 3)), np.ones((1, 12, 4)), reset="after").hidden_size
    4
    """

    reset: Reset = dataclasses.field(kw_only=True)

    gates: ClassVar[str] = "zrh"

    def _check(self) -> None:
        if self.reset not in ("before", "after"):
            raise WeightError(
                f"{self.kind}: reset is {self.reset!r}, needs 'before' or 'after'",
                "PyTorch and Keras (reset_after=True) train 'after', the papers write 'before'",
            )
        super()._check()
