"""Patterns of RE2 that Python's own engine reads in the same way.

Source: https://github.com/google/re2/wiki/Syntax and the documentation of Python's ``re``.
"""

import re

_BLANKS = r"\t\n\f\r "
"""What RE2's ``\\s`` stands for; Python's has the vertical tab too."""
_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<group>\(\?(?!:|P<\w))"
    r"|(?P<open>\{,)|(?P<many>\{\d*,?\d{4,}|\{\d{4,})|(?P<end>\$(?!\Z))|(?P<greedy>[*+?}]\+)",
    re.DOTALL,
)
_OTHER_ESCAPES = frozenset("ZuUN")
"""Escapes that RE2 lacks."""


def for_python(pattern: str) -> str | None:
    r"""Return the pattern that means in Python, with ``re.ASCII``, what `pattern` means in RE2.

    None where there is none, or where the two may differ.

    >>> for_python(r"\s*a"), for_python(r"[\s_]")
    ('[\\t\\n\\f\\r ]*a', '[\\t\\n\\f\\r _]')
    >>> for_python("[[:alpha:]]"), for_python("(?i)a"), for_python("a$b")
    (None, None, None)
    """
    parts, end = [], 0
    for token in _TOKEN.finditer(pattern):
        written = _written(token)
        if written is None:
            return None
        parts += [pattern[end : token.start()], written]
        end = token.end()
    return "".join([*parts, pattern[end:]])


def _written(token: re.Match[str]) -> str | None:
    text = token[0]
    if token.lastgroup == "escape":
        blanks = {r"\s": f"[{_BLANKS}]", r"\S": f"[^{_BLANKS}]"}
        return None if text[1] in _OTHER_ESCAPES else blanks.get(text, text)
    if token.lastgroup == "set":
        return _written_set(text)
    return None


def _written_set(text: str) -> str | None:
    """Return a set of letters; Python reads some of its doubled letters in a way of its own."""
    plain = re.sub(r"\\.", "", text[1:], flags=re.DOTALL)
    if "[" in plain or any(2 * letter in plain for letter in "&|~-") or r"\S" in text:
        return None
    return re.sub(r"\\s", lambda _: _BLANKS, text)
