"""``onnxwright providers``: which runtimes are there, and what to install for the others."""

from collections.abc import Iterable
from dataclasses import asdict

import click
from rich.table import Table

from ....runtime import providers
from ....runtime.discovery import ProviderInfo
from ...reports.cells import cell
from ...reports.plain import plain_table
from ..terminal import format_option, print_json, print_table


@click.command(name="providers")
@format_option
def command(output_format: str) -> None:
    """List the runtimes and onnxruntime's providers, and try whether each one starts."""
    found = providers(absent=True)
    if output_format == "json":
        print_json({"schema_version": 1, "providers": [asdict(info) for info in found]})
    else:
        print_table(_table(found))


def _table(found: Iterable[ProviderInfo]) -> Table:
    table = plain_table(("on", "ready", "from, or what to do"))
    for info in found:
        told = "; ".join(part for part in (info.library, info.detail) if part)
        table.add_row(info.on, "yes" if info.ready else "no", cell(told))
    return table
