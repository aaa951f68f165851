"""The weights of a GRU layer."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, cast

import numpy as np

from ..errors import WeightError
from .arrays import Array
from .gates import PerGate, need_one_form, read_gates, write_gates
from .layout import Layout, as_layout
from .pack import Gates
from .portable import PortableWeights, keras_source

Reset = Literal["before", "after"]
UNTOLD = cast(Reset, "")
"""Where none is given: an error that says why, in place of Python's of a missing argument."""


@dataclass(frozen=True, eq=False, repr=False)
class GRUWeights(PortableWeights):
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

    reset: Reset = dataclasses.field(kw_only=True, default=UNTOLD)

    gates: ClassVar[str] = "zrh"

    def _check(self) -> None:
        if self.reset not in ("before", "after"):
            told = f"is {self.reset!r}" if self.reset else "is not given, which no array tells"
            raise WeightError(
                f"{self.kind}: reset {told}, needs 'before' or 'after'",
                "PyTorch and Keras (reset_after=True) train 'after', the papers write 'before'",
            )
        super()._check()

    @classmethod
    def from_onnx(
        cls, w: Array, r: Array, b: Array | None = None, *, linear_before_reset: int = 0
    ) -> Self:
        """Return the container of an ONNX GRU's inputs W, R, B and its attribute; see `to_onnx`."""
        return cls(w, r, b, reset="after" if linear_before_reset else "before", source="onnx")

    @classmethod
    def from_keras(cls, arrays: Sequence[Array], *, reset_after: bool | None = None) -> Self:
        """Return the weights of a Keras GRU, Bidirectional GRU or CuDNNGRU.

        Parameters
        ----------
        arrays
            ``layer.get_weights()``: kernel ``[I, 3H]``, recurrent kernel ``[H, 3H]``, and the bias
            if the layer has one; twice as many for two directions. The bias tells the form:
            ``[2, 3H]`` is ``reset_after=True``, ``[3H]`` False, ``[6H]`` a CuDNNGRU.
        reset_after
            The layer's own setting; only a layer without bias needs it (Keras's default is True).
        """
        read = cls._read_keras(arrays, ("none", "one", "two", "cudnn"))
        after = {"none": reset_after is not False, "one": False, "two": True, "cudnn": True}
        forms = {after[form] for _, form in read}
        if reset_after not in (None, *forms):
            raise WeightError(
                f"{cls.__name__}.from_keras: reset_after is {reset_after}, but a bias of this "
                f"shape belongs to reset_after={not reset_after}",
                "leave reset_after out: the bias tells the form",
            )
        reset: Reset = "after" if forms == {True} else "before"
        source = keras_source(read)
        return cls._joined([cls._one(part, reset=reset, source=source) for part, _ in read])

    def to_keras(self, *, cudnn: bool = False) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`.

        Parameters
        ----------
        cudnn
            For a CuDNNGRU, which knows only ``reset="after"``.
        """
        if cudnn:
            self._require_reset("after", "to_keras(cudnn=True)")
            return self._write_keras("cudnn")
        return self._write_keras("two" if self.reset == "after" else "one")

    @classmethod
    def from_layout(
        cls,
        layout: Layout | str,
        w: Gates,
        r: Gates | None = None,
        b: Gates | None = None,
        rb: Gates | None = None,
        *,
        reset: Reset = UNTOLD,
    ) -> Self:
        """Return the weights of one direction from arrays in a declared layout; see `Layout`.

        Each argument is one array with a block for each gate, or a list with one array for each
        gate, in the layout's order: ``w=[w_z, w_r, w_n]``.
        """
        part = cls._unpacked(f"{cls.__name__}.from_layout", layout, w, r, b, rb)
        return cls._one(part, reset=reset, source=f"layout {as_layout(layout)}")

    def to_layout(self, layout: Layout | str) -> dict[str, Array]:
        """Return the arrays as `layout` has them: see `RecurrentWeights.to_layout`.

        With ``reset="after"`` the candidate's two biases cannot become one.
        """
        inner = self.reset == "after" and self.b is not None and self.b[:, 5 * self.hidden_size :]
        if as_layout(layout).biases == 1 and np.any(inner):
            raise WeightError(
                f"{self.kind}.to_layout: the layout has one bias, but with reset='after' the "
                "candidate's recurrent bias stands inside the product with the reset gate",
                "use a layout with biases=2",
            )
        return super().to_layout(layout)

    @classmethod
    def from_gates(
        cls,
        u: Array | None = None,
        r: Array | PerGate | None = None,
        h: Array | None = None,
        bu: Array | None = None,
        br: Array | None = None,
        bh: Array | None = None,
        *,
        w: PerGate | None = None,
        b: PerGate | None = None,
        rb: PerGate | None = None,
        input_first: bool = False,
        reset: Reset = UNTOLD,
    ) -> Self:
        """Return the weights from one matrix per gate, over ``[x; h]`` or for x and for h.

        Parameters
        ----------
        u, r, h
            ``[H, I+H]`` each; h is the candidate's over ``[x; r * h]``, so reset is "before". A
            candidate ``[H, H]`` sees no x, as some notes write it.
        bu, br, bh
            ``[H]``, all or none.
        w, r, b, rb
            In place of those: ``w={"z": ..., "r": ..., "n": ...}`` of ``[H, I]``, r of ``[H, H]``,
            b of ``[H]``; rb if the recurrent product has a bias of its own.
        input_first
            Those of w and r are ``[I, H]`` and ``[H, H]``, the transposes.
        reset
            "before" or "after", where w and r are given.
        """
        call = f"{cls.__name__}.from_gates"
        each = r if isinstance(r, Mapping) else None
        joined = {"u": u, "r": r if each is None else None, "h": h}
        if need_one_form(call, joined, {"w": w, "r": each}):
            layout, part = cls._each(call, w, each, b, rb, input_first)
            return cls._one(part, reset=reset, source=f"layout {layout}")
        if reset == "after":
            raise WeightError(
                f"{call}: reset is 'after', but u, r and h over [x; h] have it before",
                "give w and r, an array for each gate, and rb: the biases of both halves",
            )
        matrices = {"z": ("u", u), "r": ("r", r), "h": ("h", h)}
        biases = {"z": ("bu", bu), "r": ("br", br), "h": ("bh", bh)}
        part, _ = read_gates(call, cls.gates, matrices, biases, x_free="h")
        return cls._one(part, reset="before", source="gates")

    def to_gates(self) -> dict[str, Array]:
        """Return `from_gates`'s arguments by name: its inverse.

        A candidate without x comes back with a block of zeros for x: the same net.
        """
        self._require_one("to_gates")
        self._require_reset("before", "to_gates")
        named = write_gates(self._part(), self.gates)
        return {name.replace("z", "u"): array for name, array in named.items()}

    @classmethod
    def _torch_options(cls, projection: Array | None) -> dict[str, Any]:
        return super()._torch_options(projection) | {"reset": "after"}

    def _require_plain(self, call: str) -> None:
        if call == "to_torch":
            self._require_reset("after", call)
        super()._require_plain(call)

    def _require_reset(self, reset: Reset, call: str) -> None:
        if self.reset != reset:
            raise WeightError(
                f"{self.kind}.{call}: reset is {self.reset!r}, needs {reset!r}: the target "
                "computes only that form",
                "the two forms are different nets; train one, or keep the weights as ONNX",
            )
