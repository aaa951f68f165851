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
    """The peaks that hold for a case: the highest that any runtime reached undisturbed.

    That is on the same kind of device with the same thread setting; None where nothing was
    measured. A model that stays in the cache can pass the memory's bandwidth.
    """

    flops_per_s: float | None
    bytes_per_s: float | None
    dtype: str = "float32"
    """Of the arithmetic."""
    disturbed: bool = False
    """Whether one of them was disturbed whenever it was measured."""


def roofline(case: CaseFacts, peaks: Sequence[Peak], counts: Counts | None = None) -> Roofline:
    """Return the peaks that hold for a case, of the element type that it mostly computes in."""
    dtype = "float32" if counts is None else counts.dtype
    flops, memory = (_best(what, case, peaks) for what in (f"gemm {dtype}", "memory"))
    return Roofline(
        flops.rate if flops else None,
        memory.rate if memory else None,
        dtype,
        any(peak.flags for peak in (flops, memory) if peak),
    )


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
        dtype=peak.dtype,
        peaks_disturbed=peak.disturbed,
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


def _best(what: str, case: CaseFacts, peaks: Sequence[Peak]) -> Peak | None:
    """Return the highest of the peaks that were not disturbed, of all where all were."""
    fitting = [
        peak
        for peak in peaks
        if peak.what == what
        and peak.rate
        and peak.device == case.device
        and peak.threads == case.threads
    ]
    quiet = [peak for peak in fitting if not peak.flags]
    return max(quiet or fitting, key=lambda peak: peak.rate or 0.0, default=None)
