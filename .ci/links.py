"""Follow every link of a built site that stays inside it, to the file and to the place in it."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page and the places that links can lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and ids."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name in ("id", "name") and value:
                self.places.add(value)


site = Path(sys.argv[1]).resolve()
# A report of the tool is a page of its own: a program draws what its links lead to.
pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "example-run.html"}
bad = []
for path, page in pages.items():
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            bad.append(f"{path.relative_to(site)}: {link} leads nowhere")
        elif parts.fragment and target in pages and parts.fragment not in pages[target].places:
            bad.append(f"{path.relative_to(site)}: {link} has no such place")
if bad or len(pages) < 10:
    sys.exit("\n".join(sorted(set(bad))) or f"{site} has only {len(pages)} pages")
print(f"{sum(len(page.links) for page in pages.values())} links on {len(pages)} pages")
