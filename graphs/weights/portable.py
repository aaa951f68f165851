"""What the weights of RNN, LSTM and GRU share on the way from other layouts and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..errors import WeightError
from . import keras, torch
from .arrays import Array, checked
from .gates import PerGate, join_named
from .layout import Layout, as_layout
from .pack import Direction, Gates, Given, Names, join_gates, pack, unpack
from .recurrent import RecurrentWeights


@dataclass(frozen=True, eq=False, repr=False)
class PortableWeights(RecurrentWeights):
    """Recurrent weights with the conversions that all cells have in common.

    What only some cells have (from_keras, from_layout, from_onnx, from_gates) stands in the
    cells' own files, above the helpers here. Each call makes single directions, and joins them.
    """

    @classmethod
    def from_torch(
        cls,
        state: Mapping[str, Any],
        prefix: str = "",
        layer: int | None = 0,
        *,
        names: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the weights of one layer of ``torch.nn.RNN``, ``LSTM`` or ``GRU``.

        Parameters
        ----------
        state
            A state dict, or any mapping from its names to arrays.
        prefix
            The module's name, such as ``"encoder.lstm"``; one that ends in ``.``, ``_`` or ``/``
            is used as it is.
        layer
            Which layer of the stack; None for a cell module (``torch.nn.LSTMCell``).
        names
            For entries that `state` calls otherwise: PyTorch's name, with or without its ``_l0``,
            and the one there, behind the prefix or whole: ``names={"weight_ih": "W_x"}``.

        Notes
        -----
        Entries ``..._reverse`` make the layer bidirectional, ``weight_hr`` gives its projection.

        Raises
        ------
        WeightError
            An entry is missing, or has a shape that does not fit; it is named as in `state`.
        """
        where = f"{cls.__name__}.from_torch"
        find = torch.namer(state, prefix, names, torch.RECURRENT, where)
        read = [
            torch.read_direction(state, find, suffix, cls.gates, where)
            for suffix in torch.suffixes(state, find, layer)
        ]
        told: dict[str, Any] = {"source": "torch", "origin": torch.origin(prefix, names, layer)}
        return cls._joined([cls._one(part, **told, **cls._torch_options(q)) for part, q in read])

    def to_torch(self, prefix: str = "", layer: int | None = 0) -> dict[str, Array]:
        """Return the layer's entries of a PyTorch state dict: the inverse of `from_torch`.

        Raises
        ------
        WeightError
            PyTorch has no such layer.
        """
        self._require_plain("to_torch")
        state: dict[str, Array] = {}
        for one, suffix in zip(self.split(), torch.layer_suffixes(layer), strict=False):
            state |= torch.write_direction(one._part(), prefix, suffix, self.gates)
            if "projection" in one.arrays():
                name = torch.entry(prefix, "weight_hr" + suffix)
                state[name] = one.arrays()["projection"][0]
        return state

    def to_onnx(self) -> dict[str, Array]:
        """Return the inputs of the ONNX operator by name: W, R, and B where there is a bias."""
        named = {"W": self.w, "R": self.r, "B": self.b}
        return {name: array for name, array in named.items() if array is not None}

    def to_layout(self, layout: Layout | str) -> dict[str, Array]:
        """Return the arrays of a single direction as `layout` has them, by argument name.

        The inverse of `from_layout`. Where the layout has one bias, the halves are added.

        Raises
        ------
        WeightError
            The container has two directions (see `split`), or the layout cannot express it.
        """
        self._require_one("to_layout")
        return pack(as_layout(layout), self.gates, f"{self.kind}.to_layout", self._part())

    @classmethod
    def _joined(cls, parts: Sequence[Self]) -> Self:
        return parts[0] if len(parts) == 1 else cls.bidirectional(*parts)

    @classmethod
    def _one(cls, part: Direction, **options: Any) -> Self:
        """Return the container of a single direction."""
        return cls(part.w[None], part.r[None], None if part.b is None else part.b[None], **options)

    def _part(self) -> Direction:
        """Return the arrays of a single direction."""
        return Direction(self.w[0], self.r[0], None if self.b is None else self.b[0])

    @classmethod
    def _unpacked(
        cls,
        call: str,
        layout: Layout | str,
        w: Gates,
        r: Gates | None,
        b: Gates | None,
        rb: Gates | None,
        projection: Array | None = None,
    ) -> Direction:
        """Return one direction's arrays; each may be given as one array for each gate."""
        layout, names = as_layout(layout), Names(call)
        size = None if projection is None else checked(projection, call, "projection").shape[0]

        def joined(name: str, value: Gates, rank: int = 1, axis: int = 0) -> Array:
            return join_gates(value, len(cls.gates), rank, names.where, name, axis)

        axis = -1 if layout.input_first else 0
        given = Given(
            joined("w", w, 2, axis),
            None if r is None else joined("r", r, 2, axis),
            None if b is None else joined("b", b),
            None if rb is None else joined("rb", rb),
        )
        return unpack(layout, cls.gates, names, given, size)

    @classmethod
    def _each(
        cls,
        call: str,
        w: PerGate | None,
        r: PerGate | None,
        b: PerGate | None,
        rb: PerGate | None,
        input_first: bool,
    ) -> tuple[Layout, Direction]:
        """Return one direction's arrays from those of each gate, and the layout that these have."""
        order = " ".join(cls.gates)
        layout = Layout(order, input_first=input_first, biases=1 if rb is None else 2)
        axis = -1 if input_first else 0
        given: dict[str, Any] = {
            name: None if each is None else join_named(call, name, cls.gates, cls.gates, each, *how)
            for name, each, how in (
                ("w", w, (2, axis)),
                ("r", r, (2, axis)),
                ("b", b, (1,)),
                ("rb", rb, (1,)),
            )
        }
        if given["w"] is None:
            raise WeightError(f"{call}: w is missing", "give w and r, an array for each gate")
        return layout, cls._unpacked(call, layout, **given)

    @classmethod
    def _read_keras(
        cls, arrays: Sequence[Any], allowed: Sequence[keras.BiasForm]
    ) -> list[tuple[Direction, keras.BiasForm]]:
        """Return each direction's arrays; raise unless its bias has one of the forms `allowed`."""
        where = f"{cls.__name__}.from_keras"
        each = keras.split(arrays, where)
        labels = [""] if len(each) == 1 else ["forward ", "backward "]
        read = []
        for one, which in zip(each, labels, strict=True):
            read.append(keras.read_direction(one, cls.gates, where, which))
            if read[-1][1] not in allowed:
                raise WeightError(
                    f"{where}: {which}bias has shape {list(one[2].shape)}, which only a GRU with "
                    "reset_after=True has",
                    "check the kind of cell; this one has one bias for each unit of each gate",
                )
        return read

    def _write_keras(self, form: keras.BiasForm) -> list[Array]:
        self._require_plain("to_keras")
        parts = [one._part() for one in self.split()]
        return [array for part in parts for array in keras.write_direction(part, self.gates, form)]

    @classmethod
    def _torch_options(cls, projection: Array | None) -> dict[str, Any]:
        """Return the fields of the container that PyTorch's layer fixes."""
        if projection is not None:
            raise WeightError(
                f"{cls.__name__}.from_torch: the state has a weight_hr, a projection, which only "
                "an LSTM has",
                "use LSTMWeights, or check the prefix",
            )
        return {}

    def _require_plain(self, call: str) -> None:
        """Raise if the layer has something that the target of `call` cannot hold."""

    def _require_no(self, call: str, *names: str) -> None:
        for name in names:
            if name in self.arrays():
                raise WeightError(
                    f"{self.kind}.{call}: the layer has {name}, which the target does not know",
                    "keep it as ONNX, or in a layout of your own (to_layout)",
                )

    def _require_one(self, call: str) -> None:
        if self.directions != 1:
            raise WeightError(
                f"{self.kind}.{call}: the layer has 2 directions, needs 1",
                "convert each of split() on its own",
            )


def keras_source(read: Sequence[tuple[Direction, keras.BiasForm]]) -> str:
    """Return the source of a Keras layer: that of a CuDNN layer has a layout of its own."""
    return "keras cudnn" if any(form == "cudnn" for _, form in read) else "keras"
