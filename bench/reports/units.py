"""Numbers for people: three digits and a unit; machine formats never go through here."""

from collections.abc import Mapping
from typing import Any

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


def change(versus: Mapping[str, Any]) -> str:
    """Return a ratio's change with its interval, or the ratio itself beyond a doubling.

    >>> change({"ratio": 1.05, "low": 1.031, "high": 1.07})
    '+5.0 % [+3.1, +7.0]'
    >>> change({"ratio": 3.0, "low": 2.9, "high": 3.12})
    'x3 [2.9, 3.12]'
    """
    ratio, low, high = (versus[name] for name in ("ratio", "low", "high"))
    if 0.5 < ratio < 2:
        parts = [f"{100 * (value - 1):+.1f}" for value in (ratio, low, high)]
        return f"{parts[0]} % [{parts[1]}, {parts[2]}]"
    return f"x{ratio:.3g} [{low:.3g}, {high:.3g}]"


def share(value: float | None) -> str:
    """Return a part of a whole in per cent.

    >>> share(0.1234), share(1.5), share(0.00456)
    ('12 %', '150 %', '0.46 %')
    """
    if value is None:
        return NONE
    return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.2g} %"
