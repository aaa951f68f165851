"""The page in a real browser: drawn without a word of complaint, sorted, filtered, printed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.reports.html.page import to_html
from onnxwright.bench.reports.html.series import comparison_html, series_html
from onnxwright.bench.results.compare import compare
from onnxwright.bench.results.series import make_series
from tests.browser import Page, browser, find_browser

from ..recorded import many, recorded, slower

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium is on the PATH: apt-get install chromium"
)
DRAWN = "charts.every((chart) => chart.views.length && chart.place.querySelector('svg'))"
ORDER = (
    "[...document.querySelectorAll('#cases-table tbody tr')].map((row) => Number(row.dataset.row))"
)
SHOWN = "[...document.querySelectorAll('#cases-table tbody tr')].filter((row) => row.offsetParent)"


@pytest.fixture(scope="module")
def shared() -> Iterator[Page]:
    assert BROWSER is not None
    with browser(BROWSER) as page:
        yield page


@pytest.fixture
def page(shared: Page, tmp_path: Path) -> Iterator[Page]:
    """Return the page of the recorded run, which must have said nothing at the test's end."""
    path = tmp_path / "report.html"
    path.write_text(to_html(recorded()), encoding="utf-8")
    yield opened(shared, path)
    np.testing.assert_equal(shared.messages, [])
    np.testing.assert_equal([each for each in shared.requests if each != path.as_uri()], [])


def opened(page: Page, path: Path, drawn: str = ".plot svg") -> Page:
    page.messages.clear()
    page.requests.clear()
    page.prefer("light")
    page.size(1200, 900)
    page.open(path)
    page.wait_for(f"document.querySelector('{drawn}') !== null")
    return page


def test_every_chart_is_drawn_with_marks(page: Page) -> None:
    page.evaluate("drawAll()")
    page.wait_for(DRAWN)
    marks = page.evaluate(
        "Promise.all(charts.flatMap((c) => c.views.map((view) => view.runAsync().then(() => [c.key,"
        " c.place.querySelectorAll('svg [class*=mark-] > *').length]))))"
    )
    np.testing.assert_equal(
        {key for key, _ in marks}, set(page.evaluate("charts.map((c) => c.key)"))
    )
    assert min(count for _, count in marks) > 0
    text = page.evaluate("charts.map((c) => c.place.textContent).join(' ')")
    for word in ("faster", "wrong", "µs", "batch=64", "openvino", "p99", "/s"):
        assert word in text, word
    for word in ("NaN", "undefined", "Infinity"):
        assert word not in text, word


def test_charts_are_drawn_when_they_come_into_sight(page: Page) -> None:
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert not page.evaluate("charts.at(-1).views.length")
    page.evaluate("charts.at(-1).place.scrollIntoView({behavior: 'instant'})")
    page.wait_for("charts.at(-1).place.querySelector('svg') !== null")


def test_a_click_on_a_heading_sorts(page: Page) -> None:
    head = "document.querySelectorAll('#cases-table thead button')[3]"
    page.evaluate(f"{head}.click()")
    medians = [recorded().rows[place].median_s or 0.0 for place in page.evaluate(ORDER)]
    np.testing.assert_equal(medians, sorted(medians))
    np.testing.assert_equal(page.evaluate(f"{head}.parentElement.ariaSort"), "ascending")
    page.evaluate(f"{head}.click()")
    medians = [recorded().rows[place].median_s or 0.0 for place in page.evaluate(ORDER)]
    np.testing.assert_equal(medians, sorted(medians, reverse=True))


def test_what_is_absent_sorts_last_both_ways(shared: Page, tmp_path: Path) -> None:
    rows = tuple(
        replace(row, import_s=None) if place in (2, 5) else row
        for place, row in enumerate(recorded().rows)
    )
    path = tmp_path / "absent.html"
    path.write_text(to_html(replace(recorded(), rows=rows)), encoding="utf-8")
    page = opened(shared, path)
    head = (
        "[...document.querySelectorAll('#cases-table button')]"
        ".find((button) => button.textContent === 'cold start')"
    )
    for _ in range(2):
        page.evaluate(f"{head}.click()")
        np.testing.assert_equal(set(page.evaluate(ORDER)[-2:]), {2, 5})


def test_a_heading_is_reached_and_pressed_by_keyboard(page: Page) -> None:
    page.evaluate("document.querySelector('#cases-table thead button').focus()")
    page.press("Tab")
    page.press("Enter")
    sorts = "[...document.querySelectorAll('#cases-table th')].map((head) => head.ariaSort)"
    np.testing.assert_equal(page.evaluate(sorts)[:3], ["none", "ascending", "none"])


def test_the_first_tab_skips_to_the_answer(page: Page) -> None:
    page.press("Tab")
    np.testing.assert_equal(page.evaluate("document.activeElement.hash"), "#answer")


def settle(page: Page) -> None:
    """Wait until every view has drawn what it was given."""
    views = "charts.flatMap((chart) => chart.views.map((view) => view.runAsync()))"
    page.evaluate(f"Promise.all({views}).then((drawn) => drawn.length)")


def filtered(page: Page, field: str, value: str) -> None:
    page.evaluate(
        f"(() => {{ form.elements.{field}.value = {value!r};"
        " form.elements.words.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    page.evaluate("new Promise((done) => setTimeout(done, 400))")


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [("model", "peephole", 1 / 3), ("runtime", "cpu", 1 / 3), ("words", "PEEPHOLE  numpy", 2 / 9),
     ("shape", "batch=64", 1 / 2), ("words", "nothing like it", 0)],
)  # fmt: skip
def test_filters_narrow_tables_charts_and_answers(
    page: Page, field: str, value: str, part: float
) -> None:
    filtered(page, field, value)
    count = round(len(recorded().rows) * part)
    np.testing.assert_equal(page.evaluate(f"{SHOWN}.length"), count)
    np.testing.assert_equal(
        page.evaluate("document.getElementById('count').textContent"),
        f"{count} of {len(recorded().rows)} cases",
    )
    page.evaluate("drawAll()")
    if not count:
        assert page.evaluate("charts.every((chart) => chart.place.querySelector('.empty'))")
    drawn = page.evaluate(
        "charts.flatMap((c) => c.views.flatMap((v) => v.data('data'))).map((d) => d.row)"
    )
    assert set(drawn) <= set(page.evaluate("[...passing]"))


def test_another_runtime_can_be_compared_with(page: Page) -> None:
    captions = "[...document.querySelectorAll('#speed figcaption')].map((each) => each.textContent)"
    assert all("against numpy" in each for each in page.evaluate(captions))
    filtered(page, "against", "cpu")
    assert all("against cpu" in each for each in page.evaluate(captions))


def test_light_and_dark(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    ink = (
        "[...new Set([...document.querySelectorAll('#speed svg text')]"
        ".map((text) => text.getAttribute('fill')))].sort()"
    )
    light = page.evaluate(ground), page.evaluate(ink)
    page.evaluate("switcher.click()")
    page.wait_for("document.querySelector('#speed .mark-text text') !== null")
    dark = page.evaluate(ground), page.evaluate(ink)
    np.testing.assert_equal(light, ("rgb(255, 255, 255)", ["#1b1f24", "#5b6470"]))
    np.testing.assert_equal(dark, ("rgb(20, 23, 27)", ["#a3acb8", "#e7eaee"]))
    page.evaluate("switcher.click()")
    page.prefer("dark")
    np.testing.assert_equal(page.evaluate(ground), "rgb(255, 255, 255)", "the choice outweighs")


def test_the_system_chooses_dark_where_nobody_else_does(page: Page) -> None:
    page.prefer("dark")
    page.wait_for("getComputedStyle(document.body).backgroundColor === 'rgb(20, 23, 27)'")
    page.wait_for("switcher.textContent === 'Light'")


@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_nothing_scrolls_sideways(page: Page, width: int) -> None:
    page.size(width, 844)
    page.wait_for(f"innerWidth === {width}")
    page.evaluate("drawAll()")
    page.wait_for(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('.plot svg')].filter((svg) => svg.clientWidth >"
        " svg.parentElement.clientWidth + 1).length"
    )
    np.testing.assert_equal(wide, 0)


def test_labels_of_a_forest_do_not_run_into_one_another(page: Page) -> None:
    page.size(390, 844)
    page.wait_for("innerWidth === 390")
    page.evaluate("drawAll()")
    settle(page)
    boxes = page.evaluate(
        "[...document.querySelectorAll('#speed .plot svg')].flatMap((svg) =>"
        " [[...svg.querySelectorAll('.mark-text text')].map((text) => {"
        " const box = text.getBoundingClientRect();"
        " return [box.left, box.top, box.right, box.bottom]; })])"
    )
    assert min(map(len, boxes)) > 4  # two labels a runtime, and the axis
    for texts in boxes:
        for place, (left, top, right, bottom) in enumerate(texts):
            for other in texts[place + 1 :]:
                apart = right <= other[0] or other[2] <= left
                assert apart or bottom <= other[1] + 3 or other[3] <= top + 3


def test_all_charts_are_drawn_before_the_page_is_printed(page: Page) -> None:
    printed = page.pdf()
    assert printed.startswith(b"%PDF")
    assert page.evaluate(DRAWN)
    assert not page.evaluate("printing")


def test_a_tooltip_is_text_alone(page: Page) -> None:
    page.evaluate("showTip(null, {clientX: 5, clientY: 5}, null, {'<b>a': '<img src=x>'})")
    np.testing.assert_equal(page.evaluate("tip.textContent"), "<b>a<img src=x>")
    np.testing.assert_equal(page.evaluate("tip.querySelectorAll('b, img').length"), 0)


def test_injected_scripts_do_not_run(page: Page) -> None:
    """The policy holds even where escaping would not: this page is let in by hand."""
    page.evaluate(
        "(() => { const made = document.createElement('script');"
        " made.textContent = 'window.injected = 1'; document.body.append(made); })()"
    )
    assert page.evaluate("window.injected === undefined")
    assert any("Content Security Policy" in each for each in page.messages)
    page.messages.clear()


def test_a_comparison_and_a_series_are_drawn(shared: Page, tmp_path: Path) -> None:
    runs = [recorded(), slower(recorded(), "cpu", 1.1), slower(recorded(), "cpu", 1.5)]
    series = make_series([(f"run {place}", each) for place, each in enumerate(runs)])
    pages = {
        "comparison": comparison_html(compare(runs[0], runs[2]), runs[2], "base", "new"),
        "series": series_html(series, runs),
    }
    for name, text in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        page = opened(shared, path)
        page.evaluate("drawAll()")
        page.wait_for(DRAWN)
        keys = page.evaluate("charts.map((chart) => chart.key)")
        np.testing.assert_equal(("change" in keys, "trend" in keys), (True, name == "series"))
        np.testing.assert_equal(page.messages, [])


def test_500_rows_are_drawn(shared: Page, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    path.write_text(to_html(many(500)), encoding="utf-8")
    page = opened(shared, path, drawn="tbody tr")
    page.evaluate("drawAll()")
    page.wait_for(DRAWN)
    np.testing.assert_equal(page.messages, [])
