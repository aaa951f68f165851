"""Numbers for people: three digits and a unit; machine formats never go through here."""

from typing import Protocol

NONE = "-"


def seconds(value: float | None) -> str:
    """Return a time with a unit.

    >>> seconds(0.00001234), seconds(1.5), seconds(None)
    ('12.3 us', '1.5 s', '-')
    """
    if value is None:
        return NONE
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(value) >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def size(value: float | None) -> str:
    """Return a number of bytes with a unit.

    >>> size(3 * 2**20)
    '3 MiB'
    """
    if value is None:
        return NONE
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.0f} B"


class Change(Protocol):
    """A ratio with its interval; all None where it is not known."""

    @property
    def ratio(self) -> float | None:
        """The centre."""

    @property
    def low(self) -> float | None:
        """The lower end."""

    @property
    def high(self) -> float | None:
        """The upper end."""


def change(found: Change) -> str:
    """Return a ratio's change with its interval, or the ratio itself beyond a doubling."""
    if found.ratio is None or found.low is None or found.high is None:
        return NONE
    if 0.5 < found.ratio < 2:
        parts = [f"{100 * (value - 1):+.1f}" for value in (found.ratio, found.low, found.high)]
        return f"{parts[0]} % [{parts[1]}, {parts[2]}]"
    return f"x{found.ratio:.3g} [{found.low:.3g}, {found.high:.3g}]"


def share(value: float | None) -> str:
    """Return a part of a whole in per cent.

    >>> share(0.1234), share(1.5), share(0.00456)
    ('12 %', '150 %', '0.46 %')
    """
    if value is None:
        return NONE
    return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.2g} %"
