"""The page as text, and that nothing in it can be broken out of or asks a network."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from onnxwright.bench.reports.html.markup import element, script_json, text
from onnxwright.bench.reports.html.page import charts_of, to_html
from onnxwright.bench.results.rows import concluded

from ..recorded import many, recorded

GOLDEN = Path(__file__).parents[3] / "data" / "reports" / "run.txt"
HOSTILE = "</script><script>alert(1)</script>\u2028\u202e\x1b[2J<img src=x onerror=alert(1)>\"'&"


def page_text(page: str) -> str:
    """Return what the page says without scripts: one line for each cell, item and heading."""
    body = re.sub(r"<(script|style|form|noscript).*?</\1>", "", page, flags=re.DOTALL)
    body = re.sub(
        r"</?(section|tr|li|h1|h2|h3|dl|p|nav|table|details|summary|header)\b", r"\n\g<0>", body
    )
    body = re.sub(r"</(td|th|dt)>", " | ", body)
    lines = html.unescape(re.sub(r"<[^>]*>", "", body)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip()) + "\n"


def data(page: str) -> dict[str, object]:
    """Return what the page's script draws."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    document: dict[str, object] = json.loads(found[1])
    return document


def test_the_page_says_what_it_said() -> None:
    said = re.sub(r"onnxwright \d+\S*", "onnxwright VERSION", page_text(to_html(recorded())))
    np.testing.assert_equal(said, GOLDEN.read_text(encoding="utf-8"))


def test_the_policy_names_every_script_and_nothing_else() -> None:
    page = to_html(recorded())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in [*scripts, style]
    ]
    np.testing.assert_equal(
        policy[1].split("; "),
        [
            "default-src 'none'",
            f"script-src {' '.join(digests[:-1])}",
            f"style-src-elem {digests[-1]}",
            "style-src-attr 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ],
    )


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = to_html(recorded())
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    addresses = re.findall(r'\b(?:src|href|action)="([^"]*)"', outside)
    assert addresses
    np.testing.assert_equal([each for each in addresses if not each.startswith("#")], [])
    assert "url(" not in outside
    assert "@import" not in outside


def test_names_from_files_stay_text() -> None:
    results = recorded()
    rows = tuple(
        replace(
            row,
            model=HOSTILE,
            group=HOSTILE + row.group,
            label=HOSTILE + row.label,
            placement=HOSTILE,
        )
        for row in results.rows
    )
    machine = replace(results.machine, cpu=HOSTILE, packages={HOSTILE: HOSTILE})
    hostile = concluded(replace(results, rows=rows, machine=machine, conclusions=()))
    clean, page = to_html(results), to_html(hostile)
    for tag in ("script", "img", "style", "iframe"):
        np.testing.assert_equal(page.count(f"<{tag}"), clean.count(f"<{tag}"), tag)
    scripts = re.compile(r"<script>.*?</script>", re.DOTALL)
    own = scripts.sub("", page)
    for sign in ("\u2028", "\u202e", "\x1b"):
        assert sign not in own, ascii(sign)
    rows_told = data(page)["rows"]
    assert isinstance(rows_told, dict)
    assert rows_told["model"]["of"][0].startswith("</script><script>alert(1)</script>\\u2028")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("a\u202eb", "a\\u202eb"),
        ("\x00\x1b", "\\x00\\x1b"),
        ("µ é", "µ é"),
    ],
)
def test_text_is_escaped(given: str, told: str) -> None:
    np.testing.assert_equal(str(text(given)), told)
    np.testing.assert_equal(str(element("i", given, title=given)), f'<i title="{told}">{told}</i>')


def test_json_cannot_end_its_script() -> None:
    given = {"</script>": ["<!--", "\u2028&"]}
    told = str(script_json(given))
    np.testing.assert_equal(told, '{"\\u003c/script\\u003e":["\\u003c!--","\\u2028\\u0026"]}')
    np.testing.assert_equal(json.loads(told), given)


def test_500_rows_stay_below_3_mb() -> None:
    page = to_html(many(500))
    np.testing.assert_equal(page.count("<tr data-row="), 500 + loads(500))
    assert len(page.encode()) < 3_000_000


def loads(count: int) -> int:
    return sum(len(row.load) for row in many(count).rows)


def test_every_chart_has_its_place_and_says_how_to_read_it() -> None:
    page = to_html(recorded())
    charts = charts_of(recorded())
    np.testing.assert_equal(len(charts), 11)
    for chart in charts:
        assert f'data-chart="{chart.key}"' in page
        assert len(chart.how) > 80, chart.key
