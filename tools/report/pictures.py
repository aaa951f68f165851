"""Take the documentation's pictures of the report: ``python -m tools.report.pictures``.

The page is that of the recorded run which the tests read; a Chromium has to be on the PATH.
"""

import sys
import tempfile
from pathlib import Path

from onnxwright.bench.reports.html.page import to_html
from onnxwright.bench.results.store import read_results
from tests.browser import Page, browser, find_browser

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "data" / "reports" / "run.json"
PICTURES = {
    "report-light.png": ("light", 1100, 1000, "header"),
    "report-dark.png": ("dark", 1100, 900, "#errors"),
    "report-phone.png": ("light", 390, 844, "#speed"),
}
"""Each picture's colour scheme, width and height in pixels, and what stands at its top."""


def take(page: Page, path: Path, scheme: str, width: int, height: int, top: str) -> None:
    """Take one picture, once every chart is drawn."""
    page.prefer(scheme)
    page.size(width, height)
    page.evaluate("new Promise((done) => setTimeout(done, 400))")
    page.evaluate("drawAll()")
    views = "charts.flatMap((chart) => chart.views.map((view) => view.runAsync()))"
    page.evaluate(f"Promise.all({views}).then((drawn) => drawn.length)")
    page.evaluate(f"document.querySelector({top!r}).scrollIntoView({{behavior: 'instant'}})")
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    page.picture(path)


def main() -> None:
    """Write the page to a folder that goes again, and its pictures to docs/images."""
    found = find_browser()
    if found is None:
        sys.exit("no Chromium is on the PATH\nInstall one: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, browser(found) as page:
        path = Path(folder) / "report.html"
        path.write_text(to_html(read_results(RECORDED)), encoding="utf-8")
        page.open(path)
        for name, wanted in PICTURES.items():
            take(page, ROOT / "docs" / "images" / name, *wanted)


if __name__ == "__main__":
    main()
