"""Which nodes ran on which provider, and those that fell back by name."""

from collections.abc import Iterable

from ...results.document import Results, Row
from ...results.measured import NodeTime, PlacedNode
from .markup import Markup, element

MOST = 40
"""Nodes named of a case."""
HOW = (
    "How many of a model's nodes ran on the provider that was asked for. What it cannot run "
    "falls back to another, and each step from one to the other copies data. Nodes that fell "
    "back are named."
)


def placement_section(results: Results) -> Markup | None:
    """Return a table, a model's rows with the same placement as one; None where none is known."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in results.rows:
        if row.placement:
            found.setdefault((row.model, row.label, row.placement), []).append(row)
    if not found:
        return None
    nodes = placed(results)
    lines = [
        element("tr", element("th", model, scope="row"), element("td", label), element("td", line),
                element("td", _fallen(rows[0], nodes.get(rows[0].id, ()))))
        for (model, label, line), rows in found.items()
    ]  # fmt: skip
    heads = [
        element("th", title, scope="col")
        for title in ("model", "runtime", "placement", "fell back")
    ]
    return element(
        "div",
        element("table", element("thead", element("tr", *heads)), element("tbody", *lines)),
        class_="scroll",
        tabindex=0,
    )


def placed(results: Results) -> dict[str, tuple[PlacedNode, ...]]:
    """Return where the nodes of each case were placed, by the case's id."""
    found: dict[str, tuple[PlacedNode, ...]] = {}
    for process in results.processes:
        profile = process.result.profile if process.result else None
        if profile and profile.placement:
            found.setdefault(process.case, profile.placement)
    return found


def _fallen(row: Row, nodes: Iterable[PlacedNode]) -> Markup | str:
    others = [each for each in nodes or row.profile or () if each.provider != row.provider]
    if not others:
        return "none"
    names = [_where(each) for each in others[:MOST]]
    more = [f"and {len(others) - MOST} more"] if len(others) > MOST else []
    told = f"{len(others)} {'node' if len(others) == 1 else 'nodes'}"
    items = [element("li", name) for name in [*names, *more]]
    return element("details", element("summary", told), element("ul", *items))


def _where(node: PlacedNode | NodeTime) -> str:
    provider = node.provider.removesuffix("ExecutionProvider")
    return f"{node.node or '(no name)'} ({node.op}) on {provider}"
