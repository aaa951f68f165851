"""Numbers for people: three digits and a unit; machine formats never go through here."""

NONE = "-"
UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
"""Units of time. What the output cannot encode is written in another way (see `printable`)."""


def seconds(value: float | None) -> str:
    """Return a time with a unit.

    >>> seconds(0.00001234), seconds(1.5), seconds(None)
    ('12.3 µs', '1.5 s', '-')
    """
    if value is None:
        return NONE
    unit, scale = _unit(value)
    return f"{value / scale:.3g} {unit}"


def timing(value: float | None, interval: tuple[float, float] | None) -> str:
    """Return a time with its interval, all in the one unit.

    >>> timing(0.00001234, (0.0000121, 0.0013)), timing(0.002, None)
    ('12.3 µs [12.1, 1,300.0]', '2 ms')
    """
    if value is None or interval is None:
        return seconds(value)
    unit, scale = _unit(value)
    digits = 2 if value < 9.995 * scale else 1 if value < 99.95 * scale else 0
    centre, low, high = (f"{each / scale:,.{digits}f}" for each in (value, *interval))
    return f"{centre} {unit} [{low}, {high}]"


def _unit(value: float) -> tuple[str, float]:
    return next((each for each in UNITS if abs(value) >= each[1]), UNITS[-1])


def size(value: float | None) -> str:
    """Return a number of bytes with a unit.

    >>> size(3 * 2**20), size(10**400)
    ('3 MiB', 'more than 1e+20 B')
    """
    if value is None:
        return NONE
    if value > 10**20:  # a claim; there may be too many digits for a float
        return "more than 1e+20 B"
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.0f} B"


def share(value: float | None) -> str:
    """Return a part of a whole in per cent.

    >>> share(0.1234), share(1.5), share(0.00456)
    ('12 %', '150 %', '0.46 %')
    """
    if value is None:
        return NONE
    return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.2g} %"
