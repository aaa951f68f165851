"""Texts of errors: kept short whatever they quote, and with the name that was probably meant."""

from collections.abc import Iterable, Sequence

LONGEST = 600
"""Characters of one line of an error; a list of a model's dims alone can have millions."""
TAIL = 150
"""How many of them are kept from the end."""
LONGEST_NAME = 40
"""Longer words are no misspelled names, and comparing them takes quadratic time."""


def clipped(text: str) -> str:
    """Return `text`, its middle left out where it is longer than an error may be.

    >>> clipped("short"), len(clipped("x" * 10_000)) <= LONGEST
    ('short', True)
    """
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - TAIL - 5]} ... {text[-TAIL:]}"


def close_matches(word: str, known: Sequence[str], n: int, cutoff: float) -> list[str]:
    """As :func:`difflib.get_close_matches`, imported only where something is wrong."""
    from difflib import get_close_matches

    return get_close_matches(word, known, n, cutoff)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question for the name nearest to `word`, to be followed by more; "" without one.

    >>> did_you_mean("cudda", ["cpu", "cuda"])
    "did you mean 'cuda'? "
    >>> did_you_mean("xyz", ["cpu", "cuda"])
    ''
    """
    near = close_matches(word[:LONGEST_NAME].lower(), list(known), 1, 0.7)
    return f"did you mean '{near[0]}'? " if near else ""


def nearest(word: str, known: Sequence[str]) -> list[str]:
    """Return up to four names that come near `word`, else the first four.

    >>> nearest("lstm.weight", ["lstm.weight_ih_l0", "fc.bias"]), nearest("x", ["fc.bias"])
    (['lstm.weight_ih_l0'], ['fc.bias'])
    """
    return close_matches(word, known, 4, 0.5) or list(known[:4])


def listed(names: Sequence[str], most: int) -> str:
    """Return the first `most` names, and how many more there are.

    >>> listed("abc", 3), listed("abcde", 3)
    ('a, b, c', 'a, b, c and 2 more')
    """
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
