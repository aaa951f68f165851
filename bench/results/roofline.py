"""How near a case comes to what its machine can do at most.

The model of S. Williams, A. Waterman and D. Patterson, Roofline: an insightful visual performance
model for multicore architectures, CACM 52(4), 2009.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model.counts import Counts
from .document import CaseFacts, RooflinePart
from .measured import NodeTime, Peak


@dataclass(frozen=True)
class Roofline:
    """The peaks that hold for a case: the highest that any runtime reached.

    That is on the same kind of device with the same thread setting; None where nothing was
    measured. A model that stays in the cache can pass the memory's bandwidth.
    """

    flops_per_s: float | None
    bytes_per_s: float | None


def roofline(case: CaseFacts, peaks: Sequence[Peak]) -> Roofline:
    """Return the peaks that hold for a case."""
    return Roofline(_best("gemm float32", case, peaks), _best("memory", case, peaks))


def part_of(peak: Roofline, seconds: float | None, counts: Counts | None) -> RooflinePart | None:
    """Return which parts of the peaks a run reaches, None where nothing was measured or counted."""
    if seconds is None or counts is None:
        return None
    return RooflinePart(
        flops_per_s=counts.flops / seconds,
        bytes_per_s=counts.bytes / seconds,
        flops_share=_share(counts.flops, seconds, peak.flops_per_s),
        bytes_share=_share(counts.bytes, seconds, peak.bytes_per_s),
        count_is_whole=not counts.uncounted,
    )


def with_parts(
    nodes: Sequence[NodeTime] | None, peak: Roofline, counts: Counts | None
) -> tuple[NodeTime, ...] | None:
    """Return the profiled nodes with the parts of the peaks that each reaches.

    A node that took others into it keeps the work of the first. Nodes that the runtime made
    itself are not in the model and get None.
    """
    if not nodes or counts is None:
        return None if nodes is None else tuple(nodes)
    flops = {each.node: each.flops for each in counts.nodes if each.node}
    moved = {each.node: each.bytes for each in counts.nodes if each.node}
    return tuple(
        replace(
            node,
            flops_share=_of(flops, node, peak.flops_per_s),
            bytes_share=_of(moved, node, peak.bytes_per_s),
        )
        for node in nodes
    )


def _of(work: Mapping[str, int | None], node: NodeTime, peak: float | None) -> float | None:
    return _share(work.get(node.node.removeprefix("fused ")), node.seconds, peak)


def _share(work: float | None, seconds: float, peak: float | None) -> float | None:
    return work / seconds / peak if work is not None and seconds and peak else None


def _best(what: str, case: CaseFacts, peaks: Sequence[Peak]) -> float | None:
    rates = [
        peak.rate
        for peak in peaks
        if peak.what == what
        and peak.rate
        and peak.device == case.device
        and peak.threads == case.threads
    ]
    return max(rates, default=None)
