"""The weights of an LSTM layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ..errors import WeightError
from .arrays import Array, check_shape, checked
from .gates import PerGate, join_named, need_one_form, read_gates, write_gates
from .layout import Layout, as_layout
from .pack import Direction, Gates
from .peepholes import PEEPHOLE_GATES, Peephole, read_peepholes, reorder_peepholes, seen_gates
from .portable import PortableWeights, keras_source


@dataclass(frozen=True, eq=False, repr=False)
class LSTMWeights(PortableWeights):
    """An LSTM layer in ONNX's gate order: input i, output o, forget f, cell input c.

    ::

        i = f(wi x + wbi + ri h + rbi + pi * c)      f = f(... + pf * c)
        n = g(wc x + wbc + rc h + rbc + pc * c)      c' = f * c + i * n
        o = f(... + po * c'')                        h' = o * tanh(c')

    Two different nets share the name peephole. With ``peephole="onnx"`` (Gers-Schmidhuber) the
    output gate sees the new cell, c'' = c', and n sees none: pc does not exist. With
    ``peephole="lecture"`` all four see the old one: c'' = c.

    Parameters
    ----------
    w
        ``[D, 4H, I]``.
    r
        ``[D, 4H, H]``; with a projection ``[D, 4H, P]``.
    b
        ``[D, 8H]``, the input bias wb and then the recurrent bias rb; None for no bias.
    p
        Peepholes: ``[D, 3H]`` in order i o f for "onnx", ``[D, 4H]`` in order i o f c for
        "lecture"; None for none.
    peephole
        Which of the two nets p belongs to.
    projection
        ``[D, P, H]``: the layer gives ``projection h'`` and feeds that back as its h
        (``proj_size`` of PyTorch's LSTM); None for none.

    Examples
    --------
    >>> import numpy as np
    >>> LSTMWeights(np.ones((1, 16, 3)), np.ones((1, 16, 4)), p=np.ones((1, 12))).hidden_size
    4
    """

    p: Array | None = None
    peephole: Peephole = "onnx"
    projection: Array | None = None

    gates: ClassVar[str] = "iofc"

    @property
    def output_size(self) -> int:
        """How many numbers each direction gives: P with a projection, else H."""
        return self.hidden_size if self.projection is None else int(self.projection.shape[1])

    @classmethod
    def from_onnx(cls, w: Array, r: Array, b: Array | None = None, p: Array | None = None) -> Self:
        """Return the container of the inputs W, R, B and P of an ONNX LSTM; see `to_onnx`."""
        return cls(w, r, b, p, source="onnx")

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs of the ONNX LSTM by name: W, R, and B and P where they are there.

        Raises
        ------
        WeightError
            The operator has no projection, and no peepholes in the lecture's form.
        """
        if self.projection is not None or (self.p is not None and self.peephole == "lecture"):
            what = "a projection" if self.projection is not None else "the lecture's peepholes"
            raise WeightError(
                f"{self.kind}.to_onnx: the layer has {what}, which the ONNX LSTM cannot express",
                "add it to a Network, which writes a graph of other operators for it",
            )
        return super().to_onnx() | ({} if self.p is None else {"P": self.p})

    @classmethod
    def from_keras(cls, arrays: Sequence[Array]) -> Self:
        """Return the weights of a Keras LSTM, Bidirectional LSTM or CuDNNLSTM.

        Parameters
        ----------
        arrays
            ``layer.get_weights()``: kernel ``[I, 4H]``, recurrent kernel ``[H, 4H]``, and the bias
            if the layer has one, ``[4H]`` or for a CuDNNLSTM ``[8H]``; twice as many for two
            directions.
        """
        read = cls._read_keras(arrays, ("none", "one", "cudnn"))
        source = keras_source(read)
        return cls._joined([cls._one(part, source=source) for part, _ in read])

    def to_keras(self, *, cudnn: bool = False) -> list[Array]:
        """Return the arrays for ``layer.set_weights``: the inverse of `from_keras`."""
        return self._write_keras("cudnn" if cudnn else "one")

    @classmethod
    def from_layout(
        cls,
        layout: Layout | str,
        w: Gates,
        r: Gates | None = None,
        b: Gates | None = None,
        rb: Gates | None = None,
        p: Gates | None = None,
        *,
        peephole: Peephole = "onnx",
        projection: Array | None = None,
    ) -> Self:
        """Return the weights of one direction from arrays in a declared layout; see `Layout`.

        Each argument is one array with a block for each gate, or a list with one array for each
        gate, in the layout's order: ``w=[w_i, w_f, w_o, w_g]``.
        ``p`` is ``[3H]`` (``[4H]`` in the lecture's form) with its gates in the layout's order;
        ``projection`` is ``[P, H]``.
        """
        call = f"{cls.__name__}.from_layout"
        part = cls._unpacked(call, layout, w, r, b, rb, projection)
        return cls._with_peepholes(call, layout, part, p, peephole, projection)

    def to_layout(self, layout: Layout | str) -> dict[str, Array]:
        """Return the arrays as `layout` has them; p and projection too, where they are there."""
        packed = super().to_layout(layout)
        if self.p is not None:
            seen = PEEPHOLE_GATES[self.peephole]
            packed["p"] = reorder_peepholes(layout, seen, self.p[0], back=True)
        if self.projection is not None:
            packed["projection"] = self.projection[0]
        return packed

    @classmethod
    def from_gates(
        cls,
        z: Array | None = None,
        i: Array | None = None,
        f: Array | None = None,
        o: Array | None = None,
        bz: Array | None = None,
        bi: Array | None = None,
        bf: Array | None = None,
        bo: Array | None = None,
        *,
        w: PerGate | None = None,
        r: PerGate | None = None,
        b: PerGate | None = None,
        rb: PerGate | None = None,
        p: PerGate | None = None,
        input_first: bool = False,
        peephole: Peephole | None = None,
    ) -> Self:
        """Return the weights from one matrix per gate, over ``[x; h]`` or for x and for h.

        Parameters
        ----------
        z, i, f, o
            ``[H, I+H]`` for cell input, input, forget and output gate. With ``"lecture"`` all are
            ``[H, I+2H]``, with ``"onnx"`` all but z; their last block, over c, is diagonal.
        bz, bi, bf, bo
            ``[H]``, all or none.
        w, r, b, rb
            In place of those: ``w={"i": ..., "f": ..., "o": ..., "g": ...}`` of ``[H, I]``, r of
            ``[H, H]``, b of ``[H]``; rb if the recurrent product has a bias of its own.
        p
            ``{"i": ..., "f": ..., "o": ...}`` of ``[H]``; the lecture's form has one of c, too.
        input_first
            Those of w and r are ``[I, H]`` and ``[H, H]``, the transposes.
        peephole
            Which of the two nets with peepholes it is; None for none, or as the gates of p tell.

        Raises
        ------
        WeightError
            A shape does not fit, a gate is missing, or a block over c has numbers off its diagonal.
        """
        call = f"{cls.__name__}.from_gates"
        joined = {"z": z, "i": i, "f": f, "o": o}
        if need_one_form(call, joined, {"w": w, "r": r}):
            layout, each = cls._each(call, w, r, b, rb, input_first)
            form = peephole or ("onnx" if p is None or len(p) == 3 else "lecture")
            seen = seen_gates(call, form)
            vectors = None if p is None else join_named(call, "p", cls.gates, seen, p, 1)
            return cls._with_peepholes(call, layout, each, vectors, form)
        matrices = {"i": ("i", i), "o": ("o", o), "f": ("f", f), "c": ("z", z)}
        biases = {"i": ("bi", bi), "o": ("bo", bo), "f": ("bf", bf), "c": ("bz", bz)}
        seen = seen_gates(call, peephole) if peephole else ""
        part, vector = read_gates(call, cls.gates, matrices, biases, seen)
        if peephole is None or vector is None:
            return cls._one(part, source="gates")
        return cls._one(part, p=vector[None], peephole=peephole, source="gates")

    def to_gates(self) -> dict[str, Array]:
        """Return `from_gates`'s matrices and biases by name: its inverse."""
        self._require_one("to_gates")
        self._require_no("to_gates", "projection")
        seen = PEEPHOLE_GATES[self.peephole]
        named = write_gates(self._part(), self.gates, None if self.p is None else self.p[0], seen)
        return {name.replace("c", "z"): array for name, array in named.items()}

    @classmethod
    def _with_peepholes(
        cls,
        call: str,
        layout: Layout | str,
        part: Direction,
        p: Gates | None,
        peephole: Peephole,
        projection: Array | None = None,
    ) -> Self:
        """Return the container of one direction, its peepholes reordered from the layout."""
        source = f"layout {as_layout(layout)}"
        options: dict[str, Any] = {"peephole": peephole, "source": source}
        if projection is not None:
            options["projection"] = checked(projection, call, "projection")[None]
        if p is not None:
            options["p"] = read_peepholes(call, layout, peephole, p, part.w.shape[0] // 4)[None]
        return cls._one(part, **options)

    @classmethod
    def _torch_options(cls, projection: Array | None) -> dict[str, Any]:
        return {} if projection is None else {"projection": projection[None]}

    def _require_plain(self, call: str) -> None:
        self._require_no(call, "p", *(["projection"] if call == "to_keras" else []))

    def _check(self) -> None:
        self._check_w()
        self._check_projection()
        super()._check()
        seen = seen_gates(self.kind, self.peephole)
        if self.p is not None:
            needed = [("D", self.directions), (f"{len(seen)}H", len(seen) * self.hidden_size)]
            why = f"peephole={self.peephole!r} has one vector of H for each of {' '.join(seen)}"
            check_shape(self.kind, "p", self.p, needed, why)

    def _check_projection(self) -> None:
        if self.projection is not None:
            needed = [("D", self.directions), ("P", None), ("H", self.hidden_size)]
            why = f"H={self.hidden_size} follows from w {list(self.w.shape)}"
            check_shape(self.kind, "projection", self.projection, needed, why)

    def _recurrent_dim(self) -> tuple[str, int]:
        return ("H" if self.projection is None else "P"), self.output_size
