"""Documentation that several methods share, added to each of them."""

import inspect


def document(layers: type, result: type, *methods: str) -> None:
    """Append the shared description of arguments and result to each method's docstring.

    It is what follows the first paragraph in the docstrings of `layers` and of `result`.
    """
    arguments, parts = (_after_first_paragraph(one) for one in (layers, result))
    for name in methods:
        method = getattr(layers, name)
        method.__doc__ = f"{inspect.getdoc(method)}\n\n{arguments}\n\nThe result:\n\n{parts}"


def _after_first_paragraph(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[2]
