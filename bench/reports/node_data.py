"""Numbers of nodes as graph explorers overlay them on a graph: Model Explorer's node data.

A file holds numbers of one kind: ``{"name": ..., "results": {KEY: {"value": ...}}}``, and where
they are to be coloured a ``gradient``. A key is the name of a node's output.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BenchError
from ..model.work import NodeWork
from ..results.document import Row

GRADIENT = [{"stop": 0, "bgColor": "#fff7ec"}, {"stop": 1, "bgColor": "#d7301f"}]
"""From pale to dark, so that it reads without telling hues apart."""


def node_data(nodes: Sequence[NodeWork], rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return documents by file name: operations, bytes, and of each measured row time and place.

    Nodes that a runtime made itself, such as fused ones, have no place in the model's graph and
    are left out.
    """
    found = {
        "operations": _document("operations", {node.output: node.operations for node in nodes}),
        "bytes": _document("bytes", {node.output: node.bytes for node in nodes}),
    }
    outputs = {node.node: node.output for node in nodes if node.node}
    for row in rows:
        ran = {outputs[each.node]: each for each in row.profile or () if each.node in outputs}
        times = {key: 1e6 * each.seconds for key, each in ran.items()}
        places = {key: each.provider.removesuffix("ExecutionProvider") for key, each in ran.items()}
        for what, values in (("time us", times), ("placement", places)):
            if values:
                name = f"{what}: {row.group} on {row.label}"
                found[_file_name(name)] = _document(name, values)
    return {f"{name}.json": document for name, document in found.items()}


def error_data(on: str, errors: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Return the document of every value's error on a runtime, by its file's name."""
    name = f"relative L2 error on {on}"
    return {f"{_file_name(name)}.json": _document(name, errors)}


def rows_of(rows: Sequence[Row], model: str) -> list[Row]:
    """Return the rows that were measured of a model.

    Raises
    ------
    BenchError
        There are none.
    """
    mine = [row for row in rows if row.model == model]
    if not mine:
        raise BenchError(
            f"the results have no model '{model}'",
            f"theirs are {', '.join(sorted({row.model for row in rows})) or 'none'}",
        )
    return mine


def _document(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    results = {key: {"value": value} for key, value in values.items() if value is not None and key}
    texts = any(isinstance(value, str) for value in values.values())
    return {"name": name, "results": results} | ({} if texts else {"gradient": GRADIENT})


def _file_name(name: str) -> str:
    """Return a name that every file system takes.

    >>> _file_name("time us: net batch=1 on cpu threads=2")
    'time-us-net-batch-1-on-cpu-threads-2'
    """
    return re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")
