"""The table of nodes: where the time of each case goes, and how near the machine's peaks."""

import math

from rich.text import Text

from ..results.document import Results, Row
from ..results.measured import NodeTime
from .printable import printable
from .sections import Section, Sections
from .units import seconds, share

MOST = 8
"""Nodes shown of one case, the slowest first."""
HEADINGS = ("node", "op", "ran on", "calls", "time", "of case", "of peak")


def ops_table(document: Results) -> Sections:
    """Return a table of the slowest nodes of every case that was profiled.

    ``of case`` is the node's part of the time of all nodes of the case, ``of peak`` its part of the
    machine's arithmetic and of its bandwidth.
    """
    sections = [_section(row) for row in document.rows if row.profile]
    return Sections(HEADINGS, sections, [name in ("node", "op", "ran on") for name in HEADINGS])


def _section(row: Row) -> Section:
    nodes = sorted(row.profile or (), key=lambda node: -node.seconds)
    total = math.fsum(node.seconds for node in nodes)
    cells = [[Text(printable(text)) for text in _cells(node, total)] for node in nodes[:MOST]]
    return Section(f"{row.group}, {row.label}", cells)


def _cells(node: NodeTime, total: float) -> tuple[str, ...]:
    return (
        node.node,
        node.op,
        node.provider.removesuffix("ExecutionProvider"),
        str(node.calls),
        seconds(node.seconds),
        share(node.seconds / total if total else None),
        f"{share(node.flops_share)} / {share(node.bytes_share)}",
    )
