"""Texts of errors: kept short whatever they quote, and with the name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question for the name nearest to `word`, to be followed by more; "" without one.

    >>> did_you_mean("cudda", ["cpu", "cuda"])
    "did you mean 'cuda'? "
    >>> did_you_mean("xyz", ["cpu", "cuda"])
    ''
    """
    near = get_close_matches(word[:LONGEST_NAME].lower(), list(known), n=1, cutoff=0.7)
    return f"did you mean '{near[0]}'? " if near else ""
