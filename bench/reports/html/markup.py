"""HTML that cannot be broken out of: whatever is not made here is escaped."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from ..printable import printable

VOID = {"input", "meta"}
"""Elements without content, which have no end tag."""


class Markup(str):
    """HTML as it is to stand in the page."""


def element(tag: str, /, *children: str, **attributes: str | int | None) -> Markup:
    """Return an element; a child that is no `Markup` is text, an attribute that is None falls out.

    A trailing underscore of an attribute's name is dropped, other underscores become dashes.

    >>> element("td", "a<b", class_="number", data_row=1)
    '<td class="number" data-row="1">a&lt;b</td>'
    """
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    told = "".join(f' {key}="{text(str(v))}"' for key, v in given.items() if v is not None)
    ending = "" if tag in VOID else f"{joined(*children)}</{tag}>"
    return Markup(f"<{tag}{told}>{ending}")


def joined(*children: str) -> Markup:
    """Return the children one after the other."""
    return Markup("".join(each if isinstance(each, Markup) else text(each) for each in children))


def unbroken(words: str) -> Iterator[str]:
    """Yield words in parts, of which numbers and options are not broken at their dashes.

    >>> print(joined(*unbroken("raise --atol")))
    raise <span class="whole">--atol</span>
    """
    for place, part in enumerate(re.split(r"(\S*(?:\de-\d|--\w)\S*)", words)):
        yield element("span", part, class_="whole") if place % 2 else part


def text(words: str) -> Markup:
    r"""Return text that shows as it is: no markup, no control or direction characters.

    >>> text("<script>\u202e&")
    '&lt;script&gt;\\u202e&amp;'
    """
    return Markup(html.escape(printable(words)))


def script_json(value: Any) -> Markup:
    r"""Return JSON that can stand in a script element: it cannot end that element.

    >>> script_json(["</script>", 1.0])
    '["\\u003c/script\\u003e",1.0]'
    """
    told = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        told = told.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(told)
