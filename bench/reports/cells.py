"""Text from a model's file in a cell of a table."""

from rich.markup import escape

from .printable import printable


def cell(text: str) -> str:
    r"""Return `text` so that it shows as it is: no markup, no control characters.

    >>> cell("onnxwright[gpu]")
    'onnxwright\\[gpu]'
    """
    return escape(printable(text))
