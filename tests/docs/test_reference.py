"""The reference has every public name, and the site every page."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
WHOLE = re.findall(
    r"^\.\. automodule:: (\S+)\n   :members:$",
    (DOCS / "reference" / "modules.md").read_text(),
    flags=re.MULTILINE,
)


@pytest.mark.parametrize("module", ["graphs", "runtime"])
def test_every_public_name_has_an_entry(module: str) -> None:
    page = (DOCS / "reference" / f"{module}.md").read_text()
    public = importlib.import_module(f"onnxwright.{module}").__all__
    written = re.findall(r"^\.\. auto(?:class|function|exception):: (\w+)$", page, re.MULTILINE)
    np.testing.assert_equal(sorted(written), sorted(public))


@pytest.mark.parametrize("module", WHOLE)
def test_modules_that_are_listed_whole_say_what_is_public(module: str) -> None:
    assert importlib.import_module(module).__all__


def test_every_page_is_linked_from_the_site() -> None:
    for folder in ("reference", "explanation"):
        index = (DOCS / folder / "index.md").read_text()
        missing = [path.stem for path in (DOCS / folder).glob("*.md")
                   if path.stem != "index" and f"\n{path.stem}\n" not in index]  # fmt: skip
        np.testing.assert_equal(missing, [])
