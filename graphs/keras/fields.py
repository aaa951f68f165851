"""The configuration that a Keras file holds: JSON from anybody, read field by field.

Nothing in it is taken on trust. Every key that a converter reads is checked for its type and
range; a key that nobody reads must be one that does not change what the layer computes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from ...json_text import JSONError, read_json
from ..errors import GraphError

MAX_CONFIG = 1 << 26
"""Bytes of the text: the configuration of the largest published models takes 2 MB."""
LARGEST = (1 << 31) - 1
"""No size, stride or count in a layer is larger."""

TRAINING = frozenset(
    {"trainable", "seed", "momentum", "synchronized", "renorm_clipping", "renorm_momentum"}
    | {"dropout", "recurrent_dropout", "unit_forget_bias", "implementation", "unroll"}
    | {"autocast", "input_length", "batch_input_shape", "fused", "noise_shape", "use_cudnn"}
    | {"input_dim", "cudnn", "virtual_batch_size", "adjustment", "registered_name", "module"}
)
"""Keys that say how a layer is trained, sped up or declared, not what it computes."""
TRAINING_ENDS = ("_initializer", "_regularizer", "_constraint", "_config", "initializer")


class Fields:
    """The fields of one layer's configuration.

    Parameters
    ----------
    label
        What errors call the layer: ``layer 'head' (Dense)``.
    table
        The fields.
    """

    def __init__(self, label: str, table: Mapping[str, Any]) -> None:
        self.label = label
        self.table = table
        self._read = {"name", "dtype"}

    def get(self, key: str, default: Any = None) -> Any:
        """Return a field as it stands; the caller checks it."""
        self._read.add(key)
        value = self.table.get(key)
        return default if value is None else value

    def text(self, key: str, default: str | None = None, among: Sequence[str] = ()) -> str:
        """Return a text, which has to be one of `among` where those are given."""
        value = self.get(key, default)
        if not isinstance(value, str) or (among and value not in among):
            self.refuse(key, value, " or ".join(map(repr, among)) or "a text")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, value, "true or false")
        return value

    def integer(self, key: str, default: int | None = None, least: int = 1) -> int:
        """Return a whole number of `least` or more."""
        value = self.get(key, default)
        if not _is_integer(value) or value < least:
            self.refuse(key, value, f"a whole number of {least} or more")
        return int(value)

    def number(self, key: str, default: float) -> float:
        """Return a finite number."""
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            self.refuse(key, value, "a finite number")
        return float(value)

    def integers(
        self, key: str, count: int | None = None, default: Any = None, least: int = 0
    ) -> tuple[int, ...]:
        """Return `count` whole numbers; a single one stands for all (for one, without a count)."""
        value = self.get(key, default)
        given = value if isinstance(value, list | tuple) else [value] * (count or 1)
        right = all(_is_integer(one) and one >= least for one in given)
        if not right or (count is not None and len(given) != count):
            wanted = "a list of whole numbers" if count is None else f"{count} whole numbers"
            self.refuse(key, value, f"{wanted} of {least} or more")
        return tuple(int(one) for one in given)

    def without(self, *keys: str) -> None:
        """Refuse fields that are set and that no converter knows what to do with."""
        for key in keys:
            if self.get(key, False):
                self.refuse_use(key)

    def finish(self) -> None:
        """Refuse every field that is set, that was not read, and that may change the result."""
        for key, value in self.table.items():
            idle = key in self._read | TRAINING or key.endswith(TRAINING_ENDS)
            if not idle and value is not None and value is not False:
                self.refuse_use(key)

    def refuse_use(self, key: str) -> NoReturn:
        """Raise for a field that is understood and not converted."""
        raise GraphError(
            f"{self.label}, key '{key}': {_short(self.table.get(key))} cannot be converted",
            "build this part by hand: see onnxwright/pages/layers.md for what there is",
        )

    def refuse(self, key: str, value: Any, needed: str) -> NoReturn:
        """Raise for a field of another kind than `needed`."""
        raise GraphError(
            f"{self.label}, key '{key}': is {_short(value)}, needs {needed}",
            "save the model again with model.save, or fetch it again",
        )


def parse_config(text: str, label: str) -> dict[str, Any]:
    """Return the table that a JSON text holds.

    Raises
    ------
    GraphError
        The text is too long, no JSON, nested too deeply, or no table.
    """
    if len(text) > MAX_CONFIG:
        raise GraphError(
            f"{label}: the configuration has {len(text)} bytes, more than {MAX_CONFIG}",
            "a configuration holds no weights: save the model again with model.save",
        )
    try:
        value = read_json(text)
    except JSONError as error:
        raise GraphError(
            f"{label}: the configuration is not valid JSON ({error})",
            "save the model again with model.save, or fetch it again",
        ) from error
    return as_table(value, label, "the configuration")


def as_table(value: Any, label: str, what: str) -> dict[str, Any]:
    """Return a JSON value that has to be a table."""
    if not isinstance(value, dict):
        raise broken(label, f"{what} is {_short(value)}, needs a table")
    return value


def as_list(value: Any, label: str, what: str) -> list[Any]:
    """Return a JSON value that has to be a list."""
    if not isinstance(value, list):
        raise broken(label, f"{what} is {_short(value)}, needs a list")
    return value


def broken(label: str, problem: str) -> GraphError:
    """Return the error for a configuration that Keras would not have written."""
    return GraphError(
        f"{label}: {problem}", "save the model again with model.save, or fetch it again"
    )


def _is_integer(value: Any) -> bool:
    return type(value) is int and abs(value) <= LARGEST


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float holds
        return False


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
