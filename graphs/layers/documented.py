"""Documentation that several methods share, put where people look for it: at each method."""

import inspect


def document(layers: type, result: type, *methods: str) -> None:
    """Add what a class tells of its methods' arguments, and the parts of their result, to each.

    What they share stands in the class's docstring, behind its first paragraph.
    """
    arguments, parts = (_after_first_paragraph(one) for one in (layers, result))
    for name in methods:
        method = getattr(layers, name)
        method.__doc__ = f"{inspect.getdoc(method)}\n\n{arguments}\n\nThe result:\n\n{parts}"


def _after_first_paragraph(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[2]
