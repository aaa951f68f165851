"""The answer in words."""

from ...results.document import Results
from .markup import Markup, element


def answer_section(results: Results) -> Markup:
    """Return one sentence per model and shape."""
    return element("ul", class_="answers")
