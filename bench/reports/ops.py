"""The table of nodes: where the time of each case goes, and how near the machine's peaks."""

from rich.table import Table

from ..results.document import Results, Row
from ..results.measured import NodeTime
from .cells import cell
from .units import seconds, share

MOST = 8
"""Nodes shown of one case, the slowest first."""


def ops_table(document: Results) -> Table:
    """Return a table of the slowest nodes of every case that was profiled.

    ``of case`` is the node's part of the time of all nodes of the case.
    """
    result = Table(header_style="bold")
    for title in ("model", "on", "node", "op", "ran on", "calls", "time", "of case", "of peak"):
        result.add_column(title, overflow="fold")
    for row in document.rows:
        nodes = sorted(row.profile or (), key=lambda node: -node.seconds)
        total = sum(node.seconds for node in nodes)
        for place, node in enumerate(nodes[:MOST]):
            cells = _cells(row, node, total)
            ends = place + 1 == min(len(nodes), MOST)
            result.add_row(*map(cell, cells), end_section=ends)
    return result


def _cells(row: Row, node: NodeTime, total: float) -> tuple[str, ...]:
    return (
        row.group,
        row.label,
        node.node,
        node.op,
        node.provider.removesuffix("ExecutionProvider"),
        str(node.calls),
        seconds(node.seconds),
        share(node.seconds / total if total else None),
        f"{share(node.flops_share)} / {share(node.bytes_share)}",
    )
