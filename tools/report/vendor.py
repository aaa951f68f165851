"""Bring the charts' JavaScript into ``bench/reports/html/vendor`` from npm's packages.

    npm install --prefix FOLDER vega@6.4.0 vega-lite@6.4.3 vega-interpreter@2.3.2
    python tools/report/vendor.py FOLDER/node_modules

What is bundled in the three files, with its version and its licence, is written beside them.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "bench" / "reports" / "html" / "vendor"
SOURCES = {
    "vega.min.js": "vega/build/vega.min.js",
    "vega-lite.min.js": "vega-lite/build/vega-lite.min.js",
    "vega-interpreter.js": "vega-interpreter/build/vega-interpreter.js",
}
NOT_BUNDLED = {"yargs", "commander", "iconv-lite", "vega-typings", "vega-canvas"}
"""Command lines, types, and what stands in for a browser in Node."""
INTERPRETER = """\
/* {name}; made a plain script of: its import and export are lines of this file. */
(function (vega) {{
const {{ {imports} }} = vega;
{body}
vega.expressionInterpreter = expression;
}})(vega);
"""


def closure(modules: Path, names: list[str]) -> Iterator[dict[str, str]]:
    """Yield what package.json says of the packages and of all that they bundle, each once."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen or name in NOT_BUNDLED or name.startswith("@types/"):
            continue
        seen.add(name)
        facts = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        waiting += facts.get("dependencies", {})
        yield facts


def plain_script(text: str, name: str) -> str:
    """Return the module as a script that takes what it imports from the global ``vega``."""
    found = re.fullmatch(
        r"import \{ (.*?) \} from 'vega-util';\n(.*)\nexport \{ (.*?) \};\n?", text, re.DOTALL
    )
    assert found, "the interpreter's module has another form"
    imports, body, exported = found.groups()
    assert exported == "expression as expressionInterpreter", exported
    return INTERPRETER.format(name=name, imports=imports, body=body.strip())


def licences(modules: Path, packages: list[dict[str, str]]) -> str:
    """Return each licence once, above it the packages that are under it."""
    by_text: dict[str, list[str]] = {}
    for facts in packages:
        path = min((modules / facts["name"]).glob("LICEN[SC]E*"), default=None)
        text = path.read_text(encoding="utf-8").strip() if path else "No text in the package."
        by_text.setdefault(text, []).append(
            f"{facts['name']} {facts['version']} ({facts['license']})"
        )
    parts = ["\n".join([*names, "", text]) for text, names in by_text.items()]
    return f"\n\n{'-' * 79}\n\n".join(parts) + "\n"


def main() -> None:
    """Copy, check that nothing ends a script element, and write LICENSES.txt."""
    modules = Path(sys.argv[1])
    packages = sorted(
        closure(modules, ["vega", "vega-lite", "vega-interpreter"]), key=lambda each: each["name"]
    )
    versions = {facts["name"]: facts["version"] for facts in packages}
    for name, source in SOURCES.items():
        text = (modules / source).read_text(encoding="utf-8")
        text = re.sub(r"//# sourceMappingURL=.*\n?", "", text)
        package = source.partition("/")[0]
        if name == "vega-interpreter.js":
            text = plain_script(text, f"{package} {versions[package]}")
        assert "</script" not in text.lower()
        assert "<!--" not in text
        (VENDOR / name).write_text(text.rstrip() + "\n", encoding="utf-8")
    (VENDOR / "LICENSES.txt").write_text(licences(modules, packages), encoding="utf-8")


if __name__ == "__main__":
    main()
