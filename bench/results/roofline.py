"""How near a case comes to what its machine can do at most.

The model of S. Williams, A. Waterman and D. Patterson, Roofline: an insightful visual performance
model for multicore architectures, CACM 52(4), 2009.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..model.counts import Counts
from ..model.steps import Steps
from .document import CaseFacts, RooflinePart
from .measured import NodeTime, Peak

READ = "read "
"""What the names of peaks of reading begin with; the bytes follow."""


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
    reads: Mapping[int, float] = field(default_factory=dict)
    """Bytes/s of reading a matrix again and again, by its bytes."""

    def floor_s(self, counts: Counts) -> float | None:
        """Return the least seconds that the steps of recurrent layers, and all else, can take.

        A step reads its weights at the speed of the cache that they fit in, or computes its
        products at the peak, whichever takes longer; what does not depend on the last step is
        computed at the peak. None without recurrent layers, or without the peaks.
        """
        if not counts.steps or not self.flops_per_s or not self.reads:
            return None
        rest = counts.flops - sum(each.steps * each.flops for each in counts.steps)
        waiting = math.fsum(each.steps * self._step_s(each) for each in counts.steps)
        return waiting + max(rest, 0) / self.flops_per_s

    def _step_s(self, layer: Steps) -> float:
        fitting = [size for size in sorted(self.reads) if size >= layer.bytes]
        speed = self.reads[fitting[0] if fitting else max(self.reads)]
        return max(layer.bytes / speed, layer.flops / (self.flops_per_s or math.inf))


def roofline(case: CaseFacts, peaks: Sequence[Peak], counts: Counts | None = None) -> Roofline:
    """Return the peaks that hold for a case, of the element type that it mostly computes in."""
    dtype = "float32" if counts is None else counts.dtype
    flops, memory = (_best(what, case, peaks) for what in (f"gemm {dtype}", "memory"))
    return Roofline(
        flops.rate if flops else None,
        memory.rate if memory else None,
        dtype,
        any(peak.flags for peak in (flops, memory) if peak),
        _reads(case, peaks),
    )


def _reads(case: CaseFacts, peaks: Sequence[Peak]) -> dict[int, float]:
    """Return the speeds of reading by the bytes that are read, from the best of each."""
    names = {peak.what for peak in peaks if peak.what.startswith(READ)}
    best = {int(name.removeprefix(READ)): _best(name, case, peaks) for name in names}
    return {size: peak.rate for size, peak in best.items() if peak and peak.rate}


def part_of(peak: Roofline, seconds: float | None, counts: Counts | None) -> RooflinePart | None:
    """Return which parts of the peaks a run reaches, None where nothing was measured or counted."""
    if seconds is None or counts is None:
        return None
    floor = peak.floor_s(counts)
    return RooflinePart(
        flops_per_s=counts.flops / seconds,
        bytes_per_s=counts.bytes / seconds,
        flops_share=_share(counts.flops, seconds, peak.flops_per_s),
        bytes_share=_share(counts.bytes, seconds, peak.bytes_per_s),
        count_is_whole=not counts.uncounted,
        dtype=peak.dtype,
        peaks_disturbed=peak.disturbed,
        floor_s=floor,
        floor_share=None if floor is None else floor / seconds,
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
