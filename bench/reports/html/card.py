"""The card of a suite: its answer, its two tables, and how to read them."""

from ...results.card import Card
from ..card import card_lines, card_rows
from .markup import Markup, element, joined, unbroken
from .tables import Cell, plain


def card_section(card: Card | None) -> Markup | None:
    """Return the card, None where no suite chose the cases."""
    if card is None:
        return None
    tables = [
        plain(headings, ("model", "runtime"), [[Cell(text) for text in row] for row in rows])
        for headings, rows in card_rows(card)
    ]
    told = [element("p", *unbroken(line)) for line in card_lines(card)]
    return joined(element("p", *unbroken(card.text)), *tables, *told)
