"""What all weight containers share: their arrays by name, one dtype, a check for NaN."""

import dataclasses
import html
from typing import Any, Self

import numpy as np

from ..errors import WeightError
from .arrays import Array, stored

Origin = tuple[str, int | None]
"""A module's name in a state dict, and the number of a layer in a stack, or None."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Weights:
    """The arrays of one layer, checked when the container is made and never changed after.

    Parameters
    ----------
    source
        The layout that the arrays came in, for a model's metadata: ``"torch"``, ``"keras"``, ...;
        each ``from_...`` sets it, and the ``to_...`` of that name gives the arrays back.
    origin
        Under which name: PyTorch's module, and the number of a layer in a stack; None if unknown.
    """

    source: str = dataclasses.field(default="arrays", kw_only=True)
    origin: Origin | None = dataclasses.field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for name, array in self.arrays().items():
            object.__setattr__(self, name, stored(array, self.kind, name))
        self._check_one_dtype()
        self._check()

    def __repr__(self) -> str:
        shapes = " ".join(f"{name}{list(array.shape)}" for name, array in self.arrays().items())
        return f"<{self.kind} {shapes} {self.dtype.name}, from {self.source}>"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"

    @property
    def kind(self) -> str:
        """The container's name, the first word of its errors."""
        return type(self).__name__

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The one dtype of all arrays."""
        return next(iter(self.arrays().values())).dtype

    @property
    def parameters(self) -> int:
        """How many numbers the container holds, zeros of an absent bias half included."""
        return sum(array.size for array in self.arrays().values())

    def arrays(self) -> dict[str, Array]:
        """Return the arrays that are there, by field name, in the order of the fields."""
        fields = [
            (name, getattr(self, name), required) for name, required in _array_fields(type(self))
        ]
        return {name: value for name, value, required in fields if required or value is not None}

    def astype(self, dtype: str | np.dtype[np.generic]) -> Self:
        """Return the container with its arrays in another float dtype; itself if that is its own.

        Casting to a narrower dtype rounds, and overflows to inf: see `require_finite`.
        """
        if np.dtype(dtype) == self.dtype:
            return self
        with np.errstate(over="ignore", under="ignore"):
            cast: dict[str, Any] = {n: array.astype(dtype) for n, array in self.arrays().items()}
        return dataclasses.replace(self, **cast)

    def require_finite(self, label: str = "") -> Self:
        """Return the container itself, or raise if an array holds a NaN or an infinity.

        Raises
        ------
        WeightError
            Names the array, how many numbers are not finite, and where the first one is.
        """
        where = f"{self.kind} {label!r}" if label else self.kind
        for name, array in self.arrays().items():
            bad = ~np.isfinite(array)
            if bad.any():
                first = [int(i) for i in np.argwhere(bad)[0]]
                raise WeightError(
                    f"{where}: {name} holds {int(bad.sum())} of {array.size} numbers that are "
                    f"not finite, the first at {first} ({array[tuple(first)]})",
                    "look for the training step that diverged, or for a cast that overflowed",
                )
        return self

    def _check(self) -> None:
        """Raise `WeightError` unless the shapes fit each other; each container has its own."""
        raise NotImplementedError

    def _check_one_dtype(self) -> None:
        (first, lead), *rest = self.arrays().items()
        for name, array in rest:
            if array.dtype != lead.dtype:
                raise WeightError(
                    f"{self.kind}: {name} has dtype {array.dtype}, needs {lead.dtype}: "
                    f"all arrays of a layer have the dtype of {first}",
                    f"convert one of them, for example {name}.astype('{lead.dtype}')",
                )


def _array_fields(kind: type[Weights]) -> tuple[tuple[str, bool], ...]:
    """Return the fields that are arrays, and whether each has to be there."""
    if kind not in _FIELDS:
        fields = [field for field in dataclasses.fields(kind) if field.type in ARRAY_TYPES]
        _FIELDS[kind] = tuple((field.name, field.type == Array) for field in fields)
    return _FIELDS[kind]


ARRAY_TYPES = (Array, Array | None)
_FIELDS: dict[type[Weights], tuple[tuple[str, bool], ...]] = {}
"""What `_array_fields` found; reading those of a dataclass takes longer than the checks."""
