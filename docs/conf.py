"""The documentation site: ``sphinx-build -W docs FOLDER``, with the extra ``docs``."""

import subprocess
import sys
from pathlib import Path

from click import Context
from sphinx.application import Sphinx

from onnxwright import __version__
from onnxwright.bench.cli.app import COMMANDS, cli

HERE = Path(__file__).parent
project, author, release = "onnxwright", "the onnxwright authors", __version__
copyright = author  # noqa: A001  # Sphinx's own name for it
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
html_theme = "shibuya"
html_title = "onnxwright"
html_theme_options = {
    "accent_color": "teal",
    "nav_links": [
        {"title": "Tutorial", "url": "tutorial"},
        {"title": "How-to", "url": "how-to"},
        {"title": "Reference", "url": "reference/index"},
        {"title": "Explanation", "url": "explanation/index"},
    ],
}
html_copy_source = False
smartquotes = False
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_google_docstring = False
napoleon_use_rtype = False
suppress_warnings = ["toc.multiple_toc_parents"]

PLACED = {
    "benchmarking", "demo", "development", "index", "how-to", "interpreter-speed", "layers",
    "lowerings", "network-file", "report", "targets", "tutorial",
}  # fmt: skip
"""Pages with a place of their own; every other page of this folder is a how-to."""
REPORT = "example-run.html"
MEASURED = "lstm/small --on numpy --on cpu --rounds 6 --time-budget 5 --axis batch=1,32"


def fill_page(app: Sphinx, name: str, content: list[str]) -> None:
    """Write what follows from the project into the pages that ask for it in double braces."""
    if name == "how-to":
        pages = sorted(path.stem for path in HERE.glob("*.md") if path.stem not in PLACED)
        content[0] = content[0].replace("{{ guides }}", "\n".join(pages))
    if name == "reference/commands":
        content[0] = content[0].replace("{{ commands }}", "\n".join(map(help_of, COMMANDS)))


def help_of(name: str) -> str:
    """Return a command's help as the terminal shows it, under a heading of its own."""
    with Context(cli, info_name="onnxwright") as root:
        command = cli.get_command(root, name)
        assert command is not None, name
        context = Context(command, parent=root, info_name=name, terminal_width=80)
        return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


def measure_example(app: Sphinx) -> None:
    """Run the benchmark of two small cases, and make its report a page of the site."""
    results = Path(app.doctreedir) / "example.json"
    page = Path(app.outdir) / REPORT
    page.parent.mkdir(parents=True, exist_ok=True)
    if not page.exists():
        _onnxwright("bench", *MEASURED.split(), "--export-json", str(results))
        _onnxwright("report", str(results), "-o", str(page))


def _onnxwright(*arguments: str) -> None:
    command = [sys.executable, "-m", "onnxwright", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def setup(app: Sphinx) -> None:
    """Connect what this site needs beside its pages."""
    app.connect("source-read", fill_page)
    app.connect("builder-inited", measure_example)
