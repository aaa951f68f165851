"""``bench --suite`` without a name: which suites there are."""

from ..plan.suites import SLIDING, SUITES
from .terminal import print_json, print_lines


def list_suites(output_format: str) -> None:
    """Print the suites and their models."""
    if output_format == "json":
        suites = [
            {"suite": name, "title": suite.title, "models": suite.models}
            for name, suite in SUITES.items()
        ]
        print_json({"schema_version": 1, "suites": suites})
        return
    for name, suite in SUITES.items():
        print_lines([f"{name}: {suite.title}"])
    for model, size in SLIDING.items():
        print_lines([f"  {model}: {size.says()}, {size.parameters():,} parameters"])
