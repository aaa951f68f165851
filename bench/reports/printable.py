"""Text from a model's file, made safe to print."""


def printable(text: str) -> str:
    r"""Return `text` in one line, with control characters written as escapes.

    Names in a hostile model could otherwise carry commands for the terminal.

    >>> printable("a\x1b[2Jb\nc")
    'a\\x1b[2Jb\\nc'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
