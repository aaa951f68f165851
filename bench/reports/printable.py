"""Text from a model's file, made safe to print, and any text in what the output can encode."""

import codecs
import sys

PLAIN = {"µ": "u", "μ": "u", "×": "x", "–": "-", "—": "-", "…": "~", "─": "-", "━": "-"}
"""What is written in the place of a character that the output cannot encode, as long as that."""


def write_plainly() -> None:
    """Let stdout and stderr write what their encoding lacks in another way, and never fail.

    Under ``LANG=C`` Python may choose ASCII, which has no micro sign.
    """
    codecs.register_error("onnxwright", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="onnxwright")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    written = (PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(written), error.end


def printable(text: str) -> str:
    r"""Return `text` in one line, with control characters written as escapes.

    Names in a hostile model could otherwise carry commands for the terminal.

    >>> printable("a\x1b[2Jb\nc")
    'a\\x1b[2Jb\\nc'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
