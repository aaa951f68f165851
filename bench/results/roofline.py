"""How near a row comes to what its machine can do at most."""

from collections.abc import Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]


def limits_of(row: Facts, counts: Facts | None, peaks: Sequence[Facts]) -> dict[str, Any] | None:
    """Return which parts of the peaks a row reaches, None where nothing was measured or counted.

    The peak is the highest that any runtime reached on the same kind of device with the same
    thread setting. A model that stays in the cache can pass 100 % of the memory's bandwidth.
    """
    if row.get("median_s") is None or counts is None:
        return None
    arithmetic, memory = _best("gemm float32", row, peaks), _best("memory", row, peaks)
    flops_rate = counts["flops"] / row["median_s"]
    bytes_rate = counts["bytes"] / row["median_s"]
    return {
        "flops_per_s": flops_rate,
        "bytes_per_s": bytes_rate,
        "flops_share": flops_rate / arithmetic if arithmetic else None,
        "bytes_share": bytes_rate / memory if memory else None,
        "count_is_whole": not counts["uncounted"],
    }


def with_limits(
    nodes: Sequence[Facts] | None, row: Facts, counts: Facts | None, peaks: Sequence[Facts]
) -> list[dict[str, Any]] | None:
    """Return the profiled nodes with the parts of the peaks that each reaches.

    A node that took others into it keeps the work of the first. Nodes that the runtime made
    itself are not in the model and get None.
    """
    if not nodes or counts is None:
        return None if nodes is None else [dict(node) for node in nodes]
    arithmetic, memory = _best("gemm float32", row, peaks), _best("memory", row, peaks)
    counted = {each["node"]: each for each in counts["nodes"] if each["node"]}
    found = []
    for node in nodes:
        count = counted.get(node["node"].removeprefix("fused "), {})
        rates = {
            "flops_share": _share(count.get("flops"), node["seconds"], arithmetic),
            "bytes_share": _share(count.get("bytes"), node["seconds"], memory),
        }
        found.append({**node, **rates})
    return found


def _share(work: float | None, seconds: float, peak: float | None) -> float | None:
    return work / seconds / peak if work is not None and seconds and peak else None


def _best(what: str, row: Facts, peaks: Sequence[Facts]) -> float | None:
    rates = [
        float(peak["rate"])
        for peak in peaks
        if peak["what"] == what
        and peak["rate"]
        and peak["device"] == row["device"]
        and peak["threads"] == row["threads"]
    ]
    return max(rates, default=None)
